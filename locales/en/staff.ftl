### Pages for the staff of the hotline. Tone: calm, plain, for somebody who works at night. No blame, no alarm.
### Handles, numbers and days come in as variables; nothing here is ever joined to another sentence.

## Every page

staff-nav-label = Pages
staff-nav-queue = Queue
staff-nav-team = My team
staff-nav-status = Status
staff-nav-people = People
staff-nav-teams = Teams
staff-nav-mail = Mail
staff-nav-charters = Sign
staff-nav-audit = Audit
staff-sign-out = Sign out
staff-role = Role
staff-code-hint = The 6 digits your authenticator app shows now. Khmer digits work too.
staff-fresh-code = A fresh code
staff-fresh-code-hint = This act needs a new 6-digit code from your authenticator app. A code works only once.
staff-kept-label = What you wrote. It has not been saved yet.
staff-reason = Reason
staff-pages = More pages
staff-page-previous = Previous
staff-page-next = Next
staff-page-number = Page { $page }

## The demonstration

staff-demo-banner = Demonstration. Nothing here is real; do not type anything that is.
staff-demo-mail-link = See the mails
staff-demo-accounts = Accounts to try
staff-demo-accounts-lead = The code changes every 30 seconds and works once: reload this page for the next.
staff-demo-code = Code now
staff-demo-mail-title = Mails of the demonstration
staff-demo-mail-lead = In service these go out over a protected connection. Every one has the same words and the same size, whatever was reported.
staff-demo-mail-empty = No mail yet. Send a report, and one will be here within a minute or at the next quarter hour.

## Signing in

staff-login-title = Sign in
staff-login-lead = For the staff of the hotline. If you want to report something, this is not the page you need.
staff-login-handle = Handle
staff-login-passphrase = Passphrase
staff-login-code = Code
staff-login-submit = Sign in
staff-login-lost = Lost the phone too, or the recovery code? Ask your administrator to reset your account. Nobody can read your passphrase, so nobody can send it to you.
staff-login-wrong = That did not work. Check the handle, the passphrase and the code, and wait for a new code before you try again.
staff-login-expired = The page was open too long. Please fill it in again.

## Joining

staff-join-title = Set up your account
staff-join-lead = You have been invited as { $handle }. This takes about five minutes. You need your phone with an authenticator app, and a pen.
staff-join-role = Your role:
staff-join-step-passphrase = 1. Your passphrase
staff-join-passphrase-why = It opens your keys. It is stored nowhere, so it cannot be looked up or reset.
staff-join-words = Use these six words (recommended)
staff-join-words-hint = Write them on paper now, in this order. Keep the paper away from the computer.
staff-join-own = Use a passphrase of my own
staff-join-own-label = Your own passphrase
staff-join-step-code = 3. Your authenticator app
staff-join-code-how = Scan this picture with the app. If you cannot, type the letters below it into the app. They are shown only here.
staff-join-qr = QR code for your authenticator app
staff-join-secret = Or type:
staff-join-code = The code the app shows now
staff-join-step-recovery = 2. Your recovery code
staff-join-recovery-why = It lets you in again if the passphrase is lost.
staff-join-noted = I have written my passphrase down, or know it by heart.
staff-join-submit = Set up my account
staff-join-weak = This passphrase is too easy to guess. Use more words that do not belong together, or take the six words above.
staff-join-wrong-code = This code is not right, or no longer. Type the one the app shows now.
staff-join-noted-missing = Write the passphrase down first, then tick this box: without it you cannot come back.
staff-join-expired = The page was open too long. Here are a new picture and a new recovery code: please scan and write again.
staff-join-unknown-title = This invitation cannot be used
staff-join-unknown-text = It has been used already, or is older than 72 hours, or the address is not complete. Ask your administrator for a new one.

## The recovery code

staff-recovery-sheet = Recovery code. Keep in a safe.
staff-recovery-keep = Write it down or print it, and put it in a sealed envelope in a safe place, not beside the passphrase.
staff-recovery-print = To print, use your browser's menu. Only the code is printed.
staff-recovery-power = Whoever has it, and a copy of the data, can open what you can open.
staff-recovery-new-title = New recovery code
staff-recovery-new-lead = You write the new code on paper first. The old one works until you have typed back the end of the new one.
staff-recovery-new-submit = Make a new recovery code

## The account

