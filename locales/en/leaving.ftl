## Somebody leaves, or their key may be in wrong hands

leaving-title = When somebody leaves
leaving-does = Stopping an account ends every session at once, takes away what it opens, gives their reports back to the queue, and orders new keys for their teams. In the history they are called a former colleague.
leaving-cannot = It cannot call back what they have read, remembered, copied, photographed or printed. A copy of the database that they took while they were a member stays open to them: new keys protect what comes in afterwards, and what they have not copied.
leaving-compromised = If their key may be in wrong hands, tick the box. Then restricted reports that they could read get new keys too, made by the next of the other readers who signs in. A restricted report that nobody else can read is not lost: it stays sealed to this person, and only their printed recovery code opens it, with “kapea open” on a copy of the data folder.
leaving-compromised-hint = Also changes the keys of restricted reports that they could read.
leaving-lose = Nobody else holds the key of { $teams }, and it is not wrapped to a recovery key. I know that its reports (of the auditors: the audit log) will be lost for good.
leaving-last-holder = Nobody else holds the key of their team. First let somebody else into the team, or say that its reports may be lost for good: open “Stop this account” again and tick that box.
leaving-former = former colleague { $digits }
done-disabled-kept = The account is stopped. Some restricted reports can be read by nobody else. They are kept: only this person's recovery code opens them, with “kapea open” on a copy of the data folder.
leaving-rekeys = Restricted reports that wait for a new key: { $count }. The next of their readers who signs in makes it.
