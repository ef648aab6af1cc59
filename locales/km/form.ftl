### The report form: its frame, and the questions of config/forms/report.toml.
### Never ask "why did you". Say why a question is asked. Everything can be skipped.

## Frame

form-heading = សូមប្រាប់យើងពីអ្វីដែលកំពុងកើតឡើង
form-lead = ឆ្លើយតែសំណួរណាដែលអ្នកចង់ឆ្លើយ។ មានតែសំណួរមួយទេដែលត្រូវឆ្លើយ គឺមានរឿងអ្វីកើតឡើង ដោយសរសេរជាពាក្យ ឬដាក់តំណភ្ជាប់។ សំណួរផ្សេងទៀត អ្នកអាចរំលងបាន។
# Before the form, about the leave-quickly bar.
form-lead-leave = បើមាននរណាចូលមកជិត សូមចុច “{ common-leave }” នៅខាងក្រោមទំព័រ។ អ្វីដែលអ្នកបានសរសេរនឹងបាត់ ហើយគ្មានអ្វីត្រូវបានផ្ញើទេ។
# Before the form. Some questions are hard to read for people who have lived through harm.
form-lead-hard = សំណួរខ្លះអាចពិបាកឆ្លើយ។ សូមកុំប្រញាប់។ អ្នកអាចឈប់នៅពេលណាក៏បាន។
# Where the reader is: part $number of $total.
form-part = ផ្នែកទី { $number } ក្នុងចំណោម { $total }
# Opens the sentence that says why a question is asked.
form-why = មូលហេតុដែលយើងសួរ
# Beside the question group of which one answer is needed.
form-one-needed = សូមបំពេញចន្លោះណាមួយក្នុងចន្លោះទាំងពីរនេះ។
form-pick-one = សូមជ្រើសរើសចម្លើយមួយ។
form-pick-any = អាចជ្រើសរើសចម្លើយច្រើនបាន។
# How long an answer may be. $max is a number.
form-max = យ៉ាងច្រើន { $max } តួអក្សរ។
form-skip = មិនឆ្លើយសំណួរនេះ៖
form-skip-unknown = ខ្ញុំមិនដឹង
form-skip-unsaid = ខ្ញុំមិនចង់ប្រាប់
# Button from the form to the page that shows everything once more. Nothing is sent yet.
form-to-review = ពិនិត្យមើលមុនពេលផ្ញើ
form-not-sent = មិនទាន់មានអ្វីត្រូវបានផ្ញើទេ។

## Errors. They stand beside the question, and everything typed is kept.

# Above the form. $count is the number of answers to look at.
form-error-summary = សូមមើលចម្លើយចំនួន { $count } ម្ដងទៀត។ អ្វីដែលអ្នកបានសរសេរ មិនបាត់ទេ។
form-error-required = សូមប្រាប់យើងថាមានរឿងអ្វីកើតឡើង ដោយសរសេរជាពាក្យ ឬដាក់តំណភ្ជាប់។ សរសេរតែមួយប្រយោគក៏បាន។
# $max and $over are numbers.
form-error-too-long = ចម្លើយនេះវែងពេក។ យ៉ាងច្រើនគឺ { $max } តួអក្សរ សូមកាត់ចេញ { $over } តួអក្សរ។ អ្នកក៏អាចផ្ញើផ្នែកដែលនៅសល់ពេលក្រោយ ដោយប្រើលេខកូដរបស់អ្នក។
form-error-control = មានសញ្ញាលាក់ខ្លះនៅក្នុងចម្លើយនេះ ដែលយើងរក្សាទុកមិនបាន ហើយយើងបានដកវាចេញ។ សូមមើលម្ដងទៀតថា វានៅតែមានន័យដូចដែលអ្នកចង់និយាយឬទេ។
form-error-option = យើងអានចម្លើយដែលបានជ្រើសរើសនៅទីនេះមិនបានទេ។ សូមជ្រើសរើសម្ដងទៀត។
form-error-one = សូមជ្រើសរើសចម្លើយតែមួយ។
# The page stayed open longer than a form is good for.
form-error-expired = ទំព័រនេះបានបើកយូរពេក ដូច្នេះមិនទាន់មានអ្វីត្រូវបានផ្ញើទេ។ អ្វីៗដែលអ្នកបានសរសេរនៅមានទាំងអស់។ សូមផ្ញើម្ដងទៀត។
# The server is full or being repaired.
form-error-busy = ឥឡូវនេះ យើងទទួលរបាយការណ៍របស់អ្នកមិនបានទេ ហើយមិនទាន់មានអ្វីត្រូវបានផ្ញើទេ។ អ្វីៗដែលអ្នកបានសរសេរនៅមានទាំងអស់។ សូមសាកល្បងម្ដងទៀតក្នុងមួយនាទីទៀត ឬទូរស័ព្ទទៅលេខណាមួយខាងក្រោម។