staff-account-title = My account
staff-fingerprint = Key number
staff-fingerprint-mine-hint = Read these 30 digits to a teammate, face to face or by telephone, when you join a team.
staff-verify-key = Your signing key
staff-verify-key-hint = The operator writes this into the configuration file as a custodian's key. It is not secret. Before that, read the 30 digits of its fingerprint to the operator, face to face or by telephone.
staff-passphrase-title = Change my passphrase
staff-passphrase-old = Passphrase now
staff-passphrase-new = New passphrase
staff-passphrase-submit = Change it
staff-account-wrong = The passphrase or the code is not right. Nothing has been changed.

## Roles

staff-role-caseworker = Caseworker
staff-role-custodian = Custodian
staff-role-administrator = Administrator
staff-role-auditor = Auditor
staff-role-explained-caseworker = Reads reports that come to the team, decides how urgent they are, and answers the people who sent them.
staff-role-explained-custodian = Signs which team may receive reports. Reads no reports.
staff-role-explained-administrator = Invites people and keeps the service running. Holds no key and can read no report.
staff-role-explained-auditor = Sees who did what and on which day, never what a report says.

## Urgency and states

staff-urgency-u0 = U0 · Danger now
staff-urgency-u1 = U1 · Harm within days
staff-urgency-u2 = U2 · Serious
staff-urgency-u3 = U3 · Information
staff-urgency-any = Any
staff-state-received = New
staff-state-alike = One of many alike
staff-state-in-triage = In hand
staff-state-needs-information = Waiting for the reporter
staff-state-linked = Linked to another
staff-state-suspected-spam = Perhaps spam
staff-state-locked = Locked

## The queue

staff-queue-title = Queue
staff-queue-filter-state = State
staff-queue-filter-urgency = Urgency
staff-queue-filter-submit = Show
staff-queue-empty-title = Nothing is waiting
staff-queue-empty-text = Every report that your keys open is in hand. New ones appear here; urgent ones also mail whoever is on call. You can rest your eyes.
# Shown to somebody whose keys do not open what comes in. $teams are names of teams.
staff-reach-without = You cannot see yet what comes in for { $teams }: nobody there has given you the team’s present key. Something may be waiting all the same. Ask a member to let you in.
staff-reach-no-team = You are in no team, so you see nothing of what comes in. Something may be waiting all the same. Ask the administrator to put you into a team.
staff-reach-unknown = Which reports are yours to see cannot be read just now. An empty list does not mean that nothing waits.
staff-reach-link = Your team
staff-queue-rest-title = Beside these, nothing is waiting
staff-queue-rest-text = Every other report that your keys open is in hand. Look through the group above: a true report may stand among them.
staff-queue-alike-title = Many that are alike
staff-queue-alike = { $count ->
    [one] One report came within minutes of others that say almost the same
   *[other] { $count } reports came within minutes of each other and say almost the same
 }, as junk does; urgent by their answers: { $urgent }. None is lost.
staff-queue-alike-most = { $count } reports or more came within minutes of each other and say almost the same, as junk does; urgent by their answers: { $urgent } or more. None is lost.
staff-queue-alike-link = Look through them
staff-queue-unseen-title = You cannot see whether something is waiting
staff-queue-unseen-text = This list is empty because your keys open nothing yet, not because nothing is there.
staff-queue-unread = Part of what belongs here cannot be read. The database is damaged here, and those who look after alarms have been told. Something may be waiting all the same.
staff-queue-none-title = No report fits this choice
staff-queue-none-text = There may be others: show all open reports to be sure.
staff-card-claim = Take it
staff-card-open = Open
staff-card-read = Read only
staff-card-yours = Yours
staff-card-holder = With { $handle }
staff-card-barred = Must not be told:
staff-card-unreadable = The summary cannot be opened. Take the report to see what is wrong.
staff-unreadable = { $id }: cannot be read. The database is damaged here, and those who look after alarms have been told.
staff-unreadable-rest = What comes after this cannot be read. The database is damaged here, and those who look after alarms have been told.
staff-when-now = this hour
staff-when-hours = { $hours } h ago

## One report

