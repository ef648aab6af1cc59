### The public pages outside the form: first page, help, review, code, messages, errors.

## First page

front-heading = If a child is being hurt, you can tell us
# Five lines before anything is asked. $organisation is the organisation's name as configured.
front-who = You write to { $organisation }. We are not the police.
front-free = It is free. You do not have to say who you are.
front-parents = Unless you write who you are, we cannot tell anybody that it was you: not your parents, not your school.
front-when = A person reads it, most often within a day.
front-answer = You get a code. With it you find our answer here.
# Above the telephone numbers from the configuration.
front-danger = Is someone in danger right now? Please call.
# The two doors.
front-report = Tell us what is happening
front-report-help = One sentence is enough. It takes two minutes.
front-help = I need help
front-help-help = Numbers you can call now. You do not have to report anything.
front-mailbox = I have a code
front-mailbox-help = Read our answers and write to us again.
# A way out for whoever is not alone: it leads to a page that says nothing of what this is.
front-later = Someone is with me now
front-later-help = shows an empty page. “{ later-again }” on it brings you back here.
later-text = This page is not available at the moment.
later-again = Try again
front-kept-heading = What we keep
front-kept-words = We keep what you write. As soon as it arrives it is locked with a key that only the team has.
front-kept-details = If you write something that shows who you are, the people who read your report will see it.
front-not-kept-heading = What we do not keep
front-not-kept-name = We do not ask your name.
front-not-kept-address = We do not keep your internet address, or what phone or computer you use.
front-not-kept-cookies = We leave no cookies on your phone or computer.
front-seen-heading = What others may see
front-seen-network = Your phone or internet company may see that you visited this site. It cannot see what you write.
front-seen-device = Your phone or computer may remember that you were here. “{ common-help }” says how to erase that.
front-readers-heading = Who reads it
front-readers-team = A small team that was chosen for this reads your report. The people who look after our computers have no key to it.
front-readers-barred = You can tell us who must not know about it: the police, an official, someone who works here, or another person.
front-next-heading = What happens after you send
front-next-code = You get a code of 24 digits. With it you can come back, read our answer and write more.
front-next-see = A person reads what you wrote. Nobody can promise what will come of it, but it will be read.
# For people who opened the page inside Facebook, Telegram or another app.
front-inapp = Did you open this page inside Facebook, Telegram or another app? That app may see what you do here. It is safer to open this page in your phone’s browser: look for “Open in browser” in the menu at the top.

## Closed form

closed-heading = We cannot take reports here right now
closed-text = Nothing you write now would reach the right people, so we do not ask you to write. Please call one of these numbers, or come back later.
# The form closed while somebody was writing. Their words follow in a field to copy from.
closed-typed-heading = What you have written
closed-typed-text = It has not been sent. You can copy it from here.

## Help by phone

help-heading = Help by phone
help-lead = You can call these numbers without sending a report. You do not have to give your name.
# $number is a telephone number as configured, in Western digits.
help-call = Call { $number }
help-no-numbers = There is no number here yet.
help-feelings-heading = If it all feels too much
help-feelings-text = What happened is not your fault. You do not have to be alone with it. Tell one person you trust, or call one of the numbers above.
help-pictures-heading = If there are pictures of you
help-pictures-text = If you were under 18 in a picture or film, the free service “Take It Down” can help to have it removed. The picture does not leave your phone. You find it at takeitdown.ncmec.org.
help-traces-heading = So that others do not see you were here
help-traces-leave = The bar “{ common-leave }” at the foot of each page takes you to another site at once. It does not erase the history of your browser.
help-traces-history = Open the history of your browser and delete the pages with the name “{ common-title }”.
help-traces-private = Or use a private window (“Incognito”). It forgets the pages when you close it.
help-traces-other = If someone looks through your phone, use the phone or computer of someone you trust.
help-to-report = I want to report

## Review

review-heading = Look at it once more
review-lead = This is what you will send. Nothing has been sent yet.
# Before the button that leads to the question who must not be told.
review-barred = Is there someone who must not know about your report? Say so before you send it:
review-after = After sending, nobody can show this text here again, not even to you. So nobody who finds your code can read it.
review-facts = After sending you can end the conversation at any time. We may still keep what we need to know to protect a child.
review-part = Change this part
review-change = Change my answers
review-send = Send