## Danger

form-section-danger = តើមាននរណាកំពុងមានគ្រោះថ្នាក់ឬទេ?
form-section-danger-intro = បើកុមារកំពុងមានគ្រោះថ្នាក់នៅពេលនេះ សូមទូរស័ព្ទជាមុនសិន។ យើងមើលមិនឃើញថាអ្នកនៅទីណាទេ។
form-danger = តើវាកំពុងកើតឡើងឥឡូវនេះ ឬជិតកើតឡើងហើយ?
form-danger-help = ដើម្បីឱ្យយើងដឹងថា ត្រូវអានរបាយការណ៍មួយណាមុន។
form-danger-now = វាកំពុងកើតឡើងឥឡូវនេះ ឬថ្ងៃនេះ
form-danger-now-notice = បើអាច សូមទូរស័ព្ទឥឡូវនេះទៅលេខណាមួយក្នុង “{ common-help }”។ ការទូរស័ព្ទលឿនជាងការបំពេញទម្រង់នេះ។ បន្ទាប់មក សូមផ្ញើទម្រង់នេះដែរ។
form-danger-soon = វាអាចកើតឡើងក្នុងប៉ុន្មានថ្ងៃខាងមុខ
form-danger-soon-notice = សូមប្រាប់យើងខាងក្រោមថា នៅពេលណា និងនៅទីណា តាមដែលអ្នកដឹង។
form-danger-ongoing = វាកើតឡើងជាញឹកញាប់ ប៉ុន្តែមិនមែននៅពេលនេះទេ
form-danger-over = វាបានកើតឡើងពីមុន ហើយឥឡូវចប់ហើយ
form-signs = តើនៅពេលនេះ មានរឿងណាមួយខាងក្រោមឬទេ?
form-signs-help = រឿងទាំងនេះប្រាប់យើងថា ត្រូវមានមនុស្សមើលភ្លាម។
form-signs-injured = មានមនុស្សរងរបួសធ្ងន់ ឬឈឺធ្ងន់
form-signs-dying = កុមារនិយាយពីការចង់ស្លាប់ ឬចង់ធ្វើបាបខ្លួនឯង
form-signs-dying-notice = បើអាច សូមនៅជាមួយកុមារនោះ។ បើជាអ្នកផ្ទាល់ អ្នកមានតម្លៃណាស់ ហើយការនិយាយជាមួយនរណាម្នាក់អាចជួយបាន។ មានលេខទូរស័ព្ទនៅក្នុង “{ common-help }”។
form-signs-weapon = មានអាវុធ
form-signs-moved = កុមារកំពុងត្រូវគេនាំយកទៅ ឬប្ដូរទៅកន្លែងផ្សេង
form-signs-reach = អ្នកដែលធ្វើរឿងនេះ រស់នៅជាមួយកុមារ ឬងាយចូលជិតកុមារ

## You and the child