staff-report-title = Report
staff-report-back = Back to the queue
# A day of which the hour is not kept. $day is a date.
staff-utc-day = { $day } UTC
# At the foot of each page. $zone is a time zone, such as Asia/Phnom_Penh (UTC+07).
staff-zone = Times are those of { $zone }. A date without a time is a day in UTC.
staff-report-when = { $day }, about { $hour }
staff-report-claim-hint = Take it before you act, so that no one else does the same at the same time.
staff-report-locked = This report is locked. Nothing of it is shown, to protect the child and you.
staff-report-answers = As it was written
staff-report-history = What happened since
staff-report-history-empty = Nothing yet.
staff-report-release = Give it back
staff-report-release-hint = It goes back by itself after 15 idle minutes.
staff-report-id = Number of this report, for linking another to it:
staff-entry-from-reporter = The reporter wrote
staff-entry-to-reporter = Message to the reporter
staff-entry-note = Note
staff-entry-unsigned = The signature of who is named here is missing or is not theirs. Ask them whether they wrote this.
staff-entry-decision = Decision
staff-message-title = Write to the reporter
staff-message-label = Message
staff-message-hint = Somebody else may read it on the reporter's phone. Name nobody, and do not repeat what was reported.
staff-message-submit = Put it into the mailbox
staff-message-ask = Ask, and wait for the answer
staff-message-ask-hint = Asking moves the report to "Waiting for the reporter". It comes back when they answer.
staff-message-closed = The reporter has closed the mailbox. No message can reach them.
staff-note-title = Note for the team
staff-note-label = Note, never shown to the reporter
staff-note-submit = Keep the note
staff-urgency-title = Urgency
staff-urgency-legend = How soon does a person have to act?
staff-urgency-suggested = (the answers hint at this)
staff-urgency-hints = Answers that may matter here:
staff-urgency-reason-hint = In a few words, for whoever reads it next.
staff-urgency-submit = Set the urgency
staff-act-title = What happens to it
staff-act-legend = Choose one
staff-act-ask-reporter = Wait for the reporter
staff-act-resume = Take it up again
staff-act-explained-resume = It counts as being in hand again.
staff-act-link = Link it to another report
staff-act-explained-link = Both tell of the same event. Both are kept, and both reporters can go on writing.
staff-act-mark-spam = It looks like spam
staff-act-explained-mark-spam = Kept aside for 30 days. Any word from the reporter brings it back.
staff-act-lock = Lock it: it may show or lead to pictures of abuse
staff-act-explained-lock = Nothing of it is shown from then on. No reason is needed first. Do not open any address in it.
staff-act-unlock = Lift the lock
staff-act-explained-unlock = It goes back into the queue.
staff-act-claim = Taken
staff-act-close = { decisions-kind-no-action }
staff-act-release = Given back
staff-act-reporter-wrote = The reporter wrote
staff-act-linked = Number of the other report
staff-act-linked-hint = Only for linking: the 32 letters and digits at the foot of its page.
staff-act-submit = Do it

## What can go wrong with a report

staff-claim-first-title = Take the report first
staff-claim-first-text = Nobody has it at the moment. One person acts on a report at a time, so that two do not act without knowing of each other.
staff-claim-ended-title = The report went back to the queue
staff-claim-ended-text = 15 minutes passed without an act, so it was given back. Nothing has been saved. Take it again: what you wrote comes with you.
staff-held-title = { $handle } has this report
staff-held-text = It comes back to the queue when they give it back, or after 15 idle minutes. Speak with them if it cannot wait.
staff-changed = The report has changed since you opened this page. Look at what is new below, then send again. What you typed is still here.
staff-not-possible = This is not possible in the state the report is in.
staff-reason-missing = Please give a reason.
staff-second-person = Lowering U0 needs a second person. Propose it below, and a colleague approves it.
staff-text-missing = There is nothing written here yet.
staff-text-too-long = This is too long. Send it in two parts.
staff-choice-missing = Please choose one.
staff-linked-wrong = This is not the number of a report you can open.
staff-unreadable-title = This report cannot be opened
# After an act that takes a report out of sight, where words stood on its page that were not sent. They follow in a field.
staff-left-over-title = Done
staff-left-over-text = Other words stood on the page and were not saved. Copy what you still need.
# Beside a text in which characters stand that take no room. $count is a number; a click names each where it stands.
staff-unseen = { $count ->
    [one] 1 invisible character: show
   *[other] { $count } invisible characters: show
}
staff-unreadable-text = What is stored does not match its seal. Nothing of it is shown. Tell your administrator now, and do not delete anything.

## My team

staff-team-title = My team
staff-team-waiting = Waiting to be let in
staff-team-waiting-empty = Nobody is waiting. When a newcomer has set up their account, they appear here with their key number, and any member can let them in.
staff-team-waiting-lead = Ask the newcomer to read their key number to you, face to face or by telephone. Letting them in gives them every report of the team.
staff-team-compared = They read me this number, and it is the same.
staff-team-admit = Let them in
staff-compare-missing = Compare the 30 digits first, then tick this box.
staff-compare-changed = The key number has changed since you opened this page. Compare it again, and tell your administrator.
staff-code-wrong = This code is not right, or has been used. Type the next one your app shows.

