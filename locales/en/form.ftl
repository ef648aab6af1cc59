### The report form: its frame, and the questions of config/forms/report.toml.
### Never ask "why did you". Say why a question is asked. Everything can be skipped.

## Frame

form-heading = Tell us what is happening
# Before the form, about the leave-quickly bar.
form-lead-leave = If someone comes near, tap “{ common-leave }” at the foot of the page. What you have typed is then gone, and nothing has been sent.
form-pick-one = Pick one.
form-pick-any = Pick as many as fit.
# Name of the player beside a question that is read aloud.
form-voice = Listen: { $question }
# Takes back what was picked.
form-no-answer = No answer
# Button from the form to the page that shows everything once more. Nothing is sent yet.
form-to-review = Next
form-not-sent = Nothing is sent yet. You can skip what you do not want to answer.

## Telling more

# Heading above the sections that can be told besides, one button each.
more-heading = Tell more, if you want
more-lead = You can skip all of this. Each answer can help us to help faster.
# The same once the report is with the team.
more-sent-lead = Your report is safe with us. What you tell here goes to the team as a message. You can skip all of it.
# Before those sections on the page with the code.
more-code-first = Please write your code down first. This page is shown only once.
more-send = Send this to the team
more-back = Back to my messages
# After the name of a section that was filled in and not sent.
more-unsent = not sent yet
more-empty = Please answer one of these questions, or go back to your messages.

## Errors. They stand beside the question, and everything typed is kept.

# Above the form. $count is the number of answers to look at.
form-error-summary = { $count ->
    [one] Please look at one answer again. Nothing you typed is lost.
   *[other] Please look at { $count } answers again. Nothing you typed is lost.
}
form-error-required = Please tell us what is happening, in words or with a link. One sentence is enough.
# $max and $over are numbers.
form-error-too-long = This answer is too long. The most is { $max } characters; please take out { $over }. You can also send the rest later with your code.
form-error-control = Some hidden signs in this answer could not be kept, and we took them out. Please look if it still says what you mean.
form-error-option = What was picked here is not among the answers any more. Please pick again.
form-error-one = Please pick only one.
# The page stayed open longer than a form is good for.
form-error-expired = This page was open for a long time, so nothing has been sent. Everything you typed is still here. Please send it once more.
# The server is full or being repaired.
form-error-busy = We could not take your report just now, and nothing has been sent. Everything you typed is still here. Please try again in a minute, or call one of these numbers.
# The form was larger than any real report.
form-error-too-much = That was too much at once, so nothing has been sent. What you typed is still here. Please make it shorter. You can send more later with your code.
# The connection broke off while the form was on its way.
form-error-too-slow = Your connection was too slow, so nothing has been sent. What reached us is here again, but the end may be missing. Please look at it and try once more.
# The same form was sent before with other answers.
form-error-sent = You have sent this form once already, and it has arrived. What you changed since then has not been sent. To send it as a new report with a new code, press “{ review-send }”.

## The questions were changed while somebody had the page open. Beside “What is happening?”, or beside a message.

form-moved = The questions have changed since you opened this page.
form-moved-words = What you typed to a question that is gone stands here now, so that nothing is lost. Please look at it once more.
# On the page before sending, where what was answered may be asked in other words now.
form-moved-look = The questions have changed since you began. Please look at your answers once more before you send them.
# $picked is what was ticked: questions and answers.
form-moved-picks = What you ticked is not asked any more: “{ $picked }”. If it matters, please write it here.
# The same where the words of the answers are not known any more.
form-moved-picks-some = Some of what you ticked is not asked any more. If it matters, please write it here.
# Above the words, where the question is not known any more.
form-moved-label = Typed to a question that is not asked any more:

## Danger