form-section-you = អ្នក និងកុមារ
form-section-you-intro = យើងមិនសួរឈ្មោះអ្នកទេ។ កុមារក៏អាចរាយការណ៍បានដែរ។ មិនបាច់សុំការអនុញ្ញាតពីនរណាទេ។
form-relation = តើអ្នកត្រូវជាអ្វីនឹងកុមារ?
form-relation-help = ដើម្បីឱ្យយើងឆ្លើយទៅអ្នកបានត្រឹមត្រូវ និងរក្សាសុវត្ថិភាពកុមារ។
form-relation-me = វាជារឿងរបស់ខ្ញុំផ្ទាល់
form-relation-friend = វាជារឿងរបស់មិត្តភក្តិ ឬបងប្អូនខ្ញុំ
form-relation-family = ខ្ញុំជាម្ដាយ ឪពុក ឬមនុស្សធំក្នុងគ្រួសារ
form-relation-known = ខ្ញុំស្គាល់កុមារតាមរបៀបផ្សេង ដូចជាអ្នកជិតខាង ឬមិត្តភក្តិគ្រួសារ
form-relation-work = ខ្ញុំជួបកុមារក្នុងការងារ ដូចជាគ្រូបង្រៀន គិលានុបដ្ឋាក ឬអ្នកជួយកុមារ
form-relation-stranger = ខ្ញុំបានឃើញ ឬបានឮ ហើយមិនស្គាល់កុមារនោះទេ
form-relation-online = ខ្ញុំបានឃើញនៅលើអ៊ីនធឺណិត
form-age = តើកុមារអាយុប៉ុន្មាន?
form-age-help = ជំនួយសម្រាប់កុមារតូច និងកុមារធំ មិនដូចគ្នាទេ។ ប៉ាន់ស្មានក៏បាន។
form-age-under-13 = ក្រោម ១៣ ឆ្នាំ
form-age-from-13 = ១៣ ដល់ ១៥ ឆ្នាំ
form-age-from-16 = ១៦ ឬ ១៧ ឆ្នាំ
form-age-adult = ១៨ ឆ្នាំ ឬលើសពីនេះ
form-age-several = កុមារច្រើននាក់ អាយុខុសៗគ្នា

## What

form-section-what = មានរឿងអ្វីកើតឡើង
form-section-what-intro = សំណួរទាំងនេះអាចពិបាកឆ្លើយ។ សរសេរច្រើនឬតិច តាមចិត្តអ្នក។ រឿងដែលបានកើតឡើង មិនមែនជាកំហុសរបស់កុមារទេ។
form-kind = តើវាជារឿងប្រភេទណា?
form-kind-help = ដើម្បីឱ្យអ្នកដែលត្រូវអាន បានអានវា។ អ្នកមិនបាច់ប្រាកដទេ។
form-kind-hurting = មាននរណាកំពុងធ្វើបាបកុមារ
form-kind-paying = មាននរណាលក់កុមារ ឬចំណាយប្រាក់ដើម្បីបានកុមារ
form-kind-asking = មាននរណាតាមអ៊ីនធឺណិតសុំរូបពីកុមារ ឬចង់ជួបកុមារ
form-kind-threats = មាននរណាគំរាមថានឹងផ្សាយរូបកុមារ
form-kind-threats-notice = អ្នកមិនចាំបាច់បង់ប្រាក់ ឬផ្ញើអ្វីទៀតទេ។ បើអាច សូមរក្សាទុកសារទាំងនោះ។ វាមិនមែនជាកំហុសរបស់កុមារទេ។
form-kind-pictures = ខ្ញុំបានឃើញរូប ឬវីដេអូផ្លូវភេទរបស់កុមារនៅលើអ៊ីនធឺណិត
form-kind-pictures-notice = សូមកុំរក្សាទុក កុំផ្ញើបន្ត និងកុំស្វែងរកបន្ថែម។ សូមឱ្យយើងតែតំណភ្ជាប់ប៉ុណ្ណោះ។
form-kind-place = ខ្ញុំបារម្ភអំពីកន្លែងមួយ
form-kind-missing = កុមារបាត់ខ្លួន ឬត្រូវគេនាំទៅកន្លែងផ្សេង
form-kind-trapped = មនុស្សធំចេញមិនរួច ឬត្រូវគេបង្ខំឱ្យធ្វើការ
form-kind-other = រឿងផ្សេង
form-account = មានរឿងអ្វីកើតឡើង?
form-account-help = សូមប្រាប់តាមពាក្យរបស់អ្នកផ្ទាល់។ តែមួយប្រយោគក៏បាន។ អ្នកអាចសរសេរជាភាសាណា ឬជាអក្សរអ្វីក៏បាន។
form-link = ឬតំណភ្ជាប់
form-link-help = បើអ្នកបានឃើញវានៅលើអ៊ីនធឺណិត សូមដាក់តំណភ្ជាប់ ឈ្មោះគណនី ឬឈ្មោះក្រុម នៅទីនេះ។ ប្រព័ន្ធមិនបើកវាដោយខ្លួនឯងទេ។ សូមកុំផ្ញើរូបរាងកាយរបស់កុមារ។