## People

staff-people-title = People
staff-people-lead = Who has an account. You can invite people and stop them; you cannot read what they read.
staff-people-teams = Teams
staff-people-state = State
staff-people-joined = Since
staff-people-acts = Acts
staff-people-invite-again = New invitation
staff-people-disable = Stop this account
staff-people-disable-hint = Their sessions end at once and what they hold goes back to the queue.
staff-people-disable-sure = Stop it now
staff-person-invited = Invited, until { $until }
staff-person-invitation-over = Invitation has ended
staff-person-active = Active
staff-person-waiting = Waiting to be let in by a teammate
staff-person-disabled = Stopped
staff-invite-title = Invite somebody
staff-invite-lead = One account has one role. The link works once, for 72 hours.
staff-invite-handle = Handle
staff-invite-handle-hint = A short name for signing in: small letters, digits, hyphens and full stops. Better not the person's full name.
staff-invite-team = Team
staff-invite-team-hint = For caseworkers only.
staff-invite-team-none = No team
staff-invite-lead-box = Leads this team
staff-invite-submit = Make the invitation
staff-invite-handle-taken = Somebody has this handle already.
staff-invite-handle-wrong = Use 2 to 32 small letters, digits, hyphens and full stops, with a letter first.
staff-invite-team-missing = A caseworker needs a team. Make one first on the page Teams.
staff-invited-title = The invitation is ready
staff-invited-lead = Give this address to { $handle }:
staff-invited-once = It is shown on this page alone; loading the page again shows it again. If it gets lost, make a new one.
staff-invited-hours = It works once, for 72 hours.
staff-invited-safe = Hand it over in person or over a messenger you trust, not by e-mail: whoever opens it first becomes this person.
staff-invited-back = Back to people

## Teams

staff-teams-title = Teams
staff-teams-lead = A team receives the reports of its channels. Who may receive is signed by custodians, not decided here.
staff-teams-empty = There is no team yet. Make the first one below; then invite its first caseworker.
staff-teams-channels = Channels
staff-teams-channels-hint = The forms whose reports this team receives.
staff-teams-members = Members
staff-teams-generation = Key
staff-teams-generation-none = None yet
staff-teams-generation-number = Generation { $number }
staff-teams-next-caseworker = Next: invite a caseworker. Setting up their account makes the team's key.
staff-teams-next-custodian = Whether its channels are open stands on the page Status.
staff-teams-new = New team
staff-teams-name = Name
staff-teams-name-hint = Stored readable. Do not name a person or a case.
staff-teams-name-missing = Please give the team a name.
staff-teams-name-wrong = Use at most 80 letters, without line breaks.
staff-teams-name-taken = There is a team of this name, or the channel has a team already.
staff-teams-submit = Make the team

## Mail

staff-mail-title = Mail that does not leave
staff-mail-lead = Addresses to which notices do not leave, from the first failure on. Notices say nothing about any report.
staff-mail-empty = Every notice has gone out.
staff-mail-list-hotline = Hotline list
staff-mail-list-oncall = On-call list
staff-mail-list-backup = Backup list
staff-mail-since = since { $day }
staff-mail-retry = Try again
staff-mail-dismiss = Set aside
staff-mail-attempts = { $count ->
    [one] Tried once.
   *[other] Tried { $count } times.
}
staff-mail-again = It is tried again by itself: an urgent one after minutes, any other within hours, for three days.
staff-mail-given-up = It is not tried any more. New notices to this address are tried as before.
staff-mail-hint = What the mail server says is shown by: kapea mail test ADDRESS

## Status

## The reporters' form, as administrators see it

staff-nav-form = Form
staff-form-title = The form as reporters see it
staff-form-back = All languages
staff-form-lead = To change the form, change its file and the sentences beside it. The service takes them up some seconds later, without a restart, if nothing is wrong with them. Before that, look at them with “kapea form check”.
staff-form-file = The form is in
staff-form-version = Version
staff-form-remarks = What works and is still worth a look:
staff-form-languages = Languages
staff-form-whole = Every question and every answer has its words.
staff-form-missing = { $count ->
    [one] One sentence of the form is not there; the form is asked in English.
   *[other] { $count } sentences of the form are not there; the form is asked in English.
}
staff-form-missing-which = Which ones
staff-form-screens = On a telephone
staff-form-inert = This is only to look at: nothing can be typed, sent or listened to here. Recordings are heard on the reporters’ pages. Questions and notices that follow from an answer are shown too.

