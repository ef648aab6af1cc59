# The one notice that Kapea sends. It is the same for every reason, so that it tells nothing to whoever reads it on the way.
mail-notice-subject = Please sign in
mail-notice-opening = There may be something to look at.
mail-notice-request = Please sign in to Kapea the way you usually do.
mail-notice-reason = You get this message when something may be waiting, and once a day in any case, so that silence is noticed.
mail-notice-closing = It never says more.
