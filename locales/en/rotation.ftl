## Keys of teams

rotation-nav = Keys
rotation-title = Keys of the teams
rotation-lead = Reports are sealed to a team's key. Here you order that a key be changed; the team's members carry it out by working as usual. No key passes through your hands.
rotation-empty = There is no team yet.
rotation-generation = Key
rotation-none = None yet
rotation-number = Generation { $number }
rotation-since = In force since
rotation-due = Due to be changed
rotation-overdue = { $day }, overdue
rotation-change = Change
rotation-change-none = None under way
rotation-ordered-schedule = Ordered: it has reached its age
rotation-ordered-order = Ordered by an administrator
rotation-ordered-leaving = Ordered: somebody has left
rotation-ordered-compromise = Ordered: a key may be in wrong hands
rotation-begun = Under way. New reports go to the new key.
rotation-another = Another change follows when this one is done.
rotation-progress = Reports
rotation-progress-audit = Entries of the audit log
rotation-counts = { $moved } under the new key, { $remaining } still under older ones
rotation-counts-still = { $moved } under this key
rotation-set-aside = Set aside
rotation-set-aside-explained = { $count } do not open. They are kept as they are. Tell the operator: the database has been damaged or changed.
rotation-who = Who can carry it out
rotation-who-nobody = Nobody holds this key any more. Only the recovery key can help.
rotation-order = Change this key
rotation-order-hint = Nothing stops meanwhile. The next member who comes by makes the new key; the rest goes on behind their work.
rotation-recovery = It exists only as shares on paper. How old it is, which teams can be recovered and who must come by stand on a page of its own.
rotation-recovery-see = See the recovery key
rotation-limits-title = What changing a key cannot do
rotation-limits = Whoever has left keeps what they have read or copied. A copy of the database that they took while they were a member stays open to them. The change protects what comes in afterwards, and takes away what they have not copied.

## The same for members

rotation-mine-title = Our key
rotation-mine-carry = Carry on now
rotation-mine-hint = It also goes on by itself, a little behind each page that you open. Reload this page to see how far it is.

## Somebody leaves

rotation-leaving-hint = The keys of their teams are changed by the teammates who come by next. What this person has read or copied cannot be called back.
rotation-compromised = Their key may be in wrong hands (a stolen telephone, a threat)

## Done

done-rotation-ordered = The change is ordered.
done-rotation-again = That is ordered already.
done-rotation-carried = It goes on.