## Code

code-heading = Thank you. Your report has arrived.
code-thanks = It took courage to tell this. A person will read it.
code-label = This is your code
# Read by screen readers before the digits.
code-spoken = Code of 24 digits, in six groups of four
code-once = You see it only this one time. We cannot look it up for you.
# Opens the same code in the digits of another script.
code-numerals = Show other digits
code-keep-heading = How to keep your code
code-keep-write = Write the numbers on paper, or learn them by heart.
code-keep-hide = Keep the paper where nobody else looks, or write the numbers among other numbers.
code-keep-photo = A photo of this page stays on the phone, and others may find it there.
code-keep-share = Give the code to nobody. Whoever has it can read our answers to you.
code-keep-lost = If you lose it, your report still stays with us. You can send a new report and say so.
# A list that hides the code: six numbers of six digits each.
code-disguise-heading = Hide it among other numbers
code-disguise-lead = Write this list down instead. The last four digits of each line are your code, from top to bottom; the two before them mean nothing. Where we ask for your code, you can also type the whole list.
# Stands above the list, so that it looks like something else.
code-disguise-title = My scores
code-disguise-file = Keep the list as a text file
code-file-heading = Keep it on this phone
code-file-lead = Only if nobody else uses this phone. The file stays on it, its list of downloads says that it came from here, and a picture may show in the album.
code-file-gone = The file could not be made: the page with your code has been open for too long. The code still stands there.
code-file-text = As a text file
code-file-picture = As a picture
code-check-heading = Is it written down right?
code-check-lead = You can type your code here to make sure. You do not have to.
code-check-label = Your code
code-check-button = Check
code-check-right = Yes, that is the right code.
# $group is a number from 1 to 6.
code-check-wrong = That is not the same code. Group { $group } is different. Please compare it with the code above and try again.
# Where a code was typed that cannot be one. $digits and $group are numbers.
code-typed-empty = Please type your code. It has 24 digits.
code-typed-count = { $digits ->
    [one] We can read one digit. A code has 24. Please compare it with what you wrote down.
   *[other] We can read { $digits } digits. A code has 24. Please compare them with what you wrote down.
}
code-typed-group = { $digits ->
    [one] Group { $group } has one digit. Each of the six groups has 4. Please look at that group again.
   *[other] Group { $group } has { $digits } digits. Each of the six groups has 4. Please look at that group again.
}
# $line and $digits are numbers.
code-typed-line = { $digits ->
    [one] Line { $line } has one digit. In the list that hides a code every line has six.
   *[other] Line { $line } has { $digits } digits. In the list that hides a code every line has six.
}
code-typed-check = This cannot be the code: a digit is wrong, or two have changed places. Please compare each group with what you wrote down.
# $digits are the digits as they were read, in groups of four.
code-typed-read = We read: { $digits }
# The page with the code stood open too long for the check.
code-gone = This page was open for a long time, so your code cannot be shown here any more. If you have written it down, it works.
code-shown = For your safety, the code and your words are shown only once. If you have written the code down, it works. If not, you can send a new report and say that you lost the code.
code-next-heading = What happens next
code-next-read = A person of the team reads your report.
code-next-answer = When there is an answer or a question for you, you find it here with your code.
code-next-contact = We do not call you or write to you in another way, unless you asked for it.
code-next-danger = If the danger grows, please do not wait for us. Call.
code-to-mailbox = Go to my messages
code-leave = When you are done, leave this page or close it.

## Messages

