## របាយការណ៍​ជា​របស់​នរណា ពេលណា​ពិនិត្យ​ម្តងទៀត និង​ចប់​ដោយ​របៀបណា

staff-state-acted-upon = មាន​គេ​កំពុង​ធ្វើ
staff-state-referred = បាន​បញ្ជូន​បន្ត
staff-state-promoted = ជា​សំណុំរឿង
staff-state-closed = បាន​បិទ
staff-act-act-upon = មាន​គេ​កំពុង​ធ្វើ
staff-act-refer = { decisions-kind-refer }
staff-act-promote = { decisions-kind-promote }
staff-act-conclude = { decisions-kind-close }
staff-act-miss-look = គ្មាន​អ្នក​ពិនិត្យ​ទាន់​ពេល

# $handles are names of colleagues, with commas between them.
staff-card-assignees = របស់៖ { $handles }
# $what is one of the lines below, $time a length of time.
staff-deadline-due = { $what } ក្នុង​រយៈពេល { $time }
staff-deadline-late = { $what }៖ យឺត { $time }
staff-deadline-claim = ទទួល
staff-deadline-decide = សម្រេច
staff-deadline-look = ពិនិត្យ​ម្តងទៀត
staff-deadline-first-reply = ចម្លើយ​ដំបូង
staff-deadline-status = ប្រាប់​ស្ថានភាព
staff-minutes = { $minutes } នាទី
staff-hours = { $hours } ម៉ោង
staff-days = { $days } ថ្ងៃ

rest-title = មាន​គេ​កំពុង​ធ្វើ
rest-hint = វា​ចេញ​ពី​បញ្ជី​រង់ចាំ ហើយ​មិន​រោទ៍​ប្រាប់​នរណា​ទេ រហូត​ដល់​ពេល​ពិនិត្យ​បន្ទាប់។ បើ​គ្មាន​អ្នក​ពិនិត្យ​ទាន់​ពេល វា​ត្រឡប់​មកវិញ ហើយ​រោទ៍​ម្តងទៀត។ បើ​អ្នក​រាយការណ៍​សរសេរ ពេល​ពិនិត្យ​នឹង​មក​ដល់​មុន។
rest-people = នរណា​កំពុង​ធ្វើ?
rest-hours = ពិនិត្យ​ម្តងទៀត​ក្នុង​រយៈពេល
rest-words = អ្វី​ដែល​កំពុង​ធ្វើ (អាច​ទុក​ទទេ)
rest-submit = វា​ជា​របស់​ពួកគេ
rest-staff-wrong = សូម​ជ្រើស​មនុស្ស​ពី ១ ដល់ ១៦ នាក់ ដែល​អាច​អាន​របាយការណ៍​នេះ។
rest-hours-wrong = របាយការណ៍​បន្ទាន់​បែបនេះ ត្រូវ​ពិនិត្យ​ឱ្យ​បាន​ឆាប់​ជាងនេះ។
rest-look-at = ពិនិត្យ​ម្តងទៀត៖ { $time }
rest-look-in = ពិនិត្យ​ម្តងទៀត​ក្នុង​រយៈពេល { $time }
done-acted-upon = មាន​អ្នក​ទទួល​បន្ទុក​ហើយ។ វា​នឹង​ត្រឡប់​មកវិញ ពេល​ត្រូវ​ពិនិត្យ​ម្តងទៀត។