staff-status-title = Status
staff-status-refused = What was changed last in the configuration, the credentials or the form was not taken up. What was in force goes on. What is wrong:
staff-status-day = The last 24 hours
staff-status-day-intro = The service looks once every quarter of an hour: one bar for each look, the newest on the right. Grey means that not all of the service was running.
staff-status-day-running = All of it was running in { $count } of { $all } quarter hours.
staff-status-day-urgent = Urgent reports that nobody has claimed
staff-status-day-other = Other reports that nobody has claimed
staff-status-day-mail = Mails that have waited for more than a quarter of an hour
staff-status-day-shed = Requests turned away because there were too many at once
staff-status-day-disk = Disk space in use, in percent
staff-status-day-what = What
staff-status-day-now = Now
staff-status-day-most = Most
staff-status-day-begin = 24 hours ago
staff-status-day-later = Other reports count here from the day after they came (UTC), so that nobody can read here when one came.
staff-status-processes = The service
staff-status-running = Works
staff-status-silent = Not heard of
staff-status-does-intake = takes reports
staff-status-does-casework = serves staff
staff-status-does-worker = sends notices
staff-status-silent-since = Heard last: { $at }. It says something every minute. Whoever runs the machine looks whether it runs (systemctl status 'kapea-*') and starts it.
staff-status-takes-none = No report can be taken at the moment: its log says why (journalctl -u kapea-intake), and kapea healthcheck.
staff-status-stuck = Something that it has to do by itself has failed again and again for minutes, perhaps sending notices. Whoever runs the machine reads in its log why (journalctl -u kapea-casework). What fails:
staff-status-behind = It works with an old copy of the credentials. Bring it the newest file and reload it: what it writes counts as forged from the second day on.
staff-status-clock = The clock
staff-status-clock-doubted = Nobody believes the machine's clock: it has leapt, or does not go with what the service remembers from before its start. Reports come in and notices go out; no report and no mailbox is destroyed or closed until that is settled.
staff-status-clock-machine = The machine says
staff-status-clock-counted = The service has counted, at the least
staff-status-clock-do = Compare both with a clock on the wall. If the machine is wrong, whoever runs it sets its clock right (timedatectl), and there is nothing to do here. If it is right, because the machine stood still or was off, confirm it with the code that your phone shows now.
staff-status-clock-confirm = The machine's clock is right
staff-status-clock-other = This code is right, and it is of the time that the service has counted: your phone says that the machine's clock is wrong. Have it set right.
staff-status-channels = Channels
staff-status-channels-empty = No channel has a team yet, so the form is closed. Follow the steps below.
staff-status-open = Open
staff-status-closed = Closed
staff-status-members-waiting = Waiting to be let into a team
staff-closed-no-team = No team is named for it. Make one on the page Teams.
staff-closed-no-key = The team has no key yet. Its first caseworker makes it when setting up their account.
staff-closed-not-signed = Custodians have not signed yet.
staff-closed-no-custodian = The configuration file names no custodian.
staff-closed-broken = The signed records do not fit together. Look into it today; reports still go to the last good key, if there is one.
staff-status-mail = Mail
staff-status-mail-waiting = Waiting to go out
staff-status-mail-dead = Given up
staff-status-mail-failing = Addresses to which mail does not leave
staff-status-mail-see = See them
staff-status-swap-locked = It stays in memory: it is never written to swap or into a core dump, and no other program of the same account can look into it.
staff-status-swap-off = There is no swap that it could be written to. It is never written into a core dump, and no other program of the same account can look into it.
staff-status-swap-possible = What is being typed can be written to swap, on a disk. Whoever runs the machine turns swap off, or lets the service lock its memory (LimitMEMLOCK=infinity in its unit).
staff-status-backup = Backup
staff-status-backup-last = The last one that was read again whole: { $day }.
staff-status-backup-failed = One failed on { $day }. Whoever runs the machine sees why in its log (journalctl -u kapea-backup).
staff-status-backup-late = There is no backup of the last two days. If the machine is lost now, reports are lost with it. Whoever runs it sets up kapea backup, and looks whether it works (systemctl status kapea-backup.timer).
staff-status-damage = Damage
staff-status-damage-what = Something in these tables of the database cannot be read:
staff-status-damage-do = Make a backup now with “kapea backup”, and keep the data folder as it is. Look at “kapea doctor” and at the disk, then put back the newest whole backup with “kapea restore” (deploy/backup-and-restore.md).
staff-status-disk = Disk
staff-status-disk-free = { $free } MiB of { $size } MiB are free.
staff-status-disk-low = Little room is left. Make room today: old logs, old backups, a larger disk.
staff-status-disk-closed = The reserve is used up. The form is closed, and nothing can be reported until there is room.
staff-status-disk-io = The disk does not read or write what it is asked to. What was acknowledged is kept; what cannot be written is refused, and reporters are told so. Whoever runs the machine looks at the disk (journalctl -k) and at kapea doctor, and makes a backup now.
staff-status-disk-read-only = The disk of the database can be read and not be written: nobody can report or sign in. Whoever runs the machine looks why (journalctl -k), makes it writable again, and starts the service anew (systemctl restart kapea.target).
staff-status-disk-cannot-open = The database’s file, or one beside it, cannot be opened. Whoever runs the machine looks at the owner and the mode of the data folder (kapea doctor), and how many files are open.
staff-status-languages = Languages of the reporters’ pages
staff-status-language-whole = Every sentence is there.
# $count is a number.
staff-status-language-lacking = { $count ->
    [one] One sentence is missing and is said in English.
   *[other] { $count } sentences are missing and are said in English.
}
staff-status-language-checked = Checked by a native reader.
staff-status-language-unchecked = Not yet checked by a native reader.
staff-status-start = From nothing to an open form
staff-status-start-custodian = Invite a custodian. Write their signing key into the configuration file (or use the one made by kapea init).
staff-status-start-team = Make a team and give it its channels.
staff-status-start-caseworker = Invite its first caseworker. When they set up their account, the team's key is made.
staff-status-start-sign = The custodian compares the key number with the caseworker and signs.
staff-status-start-test = Send a test report, and see that the notice arrives.

