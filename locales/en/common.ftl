### Words that many pages share. Tone everywhere: calm, short, plain enough for a child of nine or ten. No blame, no alarm.
### Promise only what the software really does.

# Title of every public page, and its name in the browser's history. Says nothing on purpose. Do not make it more telling.
common-title = Information
# Said to screen readers before the word that opens the list of the languages: in this language, and in English.
common-languages = Language
# Above the form, where it is not yet in the reader's language.
common-lent = This form is not yet in your language. The questions are in English. You may answer in your own language.
# Bar at the foot of every page. One tap goes to an ordinary page such as the weather.
common-leave = Leave quickly
# Said to screen readers, and once on the help page.
common-leave-help = Goes to another site at once. It does not erase your browsing history.
# First link of each page, seen by keyboard users only.
common-skip-to-content = Go to the main part
common-home = First page
# Link at the top of every page to the phone numbers.
common-help = Help by phone
# Name of the block of navigation links, for screen readers.
common-navigation = Pages
# Mark beside a heading that carries an error, for screen readers.
common-error = Please look at this
# Banner on every page of a demonstration.
common-demo = This is a demonstration. Please write nothing real here.

## On the pages with the numbers and the doors, for whoever came there out of a form

kept-text = Your page is waiting for you. Nothing on it is lost.
kept-back = Back to where I was

## Dates

# $day and $year are numbers, $month is a month's name from below: 23 November 2026
common-date = { $day } { $month } { $year }
common-month-january = January
common-month-february = February
common-month-march = March
common-month-april = April
common-month-may = May
common-month-june = June
common-month-july = July
common-month-august = August
common-month-september = September
common-month-october = October
common-month-november = November
common-month-december = December
