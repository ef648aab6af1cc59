## What was said in a team

ledger-title = Who came, who left, and who changed what
ledger-nobody = somebody without an account
ledger-root = { $by } began the team.
ledger-approve = { $by } gave their word for { $person }.
ledger-object = { $by } objected to { $person }.
ledger-admit = { $by } let { $person } in.
ledger-admit-lead = { $by } let { $person } in to lead the team.
ledger-generation = { $by } changed the team's key. It is generation { $number } now.
ledger-leave = { $by } left.
ledger-exit = { $by } took { $person } out of the team.
ledger-lead = { $by } made { $person } a lead.
ledger-lead-off = { $by } took the lead from { $person }.
ledger-step-down = { $by } leads the team no longer.
ledger-rules = { $by } set the rules for newcomers. Members who must approve: { $approvals }. Hours to object: { $hours }.
ledger-rules-wish = { $by } wished weaker rules for newcomers. Members who must approve: { $approvals }. Hours to object: { $hours }.
ledger-rules-stop = { $by } stopped the wish for weaker rules.
ledger-recovery-on = { $by } decided that the recovery key may open the team.
ledger-recovery-off = { $by } decided that the team does without the recovery key.
ledger-renew = { $by } has new keys of their own.
ledger-recover = { $by } was let in with the recovery key.
