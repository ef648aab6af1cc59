## Whose a report is, when they look again, and how it ends

staff-state-acted-upon = Somebody acts on it
staff-state-referred = Passed on
staff-state-promoted = A case
staff-state-closed = Closed
staff-act-act-upon = Somebody acts on it
staff-act-refer = { decisions-kind-refer }
staff-act-promote = { decisions-kind-promote }
staff-act-conclude = { decisions-kind-close }
staff-act-miss-look = Nobody looked again in time

# $handles are names of colleagues, with commas between them.
staff-card-assignees = Theirs: { $handles }
# $what is one of the lines below, $time a length of time.
staff-deadline-due = { $what } in { $time }
staff-deadline-late = { $what }: { $time } late
staff-deadline-claim = Take it
staff-deadline-decide = Decide
staff-deadline-look = Look again
staff-deadline-first-reply = First answer
staff-deadline-status = Tell how it stands
staff-minutes = { $minutes } min
staff-hours = { $hours } h
staff-days = { $days ->
    [one] { $days } day
   *[other] { $days } days
 }

rest-title = Somebody acts on it
rest-hint = It leaves the list of what waits and rings nobody until the next look. If nobody looks by then, it comes back and rings again. If the reporter writes, the look comes sooner.
rest-people = Who acts on it?
rest-hours = Look again in
rest-words = What is done now (may stay empty)
rest-submit = It is theirs
rest-staff-wrong = Choose one to sixteen people who can read this report.
rest-hours-wrong = A report of this urgency must be looked at sooner.
rest-look-at = Look again: { $time }
rest-look-in = Look again in { $time }
done-acted-upon = It is in good hands. It comes back when it is time to look again.

decisions-kind-close = Close it, with what came of it
decisions-kind-refer = Pass it on
decisions-kind-promote = Make it a case
decisions-explained-close = The report leaves the list. If its reporter writes again, it comes back.
decisions-explained-refer = For what somebody else is responsible for. Nothing is sent from here: say to whom it went. It comes back when it is time to ask there.
decisions-explained-promote = Named people work on it for as long as it takes. A lead has to approve.
decisions-outcome = What came of it
decisions-outcome-none = Please choose
decisions-outcome-child-safe = The child is safe
decisions-outcome-child-helped = The child was found and gets help
decisions-outcome-suspect-identified = Whoever did it is known
decisions-outcome-suspect-arrested = Whoever did it was arrested
decisions-outcome-suspect-prosecuted = Whoever did it is before a court
decisions-outcome-suspect-convicted = Whoever did it was convicted
decisions-outcome-content-removed = What was online is removed
decisions-outcome-passed-on = Passed on, nothing heard of it
decisions-outcome-not-confirmed = Looked into, not confirmed
decisions-outcome-cannot-act = Too little to act on
decisions-outcome-out-of-scope = Not what this hotline is for
decisions-outcome-duplicate = Told of by another report
decisions-outcome-false = Looked into, not true
decisions-outcome-wrong = This outcome needs an act: close it with what came of it instead.
decisions-safety = Is the child safe?
decisions-safety-hint = What is known of it, and from whom.
decisions-safety-missing = Please write what is known of the child’s safety, also if it is nothing.
decisions-untold = Why the reporter is told nothing
decisions-untold-hint = Only if there is no message above.
decisions-feedback-missing = Write a message to the reporter, or here why there is none.
decisions-to = To whom
decisions-to-hint = The office and, if you know it, the person.
decisions-to-missing = Please write to whom it is passed on.
decisions-lead-needed = Only a lead can make a report a case.
decisions-class-too-short = For this outcome it must be kept for longer: two people alone may destroy it.
decisions-people-gone = Somebody who is named here can no longer read the report. Refuse this, and propose anew.
decisions-look-too-late = The report is more urgent than when this was proposed, and must be looked at sooner. Refuse this, and propose anew.
