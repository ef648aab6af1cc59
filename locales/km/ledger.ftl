## What was said in a team

ledger-title = នរណា​ចូល នរណា​ចេញ ហើយ​នរណា​ប្តូរ​អ្វី
ledger-nobody = នរណា​ម្នាក់​ដែល​គ្មាន​គណនី
ledger-root = { $by } បាន​ចាប់ផ្តើម​ក្រុម។
ledger-approve = { $by } បាន​ធានា​ឱ្យ { $person }។
ledger-object = { $by } បាន​ជំទាស់​នឹង { $person }។
ledger-admit = { $by } បាន​ឱ្យ { $person } ចូល។
ledger-admit-lead = { $by } បាន​ឱ្យ { $person } ចូល​ដើម្បី​ដឹកនាំ​ក្រុម។
ledger-generation = { $by } បាន​ប្តូរ​សោ​របស់​ក្រុម។ ឥឡូវ​វា​ជា​ជំនាន់​ទី { $number }។
ledger-leave = { $by } បាន​ចេញ។
ledger-exit = { $by } បាន​ដក { $person } ចេញ​ពី​ក្រុម។
ledger-lead = { $by } បាន​តែងតាំង { $person } ជា​អ្នក​ដឹកនាំ។
ledger-lead-off = { $by } បាន​ដក​តួនាទី​អ្នក​ដឹកនាំ​ពី { $person }។
ledger-step-down = { $by } លែង​ដឹកនាំ​ក្រុម។
ledger-rules = { $by } បាន​កំណត់​វិធាន​សម្រាប់​អ្នក​ថ្មី។ សមាជិក​ដែល​ត្រូវ​យល់ព្រម៖ { $approvals }។ ម៉ោង​សម្រាប់​ជំទាស់៖ { $hours }។
ledger-rules-wish = { $by } ចង់​បាន​វិធាន​ធូរ​ជាង​មុន​សម្រាប់​អ្នក​ថ្មី។ សមាជិក​ដែល​ត្រូវ​យល់ព្រម៖ { $approvals }។ ម៉ោង​សម្រាប់​ជំទាស់៖ { $hours }។
ledger-rules-stop = { $by } បាន​បញ្ឈប់​សំណើ​សម្រាប់​វិធាន​ធូរ​ជាង។
ledger-recovery-on = { $by } បាន​សម្រេច​ថា​សោ​សង្គ្រោះ​អាច​បើក​ក្រុម​បាន។
ledger-recovery-off = { $by } បាន​សម្រេច​ថា​ក្រុម​មិន​ប្រើ​សោ​សង្គ្រោះ។
ledger-renew = { $by } មាន​សោ​ផ្ទាល់ខ្លួន​ថ្មី។
ledger-recover = { $by } ត្រូវ​បាន​ឱ្យ​ចូល​ដោយ​សោ​សង្គ្រោះ។
