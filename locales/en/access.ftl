## Who may read a report

access-title = Who may read this
access-restricted = Restricted: these people alone.
access-assign = Hand it to somebody
access-assign-to = Person
access-share = Share it
access-share-hint = Sharing lets another team read it too. Moving takes it from your team at the same moment: you will not be able to open it.
access-team = Team
access-move = Move it there
access-restrict = Restrict it to named people
access-restrict-hint = The report gets a new key that only the people you tick hold. Tick yourself too. Whoever has read it before keeps what they know; they cannot open what is stored from now on.
access-people = People
access-not-possible = This cannot be done now. A restricted report cannot be shared or moved: only the people it is restricted to can be changed. To restrict a report, tick your own name too.
done-assigned = It is theirs now.
done-shared = The other team can read it now.
done-moved = The report has gone to the other team.
done-restricted = Only the people you named can open it now.
access-last-reader = This person is the only one who can open a restricted report. First a lead must let somebody else read it.