form-section-danger = Is someone in danger?
form-section-danger-intro = In danger right now? Please call:
form-danger = When is it happening?
form-danger-now = It is happening now, or today
form-danger-now-notice = Please call one of these numbers now if you can. A call is faster than this form. Then send the form too.
form-danger-now-after = You said that it is happening now. Please call as well, if you can.
form-danger-soon = It may happen in the next days
form-danger-soon-notice = Please tell us below when and where, as well as you know.
form-danger-ongoing = It keeps happening
form-danger-over = It is over now
form-section-signs = Danger: injuries, weapons, being taken away
form-signs = Is any of this true right now?
form-signs-help = These things tell us that a person must look at once.
form-signs-injured = { $who ->
    [me] I am badly hurt or ill
   *[other] Someone is badly hurt or ill
}
form-signs-injured-after = { $who ->
    [me] You told us that you are badly hurt or ill. Please call one of these numbers, if you can.
   *[other] You told us that someone is badly hurt or ill. Please call one of these numbers, if you can.
}
form-signs-dying = { $who ->
    [me] I think about dying, or I want to hurt myself
   *[other] A child talks about dying, or wants to hurt themselves
}
form-signs-dying-notice = { $who ->
    [me] You matter, and talking to someone helps. You can call one of these numbers.
   *[other] Please stay with the child if you can. If it is you: you matter, and talking to someone helps. You can call one of these numbers.
}
form-signs-dying-after = { $who ->
    [me] You told us that you think about dying. You matter. You do not have to be alone with it: please call one of these numbers, or stay with someone you trust.
   *[other] You told us that a child talks about dying. Please do not leave the child alone, if you can. If it is you: you matter, and talking to someone helps. You can call one of these numbers.
}
form-signs-weapon = There is a weapon
form-signs-moved = { $who ->
    [me] I am being taken away or moved to another place
   *[other] A child is being taken away or moved to another place
}
form-signs-reach = { $who ->
    [me] The person who does this lives with me, or can get to me easily
   *[other] The person who does this lives with the child, or can get to the child easily
}

## You and the child

form-section-you = Is it about you or about someone else?
form-section-you-intro = We do not ask your name. Children can report too. Nobody needs to give permission.
form-relation = Who are you to the child?
form-relation-help = So that we can answer you in the right way and keep the child safe.
form-relation-me = It is about me
form-relation-friend = It is about my friend, brother or sister
form-relation-family = I am the mother, the father or another grown-up of the family
form-relation-known = I know the child in another way, as a neighbour or a friend of the family
form-relation-work = I meet the child in my work, as a teacher, a nurse or a helper
form-relation-stranger = I saw or heard something, and I do not know the child
form-relation-online = I saw it on the internet
form-age = { $who ->
    [me] How old are you?
   *[other] How old is the child?
}
form-age-help = Help for small children and for older ones is different. A guess is fine.
form-age-under-13 = Under 13
form-age-from-13 = 13 to 15
form-age-from-16 = 16 or 17
form-age-adult = 18 or older
form-age-several = Several children of different ages

## What

form-section-account = What is happening
form-section-what = What kind of thing it is
form-section-what-intro = { $who ->
    [me] These questions may be hard. Write as much or as little as you want. What happened is not your fault.
   *[other] These questions may be hard. Write as much or as little as you want. What happened is not the child’s fault.
}
form-kind = What kind of thing is it?
form-kind-help = So that the right person reads it. You do not have to be sure.
form-kind-touching = { $who ->
    [me] Someone touches me in a sexual way, or makes me do sexual things
   *[other] Someone touches a child in a sexual way, or makes a child do sexual things
}
form-kind-hurting = { $who ->
    [me] Someone is hurting me
   *[other] Someone is hurting a child
}
form-kind-paying = { $who ->
    [me] Someone is selling me, or paying for me
   *[other] Someone is selling a child, or paying for a child
}
form-kind-asking = { $who ->
    [me] Someone on the internet asks me for pictures, or wants to meet me
   *[other] Someone on the internet asks a child for pictures, or wants to meet
}
form-kind-threats = { $who ->
    [me] Someone threatens to share pictures of me
   *[other] Someone threatens to share pictures of a child
}
form-kind-threats-notice = { $who ->
    [me] You do not have to pay or send anything more. If you can, keep the messages. It is not your fault.
   *[other] You do not have to pay or send anything more. If you can, keep the messages. It is not the child’s fault.
}
form-kind-pictures = I saw sexual pictures or films of a child on the internet
form-kind-pictures-notice = Please do not save them, send them on or look for more. Give us only the link.
form-kind-place = I am worried about a place
form-kind-missing = A child is missing, or was taken somewhere else
form-kind-trapped = A grown-up cannot leave, or is made to work
form-kind-online = I saw something on the internet that harms a child
form-kind-other = Something else
form-account = What is happening?
form-account-help = One sentence is enough, in any language.
form-link = Or give us a link
form-link-help = If you saw it on the internet, paste the link or the name of the account or group here. We do not open it by ourselves. Please send no pictures of a child’s body.

