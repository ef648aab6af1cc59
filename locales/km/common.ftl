### Words that many pages share. Tone everywhere: calm, short, plain enough for a child of nine or ten. No blame, no alarm.
### Promise only what the software really does. Words are parted by U+200B (zero-width space) so that lines break well.

# Title of every public page, and its name in the browser's history. Says nothing on purpose. Do not make it more telling.
common-title = ព័ត៌មាន
# Said to screen readers before the word that opens the list of the languages: in this language, and in English.
common-languages = ភាសា (Language)
# Above the form, where it is not yet in the reader's language.
common-lent = ទម្រង់​នេះ​មិន​ទាន់​មាន​ជា​ភាសា​របស់​អ្នកទេ។ សំណួរ​ជា​ភាសា​អង់គ្លេស។ អ្នក​អាច​ឆ្លើយ​ជា​ភាសា​របស់​អ្នក​បាន។
# Bar at the foot of every page. One tap goes to an ordinary page such as the weather.
common-leave = ចេញ​ភ្លាម
# Said to screen readers, and once on the help page.
common-leave-help = ទៅ​គេហទំព័រ​ផ្សេង​ភ្លាម។ វា​មិន​លុប​ប្រវត្តិ​នៃ​ការចូល​មើល​របស់​អ្នកទេ។
# First link of each page, seen by keyboard users only.
common-skip-to-content = រំលង​ទៅ​ខ្លឹមសារ
common-home = ទំព័រ​ដំបូង
# Link at the top of every page to the phone numbers.
common-help = ជំនួយ​តាម​ទូរស័ព្ទ
# Name of the block of navigation links, for screen readers.
common-navigation = ទំព័រ​នានា
# Mark beside a heading that carries an error, for screen readers.
common-error = សូម​មើល​ចំណុច​នេះ
# Banner on every page of a demonstration.
common-demo = នេះ​គ្រាន់តែ​ជា​ការសាកល្បង​ប៉ុណ្ណោះ។ សូម​កុំ​សរសេរ​រឿង​ពិត​នៅ​ទីនេះ។

## On the pages with the numbers and the doors, for whoever came there out of a form

kept-text = ទំព័រ​របស់​អ្នក​កំពុង​រង់ចាំ។ គ្មាន​អ្វី​បាត់​ពី​វាទេ។
kept-back = ត្រឡប់​ទៅ​កន្លែង​ដែល​ខ្ញុំ​នៅ

## Dates

# $day and $year are numbers, $month is a month's name from below: ២៣ វិច្ឆិកា ២០២៦
common-date = { $day } { $month } { $year }
common-month-january = មករា
common-month-february = កុម្ភៈ
common-month-march = មីនា
common-month-april = មេសា
common-month-may = ឧសភា
common-month-june = មិថុនា
common-month-july = កក្កដា
common-month-august = សីហា
common-month-september = កញ្ញា
common-month-october = តុលា
common-month-november = វិច្ឆិកា
common-month-december = ធ្នូ