mailbox-enter-heading = Read and write messages
mailbox-enter-lead = Type the code you got when you sent your report.
mailbox-enter-label = Your code, 24 digits
mailbox-enter-help = You can use 0–9 or ០–៩. Spaces, dots and dashes do not matter.
mailbox-enter-button = Open
# One and the same answer for unknown, wrong, closed and expired codes. It must not tell them apart.
mailbox-enter-none = There are no messages for this code. Please compare the digits. A code also stops working when its messages were closed, or after a long time.
mailbox-heading = Your messages
mailbox-own-none = To keep you safe, what you have written is not shown here.
# The message was sent, but no copy of it is kept.
mailbox-own-lacking = It cannot be kept to be read again here: it is too long, or too much is here already.
mailbox-own-heading = Show what I wrote
mailbox-own-why = You chose to keep this. Whoever has your code can read it too. You can delete it here; the team keeps it.
mailbox-from-you = From you
# A box to tick below the field for a message.
mailbox-own-label = Let me read this message here again
mailbox-own-help = If you tick it, whoever finds your code can read it too. The team gets it either way.
mailbox-none = There is no message from the team yet.
mailbox-none-left = There is no message from the team here.
mailbox-look-again = Please look again in a day or two.
# The usual time has passed since somebody read the report.
mailbox-late = Not every report gets an answer. You can write to the team again.
# $days is the operator's number.
mailbox-expect = { $days ->
    [one] Most often there is an answer within a day. Please look again then.
   *[other] Most often there is an answer within { $days } days. Please look again then.
}
# $date is a date without a time.
mailbox-read = Somebody of the team read your report on { $date }.
mailbox-incomplete = Something that lay here is missing or damaged. Please tell the team so in your next message.
mailbox-from-team = From the team
# $date is a date without a time.
mailbox-day = { $date }
mailbox-refresh = Look for new messages
mailbox-write-heading = Write to the team
mailbox-write-label = Your message
mailbox-write-help = You can tell us more, answer a question, or ask one.
mailbox-write-button = Send message
mailbox-write-sent = Your message has been sent.
# Heading above the words of the message that was just sent.
mailbox-write-kept = This is what the team gets
mailbox-write-empty = Please write something first.
mailbox-write-too-long = This message is too long. Please make it shorter, or send it in two parts.
mailbox-write-busy = Your message could not be sent just now. It is still here. Please try again in a minute.
mailbox-delete = Delete this message
mailbox-delete-heading = Delete this message?
mailbox-delete-text = It will be gone for you, and it cannot be brought back. The team keeps what it needs to help.
mailbox-delete-yes = Delete
mailbox-delete-no = Keep it
mailbox-delete-done = The message has been deleted.
mailbox-close = End the conversation
mailbox-close-heading = End the conversation?
mailbox-close-text = All messages here will be deleted and your code will stop working. Your report stays with the team. You can always send a new one.
mailbox-close-unsent = What you have typed and not sent will be gone.
mailbox-close-yes = End it
mailbox-close-no = Go back to my messages
mailbox-close-done-heading = The conversation has ended
mailbox-close-done-text = The messages are deleted and the code no longer works. Thank you for telling us.
# The page was left open for some time.
mailbox-expired = To keep you safe, this page has closed by itself. Please type your code again. What you were writing is still below.
mailbox-busy = We could not look just now. Please try again in a minute.
# Button under mailbox-busy.
mailbox-again = Try again
mailbox-leave = Close my messages

## Errors. Each has a heading and one or two sentences.

error-400-heading = We could not read that
error-400-text = Something in the request was not as it should be. Please go back and try again.
error-403-heading = This is not possible here
error-403-text = Please go back to the first page and start from there.
error-404-heading = There is no such page
error-404-text = The address may be mistyped, or the page is gone.
error-405-heading = This is not possible here
error-405-text = Please go back to the first page and start from there.
error-408-heading = That took too long
error-408-text = Your connection may be slow just now, and nothing has been sent. Please go back and send it again.
error-409-heading = Something else happened first
error-409-text = This was changed in the meantime. Please go back and look again.
error-413-heading = That was too much at once
error-413-text = Nothing has been sent. Please go back and send a shorter text. You can add more later with your code.
error-415-heading = We could not read that
error-415-text = It was not sent the way this form sends it. Please use the form on this site.
error-422-heading = Please look at your answers again
error-422-text = Something is missing or could not be read. Nothing has been sent.
error-500-heading = Something went wrong on our side
error-500-text = It is not your fault. If you were sending a report, please go back and try again. If that does not help, please call.
error-503-heading = We cannot do this right now
error-503-text = There is too much to do at once, or something is being repaired. Please try again in a minute, or call.
