## Letting newcomers into a team

admission-one-more = { $handle } waits: approved by { $by }. One more member must compare the number.
admission-delay = { $handle } waits: approved by { $by }. Let in from { $when }.
admission-ready = { $handle } can come in: approved by { $by }, and nobody has objected. The next page that a member opens lets them in.
admission-lead = { $handle } waits: approved by { $by }. They are to lead the team, so a lead lets them in: the next page that a lead opens does it.
admission-moment = { $day }, { $time }
admission-approve = I approve
admission-object = I object
admission-object-hint = Every member may object until they are in. The approvals are taken back; nobody comes in until members have compared the number again.
admission-already = You have approved this person already. Somebody else must compare the number.
admission-not-yet = It is too early, or an approval is missing.
admission-changed = This has changed meanwhile. Look at the page again.
admission-banner = Somebody waits at your team's door.
admission-banner-link = See who

## Rules

admission-rules-title = Rules for newcomers
admission-rules-hint = Stricter rules hold at once. Weaker ones need a second lead. Where the team has no other lead they wait as long as a newcomer would, at least a day, and any member may stop them. Administrators cannot change these rules.
admission-rules-change = Change the rules
admission-rules-save = Set these rules
admission-approvals = Who must approve
admission-approvals-one = One member approves
admission-approvals-two = Two members approve
admission-delay-label = Time for the others to object
admission-delay-none = no waiting time
admission-delay-hours = { $hours } hours of waiting
admission-too-few = The team has fewer members than that. Let somebody in first.
admission-wish = { $who } wishes weaker rules: { $rules }.
admission-wish-from = They hold from { $when } unless a member stops them.
admission-wish-second = They hold when a second lead agrees.
admission-wish-agree = I agree
admission-wish-stop = Stop this

## Done

done-approved = Your approval is noted. They are not in yet.
done-objected = The approvals are taken back.
done-lead = It is decided who leads. The page Keys and the team see it.
done-rules = The rules hold now.
done-rules-wished = The weaker rules wait. All members can see it.
done-rules-stopped = The rules stay as they are.

## Who leads

admission-lead-title = Who leads the team
admission-lead-hint = Leads set the rules, hold reports and let leads in. The last one can step down only when another leads.
admission-lead-label = Decision
admission-lead-make = { $handle } leads from now on
admission-lead-end = { $handle } leads no longer
admission-lead-step-down = I step down ({ $handle })
admission-lead-save = Decide
admission-lead-last = Nobody would lead the team any more. Name another lead first.
