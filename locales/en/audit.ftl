## The audit trail

audit-who = Who
audit-report = Report
audit-detail = More
audit-find = Find
audit-none = No entry fits. Where there is an older page, go on looking there.

audit-not-held = Sealed to a key that you do not hold. A colleague lets you in on the team's page.
audit-body-broken = Not what was written: changed, exchanged or removed
audit-check = Check the whole log
audit-check-hint = From the first entry to the last, with everything that your key opens. It takes a while where there are many.
audit-sound = { $count } entries, nothing is wrong.
audit-found-missing = Entry { $entry } is missing: deleted, or moved to another place.
audit-found-changed = Entry { $entry } was changed, exchanged or moved.
audit-found-body = What is told of entry { $entry } was changed, exchanged or removed.
audit-found-head = The signed head at entry { $entry } was removed or is not signed by the right key.
audit-found-forked = The log was written anew: at entry { $entry } it is not what was signed.
audit-found-truncated = The log is cut off before entry { $entry }, or an old copy was put back.
audit-found-successors = An audit key has named two successors: it is in other hands.
