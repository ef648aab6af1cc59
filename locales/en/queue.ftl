## The queue: views, what changed, and what can be chosen

desk-views = Which reports
desk-view-waiting = Waiting
desk-view-for-me = For me
desk-view-mine = Mine
desk-view-unassigned = Nobody’s
desk-view-late = Late
desk-view-open = All open
desk-order-urgency = Most urgent first
desk-order-due = What is due first
desk-any = Any
desk-count-most = 99+

# $waiting and $mine are numbers, or 99+.
desk-nav-waiting = { $waiting } waiting
desk-nav-for-me = { $mine } for you
desk-nav-both = { $waiting } waiting · { $mine } for you

desk-choose = Choose and order
desk-channel = Came through
desk-language = Language of the reporter
desk-from = Came from
desk-to = until
desk-day-wrong = This is no date. Write it as 2026-11-23.
desk-order = Order
desk-compact = One line for each report
desk-refresh = Read this page again every minute
desk-clear = Show everything in this list
# $count is how many reports were opened to look.
desk-looked-through = Of { $count } reports that were looked through, these fit.
desk-digits = So that somebody in your team can let you in, read them these digits:

desk-unread = You have not read it
desk-reporter-wrote = The reporter has written
desk-colleague-wrote = A colleague has written
desk-unanswered = Not answered yet
desk-new = New
# $what is what happened (a note, a message), $who a name, $when a day and time.
desk-last = Last: { $what }, { $when }
desk-last-by = Last: { $what }, { $who }, { $when }
desk-written = { $messages ->
    [one] { $messages } message
   *[other] { $messages } messages
 } · { $notes ->
    [one] { $notes } note
   *[other] { $notes } notes
 }

desk-previous = Previous
desk-next = Next
desk-news-first = Something was written since you opened this page, and it is marked “New” in the history. Your words are still here and were not sent: read it, then send them again.

desk-empty-for-me-title = Nothing needs you now
desk-empty-for-me-text = What you have or act on rests until its next look. If a reporter writes or the time comes, it stands here.
desk-empty-mine-title = You have no report
desk-empty-mine-text = Take one from the list of what waits, or say that you act on one. It then stands here until it is at its end.
desk-empty-late-title = Nothing is late
desk-empty-late-text = Whatever waits for somebody, or is in somebody’s hands, is still within its time.

## One report in reading order, ready-made answers, what words mean, keys

desk-facts = Facts
desk-original = As the reporter saw it
desk-bar = What can be done
desk-part-rest = Act on it
desk-part-message = Answer
desk-part-note = Note
desk-part-urgency = Urgency
desk-part-act = Move
desk-part-decisions = Decide
desk-ready = Ready-made answers
desk-ready-hint = One press puts it below what you have written, in the reporter’s language. Nothing is sent yet.
desk-ready-put = Put it into the answer

glossary-link = What the words mean
glossary-title = What the words mean
glossary-means = Means
glossary-urgency-u0 = A child is in danger now or today.
glossary-urgency-u1 = Harm is likely within days: somebody is being groomed, threatened or moved.
glossary-urgency-u2 = Serious, with no sign that it happens again soon.
glossary-urgency-u3 = Long ago, vague, or for information only.
glossary-state-received = It came in, or came back, and nobody has it.
glossary-state-alike = It came in among many that say almost the same; they stand as one group.
glossary-state-in-triage = Somebody has it in hand and decides what happens to it. After a quarter of an hour without a touch it goes back.
glossary-state-needs-information = A question to the reporter lies in the mailbox. It comes back with the answer, or when it is time to look again.
glossary-state-acted-upon = Somebody acts on it and has said when they look again. It rings nobody until then.
glossary-state-referred = Two people have passed it on; somebody asks there what became of it.
glossary-state-promoted = It has become a case that named people work on for long.
glossary-state-linked = It tells of the same event as another report; both are kept.
glossary-state-suspected-spam = It looks like junk. After 30 days it is destroyed, unless the reporter writes.
glossary-state-no-action = Two people have closed it without anything being done. Whatever the reporter writes opens it again.
glossary-state-locked = It may hold or lead to illegal images: only team leads see it.
glossary-state-closed = It is at its end, with what came of it. Whatever the reporter writes opens it again.

keys-title = Keys
keys-lead = They work where the browser runs our script, outside of fields. Without it everything works by links and buttons.
keys-close = Esc or ? closes this list.
keys-help = Show this list
keys-next-card = To the next report in the list
keys-previous-card = To the report before
keys-open = Open it
keys-take = Take it
keys-release = Give it back
keys-next = The next report
keys-previous = The report before
keys-list = Back to the list
keys-message = Write to the reporter
keys-note = Write a note
desk-more = Much is new in it
desk-none-here = None of those that were looked through fits. There are more: go on to the next page.
keys-words = What the words mean
staff-report-answers-hint = Nothing is corrected and nothing is proved. Hidden characters are shown as ⟦U+…⟧; no address here can be clicked.
desk-nav-unread = cannot be counted now
