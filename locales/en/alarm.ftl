## Alarms

alarm-nav = Alarms
alarm-title = Alarms
alarm-lead = What nobody may be able to hide. Find out how it came about, together with somebody outside the server room, before you mark it.
alarm-none = Nothing is open.
alarm-since = since { $day }
alarm-see = I have looked into it
alarm-see-hint = It goes from this list, and the audit trail keeps who marked it. If it is still the case tomorrow, it comes back.
done-alarm-seen = Marked as looked into.
alarm-banner = Open alarms: { $count }
alarm-banner-member = The records of your team's keys do not verify. Somebody may have tampered with the database. Tell your lead and a custodian, not by the means you use to reach the server room.
staff-mail-list-alarm = Alarm list

alarm-chain-broken = Somebody has changed who receives reports
alarm-explained-chain-broken = The records that say which key this channel's reports are sealed to are not as custodians and members signed them. New reports still go to the last key that was right; if there was none since the start, the form is closed.
alarm-team-broken = The records of a team's keys have been changed
alarm-explained-team-broken = The team's keys are not as its members signed them, or a member's copy of the key does not open. The team's key is not changed until this is put right.
alarm-member-unvouched = Nobody vouched for a member
alarm-explained-member-unvouched = Somebody is listed as a member whose key no member of the team let in. They get no key. Look at the list of members with the team's lead.
alarm-report-broken = A report does not open as it was sealed
alarm-explained-report-broken = Somebody who holds its key could not open it, or part of it: the row is damaged or was exchanged. What does not open is not shown.
alarm-grant-set-aside = A report could not be taken along to the new key
alarm-explained-grant-set-aside = Its key did not open when the team's key was changed: the row is damaged or was exchanged. It is kept as it was.
alarm-recovery-broken = The recovery key's record is not right
alarm-explained-recovery-broken = Too few custodians signed it, or it was exchanged. Nothing is sealed to it until this is put right.
alarm-recovery-used = The recovery key was used
alarm-explained-recovery-used = Shares of the recovery key were brought together to let somebody into this team. Ask the people who hold the shares whether that was they.
alarm-audit-broken = The audit log is not as it was signed
alarm-explained-audit-broken = Entries have been changed, removed or put back to an older state. Check it with “kapea audit verify” and with the mails that outsiders keep.
alarm-charter-ends = A signature runs out
alarm-explained-charter-ends = Who receives this channel's reports is signed with keys that soon do not count any more. Custodians must sign anew.
alarm-authenticator-replaced = Somebody has set up another authenticator
alarm-explained-authenticator-replaced = With the passphrase and the printed recovery code, or with the old authenticator. Ask the person, not through this service, whether it was they. If not, close the account as compromised now.
alarm-factor-rests = Many wrong codes for one account
alarm-explained-factor-rests = Ten wrong codes or passphrases within an hour: no code of this account is taken there for a quarter of an hour. Ask the person, not through this service, whether it was they. If not, somebody is guessing; at the sign-in, they know the passphrase already, and it must be changed.
alarm-session-ended = Wrong codes ended a session
alarm-explained-session-ended = Five wrong codes or passphrases in a row were typed in a session of this account, and it was ended. Ask the person, not through this service, whether it was they. If not, somebody else sat at their device.
