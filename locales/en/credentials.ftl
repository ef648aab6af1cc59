## The server's own keys, on the administrator's page

credentials-title = Keys of the server
credentials-lead = None of these opens a report. They are in a file that only the operator's commands change; here you see their age and order a change. Whatever was made with an earlier key goes on working for its time.
credentials-version = Version
credentials-progress = How far
credentials-must = Must be done
credentials-unknown = Not known
credentials-known-since = Known since
credentials-age = { $day }, { $days } days ago
credentials-state-one = None under way
credentials-state-both = Under way. What an earlier key made still works.
credentials-state-until = Under way. What an earlier key made works until { $day }.
credentials-state-ordered = Ordered on { $day }; the operator has yet to carry it out.
credentials-counts-accounts = { $moved } of { $total } accounts moved
credentials-counts-addresses = { $moved } of { $total } addresses moved
credentials-counts-sessions = { $moved } of { $total } sessions under today's key
credentials-waiting = { $handles } must sign in before { $day }. Otherwise their passphrase opens nothing any more.
credentials-locked-out = { $handles } did not sign in in time. Only their recovery code or a reset helps.
credentials-order = Order a change
credentials-end = End all sessions
credentials-end-hint = Everybody must sign in again, you too. What somebody has typed and not sent is kept on their page.

credentials-root = Root of the server's secrets
credentials-explained-root = All of them are derived from it: what passphrases are mixed with, what marks forms and makes the reporters' codes, what seals the addresses that notices go to, what signs the head of the audit log. The old one introduces the new one, in heads that both sign.
credentials-sessions = Root of sessions
credentials-explained-sessions = In memory alone, and new every day. Yesterday's goes on opening sessions of yesterday.
credentials-mail = Login at the mail server
credentials-explained-mail = The password lies in its own file. The service takes a new one up without a restart.

credentials-who-root = The operator, on the server; then everybody, by signing in:
credentials-who-sessions = The server by itself
credentials-who-mail = The operator: first the new password in its file, then
credentials-who-custodian = The custodian makes a new key; the operator pins it. What was signed goes on to count. The operator, on the server:

credentials-custodians-title = Custodians
credentials-custodians-lead = Their keys are pinned in the configuration file. So many must sign who receives reports: { $count }.
credentials-custodians-empty = No custodian is pinned. The form stays closed.
credentials-custodian-key = Signing key
credentials-custodian-one = None under way
credentials-custodian-until = Under way. The earlier key may still sign until { $day }.
credentials-custodian-counts = { $signed } of { $charters } charters signed

## Done

done-credential-ordered = The change is ordered. It stands here until the operator has carried it out.