decisions-kind-close = បិទ​ដោយ​មាន​លទ្ធផល
decisions-kind-refer = បញ្ជូន​បន្ត
decisions-kind-promote = ធ្វើ​ជា​សំណុំរឿង
decisions-explained-close = របាយការណ៍​ចេញ​ពី​បញ្ជី។ បើ​អ្នក​រាយការណ៍​សរសេរ​ម្តងទៀត វា​នឹង​ត្រឡប់​មកវិញ។
decisions-explained-refer = សម្រាប់​អ្វី​ដែល​ជា​បន្ទុក​របស់​អ្នក​ដទៃ។ ទីនេះ​មិន​ផ្ញើ​អ្វី​ទេ៖ សូម​សរសេរ​ថា​បញ្ជូន​ទៅ​នរណា។ វា​ត្រឡប់​មកវិញ ពេល​ត្រូវ​សួរ​នៅ​ទីនោះ។
decisions-explained-promote = មនុស្ស​ដែល​បាន​កំណត់​ឈ្មោះ​ធ្វើការ​លើ​វា​រហូត​ដល់​ចប់។ ប្រធាន​ក្រុម​ត្រូវ​យល់ព្រម។
decisions-outcome = លទ្ធផល
decisions-outcome-none = សូម​ជ្រើស
decisions-outcome-child-safe = កុមារ​មាន​សុវត្ថិភាព
decisions-outcome-child-helped = រក​ឃើញ​កុមារ ហើយ​កំពុង​ទទួល​ជំនួយ
decisions-outcome-suspect-identified = ស្គាល់​អ្នក​ប្រព្រឹត្ត
decisions-outcome-suspect-arrested = ចាប់ខ្លួន​អ្នក​ប្រព្រឹត្ត
decisions-outcome-suspect-prosecuted = អ្នក​ប្រព្រឹត្ត​នៅ​មុខ​តុលាការ
decisions-outcome-suspect-convicted = អ្នក​ប្រព្រឹត្ត​ត្រូវ​បាន​កាត់ទោស
decisions-outcome-content-removed = អ្វី​ដែល​នៅ​លើ​អ៊ីនធឺណិត​ត្រូវ​បាន​ដក​ចេញ
decisions-outcome-passed-on = បាន​បញ្ជូន​បន្ត គ្មាន​ដំណឹង
decisions-outcome-not-confirmed = បាន​ពិនិត្យ មិន​អាច​បញ្ជាក់
decisions-outcome-cannot-act = ព័ត៌មាន​តិច​ពេក
decisions-outcome-out-of-scope = មិនមែន​ជា​ការងារ​របស់​សេវា​នេះ
decisions-outcome-duplicate = មាន​រាយការណ៍​រួច​ហើយ
decisions-outcome-false = បាន​ពិនិត្យ មិន​ពិត
decisions-outcome-wrong = លទ្ធផល​នេះ​ត្រូវ​មាន​វិធានការ៖ សូម​បិទ​ដោយ​មាន​លទ្ធផល​វិញ។
decisions-safety = តើ​កុមារ​មាន​សុវត្ថិភាព​ទេ?
decisions-safety-hint = អ្វី​ដែល​ដឹង និង​ដឹង​ពី​នរណា។
decisions-safety-missing = សូម​សរសេរ​អ្វី​ដែល​ដឹង​អំពី​សុវត្ថិភាព​របស់​កុមារ ទោះ​មិន​ដឹង​អ្វី​ក៏ដោយ។
decisions-untold = ហេតុអ្វី​មិន​ប្រាប់​អ្នក​រាយការណ៍
decisions-untold-hint = តែ​ក្នុង​ករណី​គ្មាន​សារ​ខាងលើ។
decisions-feedback-missing = សូម​សរសេរ​សារ​ទៅ​អ្នក​រាយការណ៍ ឬ​សរសេរ​ទីនេះ​ថា​ហេតុអ្វី​គ្មាន។
decisions-to = ទៅ​នរណា
decisions-to-hint = ស្ថាប័ន និង​មនុស្ស បើ​ស្គាល់។
decisions-to-missing = សូម​សរសេរ​ថា​បញ្ជូន​ទៅ​នរណា។
decisions-lead-needed = មាន​តែ​ប្រធាន​ក្រុម​ទេ ដែល​អាច​ធ្វើ​របាយការណ៍​ជា​សំណុំរឿង។
decisions-class-too-short = សម្រាប់​លទ្ធផល​នេះ ត្រូវ​រក្សា​ទុក​យូរ​ជាងនេះ៖ មាន​តែ​មនុស្ស​ពីរ​នាក់​ទេ ដែល​អាច​បំផ្លាញ​វា។
decisions-people-gone = មាន​មនុស្ស​ម្នាក់​ដែល​មាន​ឈ្មោះ​ទីនេះ លែង​អាច​អាន​របាយការណ៍​បាន។ សូម​បដិសេធ ហើយ​ស្នើ​ម្តងទៀត។
decisions-look-too-late = ឥឡូវ​របាយការណ៍​បន្ទាន់​ជាង​ពេល​ដែល​ស្នើ ដូច្នេះ​ត្រូវ​ពិនិត្យ​ឱ្យ​បាន​ឆាប់​ជាងនេះ។ សូម​បដិសេធ ហើយ​ស្នើ​ម្តងទៀត។
