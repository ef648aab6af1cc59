### Pages for the staff of the hotline. Tone: calm, polite, plain. No blame, no alarm.
### Handles, numbers and days come in as variables; nothing here is ever joined to another sentence.
### Words are parted by U+200B (zero-width space) so that lines break well.

## Every page

staff-nav-label = ទំព័រ
staff-nav-queue = បញ្ជីរង់ចាំ
staff-nav-team = ក្រុមខ្ញុំ
staff-nav-status = ស្ថានភាព
staff-nav-people = បុគ្គលិក
staff-nav-teams = ក្រុម
staff-nav-mail = អ៊ីមែល
staff-nav-charters = ចុះហត្ថលេខា
staff-nav-audit = សវនកម្ម
staff-sign-out = ចាកចេញ
staff-role = តួនាទី
staff-code-hint = លេខ ៦ ខ្ទង់​ដែល​កម្មវិធី​ផ្ទៀង​ផ្ទាត់​បង្ហាញ​នៅពេល​នេះ។ អាច​វាយ​ជាលេខ​ខ្មែរ​បាន។
staff-fresh-code = លេខកូដថ្មី
staff-fresh-code-hint = សកម្មភាព​នេះ​ត្រូវ​ការ​លេខកូដ ៦ ខ្ទង់​ថ្មីពី​កម្មវិធី​ផ្ទៀង​ផ្ទាត់​របស់​អ្នក។ លេខកូដ​មួយ​ប្រើ​បានតែ​ម្តង។
staff-kept-label = អ្វី​ដែល​អ្នក​បាន​សរសេរ។ មិន​ទាន់​បាន​រក្សា​ទុក​នៅឡើយ​ទេ។
staff-reason = មូលហេតុ
staff-pages = ទំព័រ​ផ្សេង​ទៀត
staff-page-previous = ទំព័រមុន
staff-page-next = ទំព័របន្ទាប់
staff-page-number = ទំព័រទី { $page }

## The demonstration

staff-demo-banner = ការ​បង្ហាញ​សាកល្បង។ អ្វីៗ​នៅ​ទីនេះ​មិនមែន​ជា​ការ​ពិត​ទេ សូម​កុំ​វាយ​រឿង​ពិត។
staff-demo-mail-link = មើលអ៊ីមែល
staff-demo-accounts = គណនី​សម្រាប់​សាកល្បង
staff-demo-accounts-lead = លេខកូដ​ប្តូរ​រៀង​រាល់ ៣០ វិនាទី ហើយ​ប្រើ​បានតែ​ម្តង។ សូម​ផ្ទុក​ទំព័រ​នេះ​ឡើង​វិញ​ដើម្បី​យកលេខ​បន្ទាប់។
staff-demo-code = លេខកូដពេលនេះ
staff-demo-mail-title = អ៊ីមែល​នៃ​ការ​បង្ហាញ​សាកល្បង
staff-demo-mail-lead = ពេល​ប្រើ​ប្រាស់​ពិត អ៊ីមែល​ទាំង​នេះ​ត្រូវ​ផ្ញើ​តាម​ការ​តភ្ជាប់​ដែល​មាន​ការ​ការពារ។ គ្រប់​អ៊ីមែល​មាន​ពាក្យ​ដូច​គ្នា និង​ទំហំ​ដូច​គ្នា ទោះបី​គេ​រាយ​ការណ៍​អ្វី​ក៏ដោយ។
staff-demo-mail-empty = មិន​ទាន់​មាន​អ៊ីមែល​ទេ។ សូម​ផ្ញើរ​បាយ​ការណ៍​មួយ នោះ​អ៊ីមែល​នឹង​មកដល់​ក្នុង​មួយ​នាទី ឬក្នុង ១៥ នាទីបន្ទាប់។

## Signing in

staff-login-title = ចូលប្រើ
staff-login-lead = សម្រាប់​បុគ្គលិក​នៃ​បណ្តាញ​ទទួល​របាយ​ការណ៍។ បើ​អ្នក​ចង់​រាយ​ការណ៍ ទំព័រ​នេះ​មិនមែន​សម្រាប់​អ្នក​ទេ។
staff-login-handle = ឈ្មោះគណនី
staff-login-passphrase = ឃ្លាសម្ងាត់
staff-login-code = លេខកូដ
staff-login-submit = ចូលប្រើ
staff-login-lost = បាត់​ទូរស័ព្ទ ឬ​លេខកូដសង្គ្រោះ​ដែរ? សូម​ស្នើ​អ្នក​គ្រប់​គ្រង​ឱ្យ​កំណត់​គណនី​របស់​អ្នក​ឡើង​វិញ។ គ្មាន​អ្នកណា​អាច​មើល​ឃើញ​ឃ្លា​សម្ងាត់​របស់​អ្នក​ទេ ដូច្នេះ​គ្មាន​អ្នកណា​អាច​ផ្ញើវាឱ្យ​អ្នក​បានទេ។
staff-login-wrong = មិន​អាច​ចូល​បានទេ។ សូម​ពិនិត្យ​ឈ្មោះ​គណនី ឃ្លាសម្ងាត់ និងលេខកូដ ហើយ​រង់​ចាំ​លេខកូដ​ថ្មី​មុន​នឹង​សាក​ម្តង​ទៀត។
staff-login-expired = ទំព័រ​នេះបើក​ទុក​យូរ​ពេក។ សូម​បំពេញ​ម្តង​ទៀត។

## Joining