## When and where

form-section-where = នៅពេលណា និងនៅទីណា
form-when = តើវាបានកើតឡើងនៅពេលណា ឬនឹងកើតឡើងនៅពេលណា?
form-when-help = ដើម្បីឱ្យយើងដឹងថានៅមានពេលប៉ុន្មាន។ “សប្ដាហ៍មុន” ឬ “រៀងរាល់ថ្ងៃអាទិត្យ” ក៏បាន។
form-place = តើនៅទីណា?
form-place-help = ដើម្បីឱ្យអ្នកជួយរកកន្លែងនោះឃើញ។ ឈ្មោះភូមិ ផ្លូវ ហាង ឬអ្វីដែលនៅក្បែរនោះ ក៏បាន។

## People

form-section-people = មនុស្សដែលពាក់ព័ន្ធ
form-section-people-intro = សរសេរតែអ្វីដែលអ្នកចង់ឱ្យយើងដឹង។ មិនចាំបាច់ប្រាប់ឈ្មោះទេ។
form-child = តើអ្នកដឹងអ្វីខ្លះអំពីកុមារ?
form-child-help = ដើម្បីឱ្យយើងរកឃើញថានរណាត្រូវការជំនួយ។ ឧទាហរណ៍ រូបរាង សាលារៀន និងអ្នកដែលនៅជាមួយកុមារ។
form-suspect = តើអ្នកដឹងអ្វីខ្លះអំពីអ្នកដែលធ្វើរឿងនេះ?
form-suspect-help = ដើម្បីឱ្យយើងអាចបញ្ឈប់រឿងនេះ។ ឧទាហរណ៍ គាត់ត្រូវជាអ្វីនឹងកុមារ រូបរាង កន្លែងធ្វើការ លេខទូរស័ព្ទ ឬគណនី។ សូមកុំតាមដាន កុំថត និងកុំសួរចម្លើយនរណា ដើម្បីដឹងបន្ថែម។
form-told = តើមានអ្នកផ្សេងដឹងរឿងនេះដែរឬទេ?
form-told-help = ដើម្បីឱ្យយើងធ្វើការជាមួយអ្នកដែលកំពុងជួយស្រាប់ និងប្រយ័ត្នចំពោះអ្នកផ្សេង។
form-told-nobody = តាមខ្ញុំដឹង គ្មាននរណាទេ
form-told-close = គ្រួសារ ឬមិត្តភក្តិ
form-told-police = ប៉ូលិស
form-told-hotline = ខ្សែទូរស័ព្ទជំនួយ ឬអង្គការ
form-told-others = អ្នកផ្សេង

## Safe contact

