## Acts that need two people, and how long a report is kept

decisions-title = Needs a second person
decisions-lead = One person proposes, another one who can read the report approves. Nobody approves their own.
decisions-waiting-title = Waiting for a second person
decisions-reviews-title = Due to be looked at again
decisions-yours = proposed by you
decisions-own-hint = You proposed this. A colleague who can read the report has to approve it.
decisions-propose = Propose it
decisions-approve = Approve, and do it
decisions-refuse = Refuse
decisions-withdraw = Take it back
decisions-message = Message to the reporter
decisions-message-hint = It lies in the mailbox once this is approved. Leave it empty to write nothing.

decisions-kind-lower-urgency = Lower the urgency
decisions-kind-no-action = Close as no action
decisions-kind-export = Export
decisions-kind-shred = Destroy the report
decisions-kind-lift-hold = Lift the legal hold
decisions-explained-lower-urgency = The report stays of the highest urgency until a second person agrees.
decisions-explained-no-action = The report leaves the queue. If its reporter writes again, it comes back.
decisions-explained-export = Answers and history become one file that only the recipient's key opens. Either of the two who agree can fetch it once, within a day.
decisions-explained-shred = Everything that is stored of the report goes, and its mailbox closes. Nobody can bring it back, and what was copied or lies in a backup is not reached by this.
decisions-explained-lift-hold = Clocks run again from this day, and the report can be destroyed.

decisions-recipient = The recipient's age key
decisions-recipient-hint = It begins with age1. Compare the number that belongs to it by voice before you approve.
decisions-recipient-wrong = This is not an age key of the usual kind: age1 and 58 more characters, in small letters.
decisions-ready = An export is ready
decisions-ready-hint = It can be fetched once. Whoever has this key, and nobody else, can open the file.
decisions-fetch = Fetch the file

staff-state-no-action = Closed, no action
decisions-kept-title = How long it is kept
decisions-kept-until = until { $day }
decisions-kept-review = look at it again from { $day }
decisions-on-hold = Legal hold: every clock stands still.
decisions-class = How long to keep it
decisions-class-undecided = Not decided: no clock runs
decisions-class-spam = Spam: destroyed when its days are over
decisions-class-no-action = No action: looked at again when its days are over, then destroyed
decisions-class-child-identified = A child is identified: until the day given, destroyed by two people alone
decisions-class-referred = Referred or confirmed: no clock, or the day counsel names
decisions-class-suspected-illegal = Suspected illegal content: until it is handed over, destroyed by two people alone
decisions-until = Day
decisions-until-hint = For an identified child: the child's 25th birthday or ten years from now, whichever is later.
decisions-day-wrong = This needs a day in the future: for an identified child at least ten years after the report came, and never more than 75 years ahead.
decisions-retain = Set how long it is kept
decisions-hold = Set a legal hold
decisions-hold-hint = Nothing destroys the report while the hold stands. Lifting it takes two people.

decisions-own = You proposed this yourself. Somebody else has to approve it.
decisions-waiting-already = This is proposed already. Approve or refuse that first.
decisions-held = A legal hold stands. First two people have to lift it.
decisions-void = This does not count any more: whoever proposed it has left, or it was fetched or has run out.
decisions-written = The reporter has written since this was proposed. Read it, then refuse this and propose anew.
decisions-claim-first = Take the report first, then propose this.
done-proposed = Proposed. A colleague has to approve it.
done-agreed = Approved and done.
done-refused = It will not be done.
done-retained = How long it is kept is set.
done-held = The legal hold is set.
done-shredded = The report is destroyed.