staff-join-title = រៀបចំ​គណនី​របស់​អ្នក
staff-join-lead = អ្នក​ត្រូវ​បាន​អញ្ជើញ​ក្នុង​ឈ្មោះ { $handle }។ ការ​រៀបចំ​នេះ​ត្រូវ​ការ​ប្រហែល​ប្រាំ​នាទី។ អ្នក​ត្រូវ​មាន​ទូរស័ព្ទ​ដែល​មាន​កម្មវិធី​ផ្ទៀង​ផ្ទាត់ និងប៊ិចមួយ។
staff-join-role = តួនាទី​របស់​អ្នក៖
staff-join-step-passphrase = ១. ឃ្លា​សម្ងាត់​របស់​អ្នក
staff-join-passphrase-why = វាបើកសោ​របស់​អ្នក។ វា​មិន​ត្រូវ​បាន​រក្សា​ទុក​នៅ​ទីណា​ទេ ដូច្នេះ​គ្មាន​អ្នកណា​អាច​មើលវា ឬ​កំណត់វា​ឡើង​វិញ​បានទេ។
staff-join-words = ប្រើ​ពាក្យ​ទាំង​ប្រាំ​មួយ​នេះ (ល្អជាង)
staff-join-words-hint = សូម​សរសេរ​ពាក្យ​ទាំង​នេះ​លើក្រដាស​ឥឡូវ​នេះ តាម​លំដាប់​នេះ។ ទុក​ក្រដាសឱ្យ​ឆ្ងាយពី​កុំ​ព្យូទ័រ។
staff-join-own = ប្រើ​ឃ្លា​សម្ងាត់​ផ្ទាល់​ខ្លួន
staff-join-own-label = ឃ្លា​សម្ងាត់​ផ្ទាល់​ខ្លួន
staff-join-step-code = ៣. កម្មវិធី​ផ្ទៀង​ផ្ទាត់​របស់​អ្នក
staff-join-code-how = ស្កេន​រូប​នេះ​ដោយ​កម្មវិធី។ បើ​ស្កេន​មិន​បាន សូម​វាយ​អក្សរ​ខាង​ក្រោម​ចូល​ក្នុង​កម្មវិធី។ វា​បង្ហាញតែ​នៅ​ទីនេះ​ប៉ុណ្ណោះ។
staff-join-qr = កូដ QR សម្រាប់​កម្មវិធី​ផ្ទៀង​ផ្ទាត់
staff-join-secret = ឬវាយ៖
staff-join-code = លេខកូ​ដដែល​កម្មវិធី​បង្ហាញ​នៅពេល​នេះ
staff-join-step-recovery = ២. លេខកូដសង្គ្រោះ​របស់​អ្នក
staff-join-recovery-why = វា​ជួយ​អ្នក​ឱ្យ​ចូល​វិញ​បាន បើ​បាត់​ឃ្លា​សម្ងាត់។
staff-join-noted = ខ្ញុំ​បាន​សរសេរ​ឃ្លា​សម្ងាត់​ទុក ឬ​ចាំវា​បាន​ហើយ។
staff-join-submit = រៀបចំគណនី
staff-join-weak = ឃ្លា​សម្ងាត់​នេះ​ងាយ​ទាយ​ពេក។ សូម​ប្រើ​ពាក្យ​ច្រើន​ជាង​នេះ​ដែល​មិន​ទាក់ទង​គ្នា ឬយក​ពាក្យ​ទាំង​ប្រាំ​មួយ​ខាងលើ។
staff-join-wrong-code = លេខកូដ​នេះ​មិន​ត្រឹម​ត្រូវ ឬផុតពេលហើយ។ សូម​វាយ​លេខ​ដែល​កម្មវិធី​បង្ហាញ​នៅពេល​នេះ។
staff-join-noted-missing = សូម​សរសេរ​ឃ្លា​សម្ងាត់​ទុកជា​មុន រួចគូស​ប្រអប់​នេះ។ បើគ្មានវា អ្នក​មិន​អាច​ចូល​វិញ​បានទេ។
staff-join-expired = ទំព័រ​នេះបើក​ទុក​យូរ​ពេក។ នេះ​ជា​រូបភាព​ថ្មី និង​លេខកូដ​សង្គ្រោះ​ថ្មី៖ សូម​ស្កេន និង​សរសេរ​ម្តង​ទៀត។
staff-join-unknown-title = ការ​អញ្ជើញ​នេះ​មិន​អាច​ប្រើ​បានទេ
staff-join-unknown-text = ការ​អញ្ជើញ​នេះ​ត្រូវ​បាន​ប្រើ​រួច​ហើយ ឬលើសពី ៧២ ម៉ោង ឬ​អាសយដ្ឋាន​មិន​ពេញលេញ។ សូមសុំ​ការ​អញ្ជើញ​ថ្មីពី​អ្នក​គ្រប់​គ្រង។

## The recovery code

staff-recovery-sheet = លេខកូដសង្គ្រោះ។ ទុក​ក្នុង​ទូដែក។
staff-recovery-keep = សូម​សរសេរវា​ទុក ឬបោះពុម្ព ដាក់​ក្នុង​ស្រោម​សំបុត្របិទ​ជិត នៅ​កន្លែង​មាន​សុវត្ថិភាព កុំ​ទុកជា​មួយ​ឃ្លា​សម្ងាត់។
staff-recovery-print = ដើម្បី​បោះពុម្ព សូម​ប្រើ​ម៉ឺនុយ​កម្មវិធី​រុករក។ មានតែ​លេខកូដ​ប៉ុណ្ណោះ​ដែល​ត្រូវ​បោះពុម្ព។
staff-recovery-power = អ្នកណាមានវា និង​មាន​ច្បាប់​ចម្លង​ទិន្នន័យ អាចបើក​អ្វី​ដែល​អ្នក​អាចបើក​បាន។
staff-recovery-new-title = លេខកូដសង្គ្រោះ​ថ្មី
staff-recovery-new-lead = អ្នក​សរសេរ​លេខកូដ​ថ្មី​លើ​ក្រដាស​ជាមុន។ លេខកូដ​ចាស់​នៅ​ប្រើ​បាន រហូត​ដល់​អ្នក​វាយ​ចុង​លេខកូដ​ថ្មី​មកវិញ។
staff-recovery-new-submit = បង្កើត​លេខកូដសង្គ្រោះ​ថ្មី

## The account

staff-account-title = គណនី​របស់​ខ្ញុំ
staff-fingerprint = លេខសម្គាល់សោ
staff-fingerprint-mine-hint = សូមអានលេខ ៣០ ខ្ទង់​នេះ​ឱ្យ​មិត្ត​រួម​ក្រុម​ស្តាប់ ទល់មុខគ្នា ឬតាមទូរស័ព្ទ ពេល​អ្នក​ចូល​រួម​ក្រុម។
staff-verify-key = សោ​ចុះ​ហត្ថលេខា​របស់​អ្នក
staff-verify-key-hint = អ្នក​ដំណើរ​ការ​ប្រព័ន្ធ​សរសេរ​វា​ក្នុង​ឯកសារ​កំណត់​រចនា​សម្ព័ន្ធ ជាសោ​របស់​អ្នក​ថែរក្សា។ វា​មិនមែន​ជា​ការ​សម្ងាត់​ទេ។ មុន​នោះ សូមអានលេខ ៣០ ខ្ទង់​នៃ​លេខសម្គាល់សោ​ឱ្យ​គេ​ស្តាប់ ទល់មុខគ្នា ឬតាមទូរស័ព្ទ។
staff-passphrase-title = ប្តូរ​ឃ្លា​សម្ងាត់
staff-passphrase-old = ឃ្លា​សម្ងាត់​បច្ចុប្បន្ន
staff-passphrase-new = ឃ្លា​សម្ងាត់​ថ្មី
staff-passphrase-submit = ប្តូរ
staff-account-wrong = ឃ្លាសម្ងាត់ ឬលេខកូដ​មិន​ត្រឹម​ត្រូវ។ គ្មាន​អ្វី​ត្រូវ​បាន​ផ្លាស់​ប្តូរ​ទេ។