form-section-contact = របៀបទាក់ទងអ្នក
form-section-contact-intro = ពេលផ្ញើរបាយការណ៍រួច អ្នកនឹងទទួលបានលេខកូដមួយ។ ដោយប្រើលេខកូដនេះ អ្នកអាចអានចម្លើយរបស់យើងនៅទីនេះ ហើយសរសេរមកវិញ។ នេះជាវិធីដែលមានសុវត្ថិភាពបំផុត ហើយអ្នកមិនចាំបាច់ឱ្យអ្វីផ្សេងទៀតដល់យើងទេ។
form-contact = តើយើងអាចសរសេរ ឬទូរស័ព្ទទៅអ្នកតាមរបៀបណា?
form-contact-help = យើងមិនទូរស័ព្ទ ឬសរសេរតាមវិធីផ្សេងទេ លើកលែងតែអ្នកសុំនៅទីនេះ។
form-contact-code = តែនៅទីនេះ ដោយប្រើលេខកូដ
form-contact-phone = តាមទូរស័ព្ទ
form-contact-chat = តាមសារឆាត ឬអ៊ីមែល
form-contact-how = បើតាមទូរស័ព្ទ ឬសារឆាត៖ លេខ គណនី ឬអាសយដ្ឋានរបស់អ្នក
form-contact-how-help = មានតែក្រុមដែលអានរបាយការណ៍របស់អ្នកទេដែលឃើញវា។ វាបង្ហាញថាអ្នកជានរណា។
form-contact-hours = តើពេលណាមានសុវត្ថិភាពសម្រាប់ទូរស័ព្ទ ឬសរសេរទៅអ្នក?
form-contact-hours-help = ដើម្បីកុំឱ្យយើងទាក់ទងអ្នក នៅពេលមានមនុស្សដែលអ្នកមិនទុកចិត្តនៅក្បែរ។
form-contact-shared = តើមាននរណាទៀតប្រើទូរស័ព្ទ ឬគណនីនេះ?
form-contact-shared-help = ដើម្បីឱ្យយើងដឹងថានរណាអាចលើកទូរស័ព្ទ ឬអានសារ។
form-contact-say = បើអ្នកផ្សេងលើកទូរស័ព្ទ តើយើងគួរនិយាយថាម៉េច?
form-contact-say-help = ឧទាហរណ៍ “ច្រឡំលេខ” ឬថាយើងទូរស័ព្ទអំពីរឿងសាលារៀន។
form-contact-message = តើយើងអាចទុកសារបានឬទេ?
form-contact-message-help = អ្នកផ្សេងអាចឮ ឬអានសារនោះ។
form-contact-message-yes = បាន
form-contact-message-no = មិនបាន

## Who must not be told

form-section-barred = អ្នកដែលមិនត្រូវឱ្យដឹង
form-section-barred-intro = ជួនកាល អ្នកដែលគួរជួយ បែរជាមានជាប់ពាក់ព័ន្ធនឹងការធ្វើបាប។ អ្នកអាចប្រាប់យើងនៅទីនេះ។
form-barred = តើមាននរណាដែលមិនត្រូវឱ្យដឹងអំពីរបាយការណ៍របស់អ្នកឬទេ?
form-barred-help = ក្រុមការងារមើលឃើញចម្លើយនេះមុនគេ ដើម្បីកុំឱ្យរបាយការណ៍របស់អ្នកទៅដល់មនុស្សដែលមិនត្រូវឱ្យដឹង។
form-barred-police = ប៉ូលិស
form-barred-officials = មន្ត្រី ឬអ្នកមានអំណាចផ្សេងទៀត
form-barred-staff = អ្នកធ្វើការនៅអង្គការនេះ
# Shown beside answers that route the report to another channel.
form-barred-other-team-notice = របាយការណ៍របស់អ្នកនឹងទៅក្រុមដាច់ដោយឡែកមួយ មិនមែនទៅក្រុមដែលអានរបាយការណ៍ផ្សេងៗទេ។
# Shown instead where there is no other channel.
form-barred-same-team-notice = នៅទីនេះមានក្រុមតែមួយគត់ ហើយក្រុមនេះអានរបាយការណ៍ទាំងអស់។ គេមើលឃើញចម្លើយនេះមុនគេ។ បើអ្នកមិនប្រាកដថាអាចទុកចិត្តនរណានៅទីនេះ អ្នកក៏អាចទូរស័ព្ទទៅលេខណាមួយក្នុង “{ common-help }” បានដែរ។
form-barred-named = បុគ្គលផ្សេង
form-barred-who = តើអ្នកនោះជានរណា?
form-barred-who-help = ឈ្មោះ មុខងារ ឬអ្វីដែលអ្នកដឹង។ ទុកឱ្យទំនេរក៏បាន បើអ្នកមិនចង់ប្រាប់។
