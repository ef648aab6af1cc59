## The recovery key

recovery-nav = Recovery
recovery-title = Recovery key
recovery-lead = If everybody in a team has lost access, the recovery key can let one new person in. It exists only as shares on paper; this service never has it. Nothing is wrapped to a recovery key that too few custodians have signed.
recovery-keys = Keys
recovery-empty = There is no recovery key yet. A team whose members all lose access loses its reports for good.
recovery-number = Recovery key { $number }
recovery-since = Registered on
recovery-due = A newer one is due on
recovery-progress = { $covered } of the { $wanted } teams that want it can be recovered.
recovery-who = One of them must come by: { $handles }
recovery-who-nobody = Nobody holds this team's key any more. If an older recovery key is still there, it can be used.
recovery-fingerprint = Fingerprint
recovery-state-pending = Waits for signatures
recovery-state-active = In force
recovery-state-retiring = Being replaced; teams go over to the newer one
recovery-state-destroyed = Destroyed
recovery-broken = The record of the recovery key does not verify. Teams' keys are wrapped to what custodians have signed, and to nothing else. Find out who changed the database, or sign again if the custodians have changed.
recovery-key-broken = This record is not what enough custodians signed.
recovery-signed = You have signed.
recovery-compared = I have compared these 30 digits with the sheet that was printed when the key was made, or with somebody who has it.
recovery-sign = Sign
recovery-teams = Teams
recovery-teams-hint = The next member of a team who signs in adds the wrap. The team's leads may do without recovery; nobody else can decide that.
recovery-team-covered = Can be recovered
recovery-team-waits = Waits for the next member to come by, or for a key in force
recovery-team-no-key = There is no recovery key in force yet
recovery-team-off = Does without recovery, by its leads' decision

## Registering a key

recovery-register-title = Register a new key
recovery-register-lead = Make it on an offline machine with: kapea recovery create. Bring the public line here; the shares stay on paper. A key that still waits for signatures is forgotten when another is registered.
recovery-line = Public line
recovery-line-hint = It begins with kapea-recovery-1.
recovery-line-wrong = This is not the line that was printed. Copy all of it.
recovery-line-known = This key is registered already.
recovery-register = Register

## A team's decision

recovery-team-title = Recovery of our team
recovery-team-lead = Whether the recovery key may let a new person into your team when all of you have lost access. Leads decide.
recovery-team-none = You are in no team yet.
recovery-team-off-hint = Without recovery, the reports are lost for good if every member loses access. With it, enough share holders together could let somebody in; you would see an alarm.
recovery-team-on-hint = Enough holders of paper shares together can then let one new person in. You would see an alarm.
recovery-team-turn-off = Do without recovery
recovery-team-turn-on = Allow recovery

## A forgotten passphrase

recovery-forgotten-title = Passphrase forgotten
recovery-forgotten-lead = With your printed recovery code and your authenticator you can set a new passphrase. All your sessions end, and a new recovery code takes the place of the old one.
recovery-forgotten-code = Recovery code
recovery-forgotten-code-hint = Seven groups of four letters and digits, from your sheet.
recovery-forgotten-back = Back to signing in
recovery-forgotten-submit = Set the new passphrase
recovery-forgotten-wrong = Something is wrong: the handle, the recovery code or the six-digit code. For your safety we do not say which.
recovery-forgotten-else = Without the recovery code, ask your administrator to reset your account. It then has no keys, and your teammates must let you in again as new.

## Resetting an account

recovery-reset = Reset
recovery-reset-title = Reset an account
recovery-reset-choose = Choose a person in the list first.
recovery-reset-lead = { $handle } gets a new one-time link and begins anew. Their sessions end, their keys go, their claims return to the queue. They see no report until teammates have let them in again.
recovery-reset-alone = Nobody else holds the key of these teams, and it is not wrapped to a recovery key:
recovery-reset-lost = I know that the reports of these teams (of the auditors: the audit log) will be lost for good.
recovery-reset-lost-missing = Nothing was done: the reports of these teams would be lost for good. Let a teammate in first, or tick this box.
recovery-reset-submit = Reset this account

## Done

done-recovery-registered = The key is registered. Compare its fingerprint, and sign.
done-recovery-signed = Signed.
done-recovery-team = It is decided.