## Roles

staff-role-caseworker = អ្នក​ទទួល​បន្ទុក​ករណី
staff-role-custodian = អ្នក​ថែរក្សាសោ
staff-role-administrator = អ្នក​គ្រប់​គ្រង
staff-role-auditor = សវនករ
staff-role-explained-caseworker = អាន​របាយ​ការណ៍​ដែល​មកដល់​ក្រុម សម្រេចថា​បន្ទាន់​ប៉ុនណា ហើយ​ឆ្លើយ​ទៅ​អ្នក​ដែល​បាន​ផ្ញើ។
staff-role-explained-custodian = ចុះ​ហត្ថ​លេខាថា​ក្រុមណា​អាច​ទទួល​របាយ​ការណ៍។ មិន​អាន​របាយ​ការណ៍​ទេ។
staff-role-explained-administrator = អញ្ជើញ​បុគ្គលិក និង​ថែទាំ​ប្រព័ន្ធ។ មិនកាន់សោ ហើយ​មិន​អាច​អាន​របាយ​ការណ៍​បានទេ។
staff-role-explained-auditor = មើល​ឃើញថា​អ្នកណា​ធ្វើ​អ្វី នៅថ្ងៃណា ប៉ុន្តែ​មិន​ឃើញ​ខ្លឹមសារ​របាយ​ការណ៍​ទេ។

## Urgency and states

staff-urgency-u0 = U0 · គ្រោះ​ថ្នាក់​ឥឡូវ​នេះ
staff-urgency-u1 = U1 · គ្រោះ​ថ្នាក់​ក្នុង​ប៉ុន្មាន​ថ្ងៃ
staff-urgency-u2 = U2 · ធ្ងន់ធ្ងរ
staff-urgency-u3 = U3 · ព័ត៌មាន
staff-urgency-any = ទាំងអស់
staff-state-open = កំពុងបើក​ទាំង​អស់
staff-state-received = ថ្មី
staff-state-in-triage = កំពុងពិនិត្យ
staff-state-needs-information = រង់​ចាំ​អ្នក​រាយ​ការណ៍
staff-state-linked = ភ្ជាប់​ទៅ​របាយ​ការណ៍​ផ្សេង
staff-state-suspected-spam = ប្រហែល​ជាសារ​ឥត​បាន​ការ
staff-state-locked = បានចាក់សោ

## The queue

staff-queue-title = បញ្ជីរង់ចាំ
staff-queue-filter-state = ស្ថានភាព
staff-queue-filter-urgency = ភាពបន្ទាន់
staff-queue-filter-submit = បង្ហាញ
staff-queue-filter-clear = បង្ហាញ​របាយ​ការណ៍​ដែល​កំពុងបើក​ទាំង​អស់
staff-queue-empty-title = គ្មាន​របាយ​ការណ៍​រង់​ចាំ​ទេ
staff-queue-empty-text = របាយ​ការណ៍​ទាំង​អស់​ដែលសោ​របស់​អ្នក​បើក​បាន មាន​អ្នក​ទទួល​ហើយ។ របាយ​ការណ៍​ថ្មី​នឹង​បង្ហាញ​នៅ​ទីនេះ។ ករណី​បន្ទាន់​នឹង​ផ្ញើ​អ៊ីមែល​ទៅ​អ្នក​ប្រចាំ​ការ​ផងដែរ។ អ្នក​អាច​សម្រាក​ភ្នែក​បាន។
# Shown to somebody whose keys do not open what comes in. $teams are names of teams.
staff-reach-without = អ្នក​មិន​ទាន់​មើល​ឃើញ​អ្វី​ដែល​ចូល​មក​សម្រាប់ { $teams } ទេ៖ គ្មាន​នរណា​នៅ​ទីនោះ​បាន​ឱ្យ​សោ​បច្ចុប្បន្ន​របស់​ក្រុម​ដល់​អ្នកទេ។ ប៉ុន្តែ​អាច​មាន​អ្វី​កំពុង​រង់ចាំ។ សូម​សុំ​សមាជិក​ម្នាក់​ឱ្យ​អ្នក​ចូល។
staff-reach-no-team = អ្នក​មិន​នៅ​ក្នុង​ក្រុម​ណាទេ ដូច្នេះ​អ្នក​មើល​មិន​ឃើញ​អ្វី​ដែល​ចូល​មកទេ។ ប៉ុន្តែ​អាច​មាន​អ្វី​កំពុង​រង់ចាំ។ សូម​សុំ​អ្នកគ្រប់គ្រង​ដាក់​អ្នក​ទៅ​ក្នុង​ក្រុម។
staff-reach-link = ក្រុម​របស់​អ្នក
staff-queue-unseen-title = អ្នក​មិន​អាច​ដឹង​ថា​មាន​អ្វី​កំពុង​រង់ចាំ​ឬទេ
staff-queue-unseen-text = បញ្ជី​នេះ​ទទេ ព្រោះ​សោ​របស់​អ្នក​មិន​ទាន់​បើក​អ្វី​បានទេ មិន​មែន​ព្រោះ​គ្មាន​អ្វីទេ។
staff-queue-none-title = គ្មាន​របាយ​ការណ៍​ត្រូវ​នឹង​ជម្រើស​នេះ​ទេ
staff-queue-none-text = ប្រហែល​មាន​របាយ​ការណ៍​ផ្សេង​ទៀត។ សូម​បង្ហាញ​របាយ​ការណ៍​ដែល​កំពុងបើក​ទាំង​អស់ ដើម្បីឱ្យ​ប្រាកដ។
staff-card-claim = ទទួលយក
staff-card-open = បើកមើល
staff-card-read = អានប៉ុណ្ណោះ
staff-card-yours = របស់អ្នក
staff-card-holder = នៅជាមួយ { $handle }
staff-card-barred = មិន​ត្រូវ​ប្រាប់៖
staff-card-unreadable = មិន​អាចបើកសេចក្តី​សង្ខេប​បានទេ។ សូម​ទទួលយក​របាយ​ការណ៍ ដើម្បី​មើលថា​មាន​បញ្ហា​អ្វី។
staff-when-now = ក្នុងម៉ោងនេះ
staff-when-hours = { $hours } ម៉ោងមុន

## One report

