## A person's own key

renewal-banner = Your own key is due to be renewed.
renewal-banner-link = Renew it

## On the account's page

renewal-own-title = Your own key
renewal-own-lead = A new key takes the place of this one: everything that is sealed to you is sealed to the new one. You are signed out everywhere, and you get a new recovery code; the old one opens nothing any more. Your passphrase and your authenticator stay.
renewal-own-submit = Renew my key
done-key = Your key is renewed and the new recovery code is in force. Destroy the old paper, and sign in.
renewal-ordered = To be renewed, ordered on { $day }
renewal-custodian = A custodian's key is pinned in the configuration file. To change it, a new custodian's key is pinned beside the old one, which may sign for thirty days more. What it has signed goes on to count. Ask the operator to begin.
renewal-changed = Your key has changed meanwhile. Sign in again.
renewal-damaged = Something that is sealed to your key does not open, so nothing was changed. Tell the operator: the database has been damaged or changed.

## On the administrator's page

renewal-people-title = People's own keys
renewal-people-lead = Only the person can renew their own key. If you order it, they are told on every page until they have done it.
renewal-state-active = In force
renewal-who-custodians = The custodians and the operator
renewal-order = Order a new key
done-renewal-ordered = Ordered. They are told on every page.