## Seen on the internet: a door of its own on the front page

form-section-online = I saw something online
form-section-online-help = A link is enough.
form-section-online-intro = A link is enough. Please do not save pictures or films of a child, do not send them on, and do not look for more: that hurts the child again. Please send us no pictures.
form-online-link = Where did you see it?
form-online-link-help = Paste the link, or write the name of the account or group. If there are several, each on a line of its own. We do not open them by ourselves.
form-online-account = Say something about it, if you want
form-online-account-help = One sentence is enough: what is there, and when you saw it.

## When and where

form-section-where = When and where
form-when = When did it happen, or when will it happen?
form-when-help = So that we know how much time there is. “Last week” or “every Sunday” is fine.
form-place = Where is it?
form-place-help = So that help can find the place. A village, a street, a shop or something close to it is fine.

## People

form-section-people = The people in it
form-section-people-intro = Write only what you want us to know. A name is not needed.
form-child = { $who ->
    [me] What else do you want us to know about you?
   *[other] What do you know about the child or the children?
}
form-child-help = { $who ->
    [me] So that we can find out how to help you. For example: your school, who is with you.
   *[other] So that we can find out who needs help. For example: how they look, their school, who is with them.
}
form-suspect = What do you know about the person who does this?
form-suspect-help = { $who ->
    [me] So that we can stop the harm. For example: who they are to you, how they look, where they work, their telephone number or account. Please do not follow, record or question anyone to find out more.
   *[other] So that we can stop the harm. For example: who they are to the child, how they look, where they work, their telephone number or account. Please do not follow, record or question anyone to find out more.
}
form-told = Does anyone else know about it?
form-told-help = So that we can work with people who help already, and take care with others.
form-told-nobody = Nobody, as far as I know
form-told-close = Family or friends
form-told-police = The police
form-told-hotline = A telephone helpline or an organisation
form-told-others = Someone else

## Safe contact

form-section-contact = Call me or write to me, safely
form-section-contact-intro = With your code you can read our answers here and write back. That is the safest way, and you need to give us nothing else.
form-contact = How may we write to you or call you?
form-contact-help = We never call or write by another way unless you ask for it here.
form-contact-code = Only here, with the code
form-contact-phone = Please call me
form-contact-chat = Please write to me in a chat or by e-mail
form-contact-how = Your number, account or address
form-contact-how-help = Only the team that reads your report sees it. It shows who you are.
form-contact-hours = When is it safe to call or write?
form-contact-hours-help = So that we do not reach you when the wrong person is near.
form-contact-name = Whom shall we ask for?
form-contact-name-help = Any name you like. It need not be your real one.
form-contact-shared = Who else uses this phone or account?
form-contact-shared-help = So that we know who might answer or read.
form-contact-say = What shall we say if someone else answers?
form-contact-say-help = For example: “Wrong number”, or that we call about school.
form-contact-message = May we leave a message?
form-contact-message-help = Someone else might hear it or read it.
form-contact-message-yes = Yes
form-contact-message-no = No

## Who must not be told

form-section-barred = Who must not be told
form-section-barred-intro = Sometimes the people who should help are part of the harm. You can say so here.
form-barred = Is there anyone who must not know about your report?
form-barred-help = So that your report does not reach the wrong person.
form-barred-police = The police
form-barred-officials = Officials or other people with power
form-barred-staff = Someone who works for this organisation
# Shown beside answers that route the report to another channel.
form-barred-other-team-notice = Your report then goes to a separate team, and not to the team that reads the others.
# Shown instead where there is no other channel.
form-barred-same-team-notice = There is only one team here, and it reads all reports. It sees this answer first. If you are not sure whom you can trust here, you can also call one of these numbers.
# Shown instead to whoever tells it after sending.
form-barred-sent-notice = Your report is already with a team here. If someone of that team must not know, please do not write it here. Send a new report and say it there before you send it, or call one of these numbers.
form-barred-named = Another person
form-barred-who = Who is it?
form-barred-who-help = A name, a job, or what you know. Leave it empty if you do not want to say.