staff-report-title = របាយការណ៍
staff-report-back = ត្រឡប់​ទៅ​បញ្ជី​រង់​ចាំ
# A day of which the hour is not kept. $day is a date.
staff-utc-day = { $day } UTC
# At the foot of each page. $zone is a time zone, such as Asia/Phnom_Penh (UTC+07).
staff-zone = ម៉ោង​គិត​តាម { $zone }។ កាលបរិច្ឆេទ​ដែល​គ្មាន​ម៉ោង គិត​តាម UTC។
staff-report-when = { $day } ប្រហែលម៉ោង { $hour }
staff-report-claim-hint = សូម​ទទួលយកវា​មុន​នឹង​ចាត់​ការ ដើម្បី​កុំឱ្យ​អ្នក​ផ្សេង​ធ្វើ​រឿង​ដដែល​ក្នុង​ពេល​តែមួយ។
staff-report-locked = របាយ​ការណ៍​នេះ​ត្រូវ​បាន​ចាក់សោ។ មិន​បង្ហាញ​ខ្លឹម​សារ​ទេ ដើម្បី​ការពារ​កុមារ និងអ្នក។
staff-report-answers = ដូច​ដែល​បាន​សរសេរ
staff-report-answers-hint = គ្មាន​អ្វី​ត្រូវ​បានកែ ហើយ​គ្មាន​អ្វី​ត្រូវ​បាន​បញ្ជាក់​ទេ។ តួ​អក្សរ​លាក់​ត្រូវ​បាន​បង្ហាញ​ជា ⟦U+…⟧ ហើយតំណ​នៅ​ទីនេះ​មិន​អាចចុច​បានទេ។
staff-report-history = អ្វី​ដែល​បាន​កើត​ឡើង​បន្ទាប់
staff-report-history-empty = មិន​ទាន់​មាន​ទេ។
staff-report-release = ដាក់​ត្រឡប់​វិញ
staff-report-release-hint = វា​នឹង​ត្រឡប់​ទៅវិញ​ដោយ​ខ្លួនឯង បន្ទាប់ពី ១៥ នាទី​គ្មាន​សកម្មភាព។
staff-report-id = លេខ​របស់​របាយ​ការណ៍​នេះ សម្រាប់​ភ្ជាប់​របាយ​ការណ៍​ផ្សេង៖
staff-entry-from-reporter = អ្នក​រាយ​ការណ៍​បាន​សរសេរ
staff-entry-to-reporter = សារ​ទៅ​អ្នក​រាយ​ការណ៍
staff-entry-note = កំណត់ចំណាំ
staff-entry-unsigned = ហត្ថលេខា​របស់​អ្នក​ដែល​មាន​ឈ្មោះ​នៅ​ទីនេះ​បាត់ ឬ​មិន​មែន​របស់​គាត់។ សូម​សួរ​គាត់​ថា តើ​គាត់​បាន​សរសេរ​នេះ​ឬ​ទេ។
staff-entry-decision = ការសម្រេច
staff-message-title = សរសេរ​ទៅ​អ្នក​រាយ​ការណ៍
staff-message-label = សារ
staff-message-hint = អ្នក​ផ្សេង​អាច​អាន​សារ​នេះលើ​ទូរស័ព្ទ​អ្នក​រាយ​ការណ៍។ សូម​កុំ​បញ្ចេញ​ឈ្មោះ​អ្នកណា ហើយ​កុំ​និយាយ​ឡើង​វិញ​នូវ​អ្វី​ដែល​បាន​រាយ​ការណ៍។
staff-message-submit = ដាក់​ក្នុង​ប្រអប់សារ
staff-message-ask = សួរ ហើយ​រង់​ចាំ​ចម្លើយ
staff-message-ask-hint = ការ​សួរ​ប្តូរ​របាយ​ការណ៍​ទៅ "រង់​ចាំ​អ្នក​រាយ​ការណ៍"។ វា​នឹង​ត្រឡប់​មកវិញ ពេលគេឆ្លើយ។
staff-message-closed = អ្នក​រាយ​ការណ៍​បានបិទ​ប្រអប់សា​រហើយ។ គ្មាន​សារណា​អាច​ទៅដល់​បានទេ។
staff-note-title = កំណត់​ចំណាំ​សម្រាប់​ក្រុម
staff-note-label = កំណត់ចំណាំ (មិន​បង្ហាញ​ដល់​អ្នក​រាយ​ការណ៍​ទេ)
staff-note-submit = រក្សា​ទុក​កំណត់​ចំណាំ
staff-urgency-title = ភាពបន្ទាន់
staff-urgency-legend = តើ​ត្រូវ​មាន​អ្នក​ចាត់​ការ​ឆាប់​ប៉ុនណា?
staff-urgency-suggested = (ចម្លើយ​បង្ហាញ​ថា​អាច​ជា​កម្រិត​នេះ)
staff-urgency-hints = ចម្លើយ​ដែល​អាច​ពាក់​ព័ន្ធ៖
staff-urgency-reason-hint = សរសេរខ្លីៗ សម្រាប់​អ្នក​ដែល​នឹងអាន​បន្ទាប់។
staff-urgency-submit = កំណត់​ភាព​បន្ទាន់
staff-act-title = ចាត់​ការ​របាយ​ការណ៍​នេះ
staff-act-legend = ជ្រើសរើសមួយ
staff-act-ask-reporter = រង់​ចាំ​អ្នក​រាយ​ការណ៍
staff-act-resume = បន្ត​ពិនិត្យ​វិញ
staff-act-explained-resume = វា​ត្រូវ​រាប់ថា​កំពុង​ពិនិត្យ​វិញ។
staff-act-link = ភ្ជាប់​ទៅ​របាយ​ការណ៍​ផ្សេង
staff-act-explained-link = ទាំង​ពីរ​និយាយ​ពី​ព្រឹត្តិការណ៍​តែមួយ។ ទាំង​ពីរ​ត្រូវ​រក្សា​ទុក ហើយ​អ្នក​រាយ​ការណ៍​ទាំង​ពីរ​នៅតែ​អាច​សរសេរ​បាន។
staff-act-mark-spam = ដូច​ជាសារ​ឥត​បាន​ការ
staff-act-explained-mark-spam = ដាក់​ដោយឡែករយៈ​ពេល ៣០ ថ្ងៃ។ បើ​អ្នក​រាយ​ការណ៍​សរសេរមក វា​នឹង​ត្រឡប់​មកវិញ។
staff-act-lock = ចាក់សោ៖ វាអាចបង្ហាញ ឬ​នាំ​ទៅរក​រូប​ភាព​រំលោភ​បំពាន
staff-act-explained-lock = ចាប់ពីពេលនោះ មិន​បង្ហាញ​ខ្លឹមសារ​របស់វា​ទេ។ មិន​ចាំបាច់​សរសេរ​មូល​ហេតុ​ជាមុន​ទេ។ កុំបើកតំណ​ណាមួយ​នៅ​ក្នុង​នោះ។
staff-act-unlock = ដោះសោ
staff-act-explained-unlock = វា​នឹង​ត្រឡប់​ទៅ​បញ្ជី​រង់​ចាំ​វិញ។
staff-act-claim = បានទទួលយក
staff-act-close = { decisions-kind-no-action }
staff-act-release = បាន​ដាក់​ត្រឡប់​វិញ
staff-act-reporter-wrote = អ្នក​រាយ​ការណ៍​បាន​សរសេរ
staff-act-linked = លេខ​របស់​របាយ​ការណ៍​ផ្សេង
staff-act-linked-hint = សម្រាប់តែ​ការ​ភ្ជាប់៖ អក្សរនិងលេខ ៣២ តួ នៅ​ខាង​ក្រោម​ទំព័រ​របស់វា។
staff-act-submit = អនុវត្ត