## Charters

staff-charters-title = Who may receive reports
staff-charters-lead = Your signature says: reports of this channel may be sealed to the key of this team. Nobody else can say so, not even the administrator.
staff-charters-empty = Nothing waits for your signature. When a team has made its key, it appears here.
staff-charters-fingerprint = Key number of the team:
staff-charters-signatures = { $have } of { $need } signatures
staff-charters-signed = You have signed this.
staff-charters-no-key = The team has no key yet. There is nothing to sign.
staff-charters-not-pinned = Your key is not in the configuration file, so your signature would count for nothing. Give the key below to the operator.
staff-charters-compared = A member of the team read me this number, and it is the same.
staff-charters-sign = Sign

## Audit

staff-audit-title = Audit
staff-audit-lead = Every act that touches access, content or settings, newest first. What a report says is never here.
staff-audit-newest = Newest
staff-audit-older = Older
staff-audit-sequence = Number
staff-audit-day = Day
staff-audit-class = Act

## Done

done-claimed = The report is yours.
done-released = The report is back in the queue.
done-urgency = The urgency is set.
done-note = The note is kept.
done-message = The message lies in the mailbox.
done-act = Done.
done-passphrase = Your passphrase is changed. Sign in with it.
done-joined = Your account is ready. Sign in with the passphrase you wrote down and a new code of your app.
done-admitted = They are a member now.
done-disabled = The account is stopped.
done-team = The team is made.
done-clock = The machine's clock is confirmed.
done-retry = It will be tried again within a minute.
done-dismissed = Set aside.
done-signed = Signed.
done-signed-out = You are signed out.

## Errors

staff-forbidden-title = This request was refused
staff-forbidden-text = It did not come from a page of this service that you have open, or that page was from an earlier session. Go back, reload the page and try again.
staff-bad-request-title = This request cannot be read
staff-bad-request-text = The form arrived damaged. Go back, reload the page and try again.
staff-too-large-title = This is too much at once
staff-too-large-text = Go back and send it in smaller parts.
staff-busy-title = The server is busy
staff-busy-text = Nothing has been saved. Wait a few seconds and try again.
staff-unavailable-title = Storage does not answer
staff-unavailable-text = Nothing has been saved. Try again, and tell your administrator if it goes on.
staff-back-start = To the start page
staff-session-ended-title = Your session has ended
staff-session-ended-text = Nothing has been saved. Copy what you wrote, sign in again and paste it.
staff-people-not-possible = This is not possible for this account, or it has changed meanwhile. You cannot stop your own.