## What can go wrong with a report

staff-claim-first-title = សូម​ទទួលយក​របាយ​ការណ៍​ជាមុន
staff-claim-first-text = ពេល​នេះ​គ្មាន​អ្នកណា​ទទួលវា​ទេ។ ម្នាក់​ចាត់​ការ​របាយ​ការណ៍​មួយ​ក្នុង​ពេល​តែមួយ ដើម្បី​កុំ​ឱ្យ​មនុស្ស​ពីរ​នាក់​ចាត់​ការ​ដោយ​មិន​ដឹង​គ្នា។
staff-claim-ended-title = របាយ​ការណ៍​បាន​ត្រឡប់​ទៅ​បញ្ជី​រង់​ចាំ
staff-claim-ended-text = ១៥ នាទី​បាន​កន្លង​ផុត​ដោយ​គ្មាន​សកម្មភាព ដូច្នេះ​វា​ត្រូវ​បាន​ដាក់​ត្រឡប់​វិញ។ មិន​ទាន់​បាន​រក្សា​ទុក​អ្វី​ទេ។ សូម​ទទួលយក​ម្តង​ទៀត អ្វី​ដែល​អ្នក​បាន​សរសេរ​នឹងមក​ជាមួយ។
staff-held-title = { $handle } កំពុង​កាន់​របាយ​ការណ៍​នេះ
staff-held-text = វា​នឹង​ត្រឡប់​ទៅ​បញ្ជី​រង់​ចាំ ពេល​គាត់​ដាក់​វាត្រឡប់​វិញ ឬបន្ទាប់ពី ១៥ នាទី​គ្មាន​សកម្មភាព។ បើរង់​ចាំ​មិន​បាន សូម​និយាយ​ជាមួយ​គាត់។
staff-changed = របាយ​ការណ៍​បាន​ផ្លាស់​ប្តូរ ចាប់​តាំងពី​អ្នកបើក​ទំព័រ​នេះ។ សូម​មើល​អ្វី​ថ្មី​ខាង​ក្រោម រួច​ផ្ញើ​ម្តង​ទៀត។ អ្វី​ដែល​អ្នក​វាយ​នៅ​ទីនេះ​ដដែល។
staff-not-possible = មិន​អាច​ធ្វើ​បានទេ ក្នុង​ស្ថាន​ភាព​បច្ចុប្បន្ន​របស់​របាយ​ការណ៍។
staff-reason-missing = សូម​សរសេរ​មូល​ហេតុ។
staff-second-person = ការ​បន្ថយ​កម្រិត U0 ត្រូវ​ការ​មនុស្ស​ទីពីរ។ សូម​ស្នើ​វា​ខាងក្រោម ហើយ​មិត្ត​រួម​ការងារ​យល់ព្រម។
staff-text-missing = មិន​ទាន់​មាន​សរសេរ​អ្វី​នៅ​ទីនេះ​ទេ។
staff-text-too-long = វែងពេក។ សូម​ផ្ញើ​ជា​ពីរ​ផ្នែក។
staff-choice-missing = សូម​ជ្រើសរើស​មួយ។
staff-linked-wrong = នេះ​មិនមែន​ជាលេខ​របាយ​ការណ៍​ដែល​អ្នក​អាចបើក​បានទេ។
staff-unreadable-title = មិន​អាចបើក​របាយ​ការណ៍​នេះ​បានទេ
# After an act that takes a report out of sight, where words stood on its page that were not sent. They follow in a field.
staff-left-over-title = រួចរាល់
staff-left-over-text = មាន​ពាក្យ​ផ្សេង​ទៀត​នៅ​លើ​ទំព័រ ហើយ​មិន​ទាន់​ត្រូវបាន​រក្សាទុកទេ។ សូម​ចម្លង​អ្វី​ដែល​អ្នក​នៅ​ត្រូវការ។
# Beside a text in which characters stand that take no room. $count is a number; a click names each where it stands.
staff-unseen = តួអក្សរ​ដែល​មើល​មិន​ឃើញ { $count }៖ បង្ហាញ
staff-unreadable-text = អ្វី​ដែល​បាន​រក្សា​ទុក​មិន​ត្រូវ​នឹង​ត្រា​របស់វា​ទេ។ មិន​បង្ហាញ​ខ្លឹម​សារ​ទេ។ សូម​ប្រាប់​អ្នក​គ្រប់​គ្រង​ឥឡូវ​នេះ ហើយ​កុំលុប​អ្វី​ទាំង​អស់។

## My team

staff-team-title = ក្រុមខ្ញុំ
staff-team-waiting = កំពុង​រង់​ចាំ​ចូល​ក្រុម
staff-team-waiting-empty = គ្មាន​អ្នក​រង់​ចាំ​ទេ។ ពេល​សមាជិក​ថ្មី​រៀបចំ​គណនី​រួច គាត់​នឹង​បង្ហាញ​នៅ​ទីនេះ​ជា​មួយ​លេខសម្គាល់សោ ហើយ​សមាជិកណា​ម្នាក់​ក៏​អាចឱ្យ​គាត់​ចូល​បាន។
staff-team-waiting-lead = សូមឱ្យ​សមាជិក​ថ្មី​អាន​លេខសម្គាល់​សោ​របស់​គាត់​ប្រាប់​អ្នក ទល់មុខគ្នា ឬ​តាម​ទូរស័ព្ទ។ ការឱ្យចូល គឺឱ្យ​គាត់បើក​របាយ​ការណ៍​ទាំង​អស់​របស់​ក្រុម។
staff-team-compared = គាត់​បានអានលេខ​នេះ​ប្រាប់​ខ្ញុំ ហើយវា​ដូច​គ្នា។
staff-team-admit = ឱ្យចូលក្រុម
staff-compare-missing = សូម​ប្រៀបធៀបលេខ ៣០ ខ្ទង់ជាមុន រួចគូស​ប្រអប់​នេះ។
staff-compare-changed = លេខសម្គាល់​សោបាន​ផ្លាស់​ប្តូរ ចាប់​តាំងពី​អ្នកបើក​ទំព័រ​នេះ។ សូម​ប្រៀបធៀប​ម្តង​ទៀត ហើយ​ប្រាប់​អ្នក​គ្រប់​គ្រង។
staff-code-wrong = លេខកូដ​នេះ​មិន​ត្រឹម​ត្រូវ ឬ​បាន​ប្រើ​រួច​ហើយ។ សូម​វាយ​លេខ​បន្ទាប់​ដែល​កម្មវិធី​បង្ហាញ។

## People

staff-people-title = បុគ្គលិក
staff-people-lead = អ្នក​ដែល​មាន​គណនី។ អ្នក​អាច​អញ្ជើញ និង​បញ្ឈប់​គណនី ប៉ុន្តែ​អ្នក​មិន​អាចអាន​អ្វី​ដែល​គេ​អាន​បានទេ។
staff-people-teams = ក្រុម
staff-people-state = ស្ថានភាព
staff-people-joined = តាំងពី
staff-people-acts = សកម្មភាព
staff-people-invite-again = អញ្ជើញ​ម្តង​ទៀត
staff-people-disable = បញ្ឈប់​គណនី​នេះ
staff-people-disable-hint = ការ​ចូល​ប្រើ​របស់​គាត់​បញ្ចប់​ភ្លាម ហើយ​អ្វី​ដែល​គាត់​កាន់​នឹង​ត្រឡប់​ទៅ​បញ្ជី​រង់​ចាំ។
staff-people-disable-sure = បញ្ឈប់​ឥឡូវ​នេះ
staff-person-invited = បានអញ្ជើញ រហូតដល់ { $until }
staff-person-invitation-over = ការ​អញ្ជើញផុត​កំណត់
staff-person-active = កំពុងប្រើ
staff-person-waiting = រង់​ចាំ​មិត្ត​រួម​ក្រុមឱ្យ​ចូល
staff-person-disabled = បានបញ្ឈប់
staff-invite-title = អញ្ជើញ​បុគ្គលិក
staff-invite-lead = គណនី​មួយ​មាន​តួនាទី​តែមួយ។ តំណ​ប្រើ​បានតែ​ម្តង ក្នុងរយៈពេល ៧២ ម៉ោង។
staff-invite-handle = ឈ្មោះគណនី
staff-invite-handle-hint = ឈ្មោះ​ខ្លី​សម្រាប់​ចូល​ប្រើ៖ អក្សរឡា​តាំង​តូច លេខ និងសញ្ញា -។ ល្អ​កុំ​ប្រើ​ឈ្មោះ​ពេញ។
staff-invite-team = ក្រុម
staff-invite-team-hint = សម្រាប់តែ​អ្នក​ទទួល​បន្ទុក​ករណី។
staff-invite-team-none = គ្មានក្រុម
staff-invite-lead-box = ដឹកនាំ​ក្រុម​នេះ
staff-invite-submit = បង្កើត​ការ​អញ្ជើញ
staff-invite-handle-taken = មាន​អ្នក​ប្រើ​ឈ្មោះ​នេះ​រួច​ហើយ។
staff-invite-handle-wrong = សូម​ប្រើ​អក្សរឡា​តាំង​តូច លេខ សញ្ញា - និង . ពី ២ ទៅ ៣២ តួ ដោយ​ចាប់​ផ្តើម​ដោយ​អក្សរ។
staff-invite-team-missing = អ្នក​ទទួល​បន្ទុក​ករណី​ត្រូវ​មាន​ក្រុម។ សូម​បង្កើត​ក្រុម​ជាមុន នៅទំព័រ ក្រុម។
staff-invited-title = ការ​អញ្ជើញ​រួចរាល់​ហើយ
staff-invited-lead = សូម​ប្រគល់​អាសយដ្ឋាន​នេះ​ទៅ { $handle }៖
staff-invited-once = វា​បង្ហាញ​តែ​លើ​ទំព័រ​នេះ​ប៉ុណ្ណោះ ការ​បើក​ទំព័រ​នេះ​ឡើងវិញ​នឹង​បង្ហាញ​វា​ម្តង​ទៀត។ បើបាត់ សូម​បង្កើត​ថ្មី។
staff-invited-hours = វា​ប្រើ​បានតែ​ម្តង ក្នុងរយៈពេល ៧២ ម៉ោង។
staff-invited-safe = សូម​ប្រគល់​ដោយ​ផ្ទាល់ ឬ​តាម​កម្ម​វិធី​ផ្ញើសារ​ដែល​អ្នក​ទុកចិត្ត កុំ​ប្រើ​អ៊ីមែល។ អ្នកណាបើកវា​មុន នឹង​ក្លាយ​ជា​ម្ចាស់​គណនី​នេះ។
staff-invited-back = ត្រឡប់​ទៅ​បុគ្គលិក

## Teams

staff-teams-title = ក្រុម
staff-teams-lead = ក្រុម​ទទួល​របាយ​ការណ៍ពី​ច្រក​របស់វា។ អ្នកណា​អាច​ទទួល​បាន ត្រូវ​ចុះ​ហត្ថលេខា​ដោយ​អ្នក​ថែរក្សាសោ មិន​សម្រេច​នៅ​ទីនេះ​ទេ។
staff-teams-empty = មិន​ទាន់​មាន​ក្រុម​ទេ។ សូម​បង្កើត​ក្រុម​ទីមួយ​ខាង​ក្រោម រួច​អញ្ជើញ​អ្នក​ទទួល​បន្ទុក​ករណី​ដំបូង។
staff-teams-channels = ច្រកទទួល
staff-teams-channels-hint = ទម្រង់​ដែល​របាយ​ការណ៍​ត្រូវ​មកដល់​ក្រុម​នេះ។
staff-teams-members = សមាជិក
staff-teams-generation = សោ
staff-teams-generation-none = មិនទាន់មាន
staff-teams-generation-number = ជំនាន់ទី { $number }
staff-teams-next-caseworker = បន្ទាប់៖ អញ្ជើញ​អ្នក​ទទួល​បន្ទុក​ករណី។ ការ​រៀបចំ​គណនី​របស់​គាត់​បង្កើតសោ​ក្រុម។
staff-teams-next-custodian = ច្រកបើកឬបិទ អាច​មើល​នៅ​ទំព័រ ស្ថានភាព។
staff-teams-new = ក្រុមថ្មី
staff-teams-name = ឈ្មោះ
staff-teams-name-hint = រក្សា​ទុកជា​អក្សរ​ដែល​អាចអាន​បាន។ កុំ​ប្រើ​ឈ្មោះ​មនុស្ស ឬករណី។
staff-teams-name-missing = សូម​ដាក់​ឈ្មោះ​ក្រុម។
staff-teams-name-wrong = សូម​ប្រើ​មិនលើស ៨០ តួ ដោយ​គ្មាន​ចុះ​បន្ទាត់។
staff-teams-name-taken = មាន​ក្រុម​ឈ្មោះ​នេះ​រួច​ហើយ ឬ​ច្រក​នេះ​មាន​ក្រុម​រួច​ហើយ។
staff-teams-submit = បង្កើតក្រុម

## Mail

staff-mail-title = អ៊ីមែល​ដែល​ផ្ញើ​មិន​បាន
staff-mail-lead = សេចក្តីជូន​ដំណឹង​ដែល​បាន​ព្យាយាម​ផ្ញើ​អស់បី​ថ្ងៃ។ វា​មិន​និយាយ​អ្វី​អំពី​របាយ​ការណ៍​ទេ។
staff-mail-empty = សេចក្តីជូន​ដំណឹង​ទាំង​អស់​បាន​ផ្ញើ​រួច​ហើយ។
staff-mail-list-hotline = បញ្ជី​បណ្តាញ​ទូរស័ព្ទ
staff-mail-list-oncall = បញ្ជី​អ្នក​ប្រចាំ​ការ
staff-mail-list-backup = បញ្ជីបម្រុង
staff-mail-since = តាំងពី { $day }
staff-mail-retry = ផ្ញើម្តងទៀត
staff-mail-dismiss = ដាក់ដោយឡែក
staff-mail-hint = មុន​នឹង​ផ្ញើ​ម្តង​ទៀត សូម​ពិនិត្យ​អាសយដ្ឋាន និង​ពាក្យ​សម្ងាត់​ម៉ាស៊ីន​អ៊ីមែល ដោយប្រើ៖ kapea mail test ADDRESS

## Status

staff-status-title = ស្ថានភាព
staff-status-channels = ច្រកទទួល
staff-status-channels-empty = មិន​ទាន់​មាន​ច្រកណា​មាន​ក្រុម​ទេ ដូច្នេះ​ទម្រង់​នៅបិទ។ សូម​ធ្វើ​តាម​ជំហាន​ខាង​ក្រោម។
staff-status-open = បើក
staff-status-closed = បិទ
staff-status-members-waiting = រង់​ចាំ​ចូល​ក្រុម
staff-closed-no-team = មិន​ទាន់​មាន​ក្រុម​សម្រាប់វា​ទេ។ សូម​បង្កើត​នៅ​ទំព័រ ក្រុម។
staff-closed-no-key = ក្រុម​មិន​ទាន់​មានសោ​ទេ។ អ្នក​ទទួល​បន្ទុក​ករណី​ដំបូង​បង្កើតវា ពេល​រៀបចំ​គណនី។
staff-closed-not-signed = អ្នក​ថែរក្សាសោ​មិន​ទាន់​ចុះ​ហត្ថលេខា​ទេ។
staff-closed-no-custodian = ឯកសារ​កំណត់​រចនា​សម្ព័ន្ធ​មិន​ទាន់​មាន​ឈ្មោះ​អ្នក​ថែរក្សាសោ​ទេ។
staff-closed-broken = កំណត់​ត្រា​ដែល​បាន​ចុះ​ហត្ថលេខា​មិន​ស៊ី​គ្នា​ទេ។ សូម​ពិនិត្យ​ថ្ងៃ​នេះ។ របាយ​ការណ៍​នៅតែ​ទៅសោ​ល្អ​ចុង​ក្រោយ បើមាន។
staff-status-mail = អ៊ីមែល
staff-status-mail-waiting = រង់​ចាំ​ផ្ញើ​ចេញ
staff-status-mail-dead = ផ្ញើមិនបាន
staff-status-mail-see = មើល
staff-status-languages = ភាសា​នៃ​ទំព័រ​អ្នក​រាយការណ៍
staff-status-language-whole = មាន​ប្រយោគ​គ្រប់​ទាំងអស់។
# $count is a number.
staff-status-language-lacking = ខ្វះ { $count } ប្រយោគ ដែល​បង្ហាញ​ជា​ភាសា​អង់គ្លេស។
staff-status-language-checked = អ្នក​ប្រើ​ភាសា​នេះ​ពី​កំណើត បាន​ពិនិត្យ​ហើយ។
staff-status-language-unchecked = អ្នក​ប្រើ​ភាសា​នេះ​ពី​កំណើត មិន​ទាន់​បាន​ពិនិត្យទេ។
staff-status-start = ពី​ដំបូង​រហូត​ដល់​ទម្រង់បើក
staff-status-start-custodian = អញ្ជើញ​អ្នក​ថែរក្សាសោ។ សរសេរសោ​ចុះ​ហត្ថលេខា​របស់​គាត់​ក្នុង​ឯកសារ​កំណត់​រចនា​សម្ព័ន្ធ (ឬប្រើសោដែល kapea init បានបង្កើត)។
staff-status-start-team = បង្កើតក្រុម ហើយ​កំណត់​ច្រកឱ្យវា។
staff-status-start-caseworker = អញ្ជើញ​អ្នក​ទទួល​បន្ទុក​ករណី​ដំបូង។ ពេល​គាត់​រៀបចំ​គណនី សោ​ក្រុម​នឹង​ត្រូវ​បាន​បង្កើត។
staff-status-start-sign = អ្នក​ថែរក្សាសោ​ប្រៀបធៀប​លេខសម្គាល់​សោ​ជាមួយ​អ្នក​ទទួល​បន្ទុក​ករណី រួច​ចុះ​ហត្ថលេខា។
staff-status-start-test = ផ្ញើរ​បាយ​ការណ៍​សាកល្បង ហើយ​មើល​ថា​សេចក្តីជូន​ដំណឹង​មកដល់។

## Charters

staff-charters-title = អ្នកណា​អាច​ទទួល​របាយ​ការណ៍
staff-charters-lead = ហត្ថលេខា​របស់​អ្នក​បញ្ជាក់ថា៖ របាយ​ការណ៍ពី​ច្រក​នេះ​អាចបិទ​ត្រា​ទៅសោ​របស់​ក្រុម​នេះ។ គ្មាន​អ្នក​ផ្សេង​អាច​បញ្ជាក់​បានទេ សូម្បីតែ​អ្នក​គ្រប់​គ្រង។
staff-charters-empty = គ្មាន​អ្វី​រង់​ចាំ​ហត្ថលេខា​របស់​អ្នក​ទេ។ ពេល​ក្រុម​ណា​បាន​បង្កើតសោ វា​នឹង​បង្ហាញ​នៅ​ទីនេះ។
staff-charters-fingerprint = លេខសម្គាល់សោ​របស់​ក្រុម៖
staff-charters-signatures = ហត្ថលេខា { $have } ក្នុងចំណោម { $need }
staff-charters-signed = អ្នក​បាន​ចុះ​ហត្ថលេខា​រួច​ហើយ។
staff-charters-no-key = ក្រុម​មិន​ទាន់​មានសោ​ទេ។ មិន​ទាន់​មាន​អ្វី​ត្រូវ​ចុះ​ហត្ថលេខា​ទេ។
staff-charters-not-pinned = សោ​របស់​អ្នក​មិន​ទាន់​មាន​ក្នុង​ឯកសារ​កំណត់​រចនា​សម្ព័ន្ធ​ទេ ដូច្នេះ​ហត្ថលេខា​របស់​អ្នក​គ្មាន​តម្លៃ។ សូមឱ្យសោ​ខាង​ក្រោម​ទៅ​អ្នក​ដំណើរ​ការ​ប្រព័ន្ធ។
staff-charters-compared = សមាជិក​ក្រុម​ម្នាក់​បានអានលេខ​នេះ​ប្រាប់​ខ្ញុំ ហើយវា​ដូច​គ្នា។
staff-charters-sign = ចុះហត្ថលេខា

## Audit

staff-audit-title = សវនកម្ម
staff-audit-lead = គ្រប់​សកម្មភាព​ដែល​ពាក់​ព័ន្ធ​នឹង​សិទ្ធិ ខ្លឹមសារ ឬការកំណត់ ថ្មី​បំផុត​នៅ​ខាងលើ។ ខ្លឹមសារ​របាយ​ការណ៍​មិន​មាននៅ​ទីនេះ​ទេ។
staff-audit-newest = ថ្មីបំផុត
staff-audit-older = ចាស់ជាង
staff-audit-sequence = លេខរៀង
staff-audit-day = ថ្ងៃ
staff-audit-class = សកម្មភាព

## Done

done-claimed = របាយ​ការណ៍​នេះ​នៅ​ក្នុងដៃ​អ្នក​ហើយ។
done-released = របាយ​ការណ៍​បាន​ត្រឡប់​ទៅ​បញ្ជី​រង់​ចាំ​វិញ។
done-urgency = បាន​កំណត់​ភាព​បន្ទាន់​ហើយ។
done-note = បាន​រក្សា​ទុក​កំណត់​ចំណាំ​ហើយ។
done-message = សារ​ស្ថិត​ក្នុង​ប្រអប់សា​រហើយ។
done-act = បាន​អនុវត្ត​ហើយ។
done-passphrase = បាន​ប្តូរ​ឃ្លា​សម្ងាត់​ហើយ។ សូម​ចូល​ដោយ​ប្រើ​វា។
done-joined = គណនី​របស់​អ្នក​រួចរាល់​ហើយ។ សូម​ចូល​ដោយ​ប្រើ​ឃ្លា​សម្ងាត់​ដែល​អ្នក​បាន​សរសេរ​ទុក និង​លេខកូដ​ថ្មី​ពី​កម្មវិធី​របស់​អ្នក។
done-admitted = គាត់​ជា​សមាជិក​ក្រុម​ហើយ។
done-disabled = បាន​បញ្ឈប់​គណនី​ហើយ។
done-team = បាន​បង្កើត​ក្រុម​ហើយ។
done-retry = នឹង​ព្យាយាម​ផ្ញើ​ម្តង​ទៀត​ក្នុង​មួយ​នាទី។
done-dismissed = បាន​ដាក់​ដោយឡែក​ហើយ។
done-signed = បាន​ចុះ​ហត្ថលេខា​ហើយ។
done-signed-out = អ្នក​បាន​ចាក​ចេញ​ហើយ។

## Errors

staff-forbidden-title = សំណើ​នេះ​ត្រូវ​បាន​បដិសេធ
staff-forbidden-text = វា​មិន​បាន​មកពី​ទំព័រ​របស់​ប្រព័ន្ធ​នេះ​ដែល​អ្នកបើក​ទេ ឬ​ទំព័រ​នោះ​មកពី​ការ​ចូល​ប្រើ​មុន។ សូម​ត្រឡប់​ក្រោយ ផ្ទុក​ទំព័រ​ឡើង​វិញ រួច​សាក​ម្តង​ទៀត។
staff-bad-request-title = មិន​អាចអាន​សំណើ​នេះ​បានទេ
staff-bad-request-text = ទម្រង់​មកដល់​ដោយខូច។ សូម​ត្រឡប់​ក្រោយ ផ្ទុក​ទំព័រ​ឡើង​វិញ រួច​សាក​ម្តង​ទៀត។
staff-too-large-title = ច្រើន​ពេក​ក្នុង​ម្តង
staff-too-large-text = សូម​ត្រឡប់​ក្រោយ ហើយ​ផ្ញើ​ជា​ផ្នែក​តូចៗ។
staff-busy-title = ម៉ាស៊ីន​មេ​កំពុង​រវល់
staff-busy-text = មិន​ទាន់​បាន​រក្សា​ទុក​អ្វី​ទេ។ សូម​រង់​ចាំ​ប៉ុន្មាន​វិនាទី រួច​សាក​ម្តង​ទៀត។
staff-unavailable-title = កន្លែង​រក្សា​ទុក​មិន​ឆ្លើយតប
staff-unavailable-text = មិន​ទាន់​បាន​រក្សា​ទុក​អ្វី​ទេ។ សូម​សាក​ម្តង​ទៀត ហើយ​ប្រាប់​អ្នក​គ្រប់​គ្រង បើ​នៅតែ​មាន​បញ្ហា។
staff-back-start = ទៅទំព័រដើម
staff-session-ended-title = ការ​ចូល​ប្រើ​របស់​អ្នក​បាន​បញ្ចប់
staff-session-ended-text = មិន​ទាន់​បាន​រក្សា​ទុក​អ្វី​ទេ។ សូម​ចម្លង​អ្វី​ដែល​អ្នក​បាន​សរសេរ ចូល​ប្រើ​ម្តង​ទៀត រួចបិទ​ភ្ជាប់វា។
staff-people-not-possible = មិន​អាច​ធ្វើ​បានទេ​សម្រាប់​គណនី​នេះ ឬវា​បាន​ផ្លាស់​ប្តូរ​ហើយ។ អ្នក​មិន​អាច​បញ្ឈប់​គណនី​ខ្លួនឯង​បានទេ។
