## Codes that were wrong too often

factors-session-ended = Five codes or passphrases in a row were wrong, so this session was ended, and those who look after alarms were told. Nothing was saved. Copy what you wrote and sign in again. If it was not you who typed them, tell your lead or a custodian now.
factors-rests-title = No code is taken for now
factors-rests = Ten codes or passphrases were wrong within an hour. For { $minutes ->
    [one] one more minute
   *[other] { $minutes } more minutes
  } none is taken here, not even the right one. Nothing was saved and nothing is lost: you stay signed in and can read on. If it was not you who typed them, tell your lead or a custodian now.
factors-back = Back to the page
factors-often = After ten wrong codes within an hour none is taken for a quarter of an hour, not even the right one.

## Numbers to compare

factors-team-numbers = The key number of your team
factors-team-numbers-hint = When a custodian signs who receives reports, they ask a member for these 30 digits. Read them out, face to face or by telephone. They are the team's, not yours.
factors-team-numbers-broken = The records of this team's key do not lead to the key that you hold. Somebody may have changed them. Read no number to a custodian, and tell an auditor.

## Another authenticator, and a new recovery code that is typed back

authenticator-link = A new telephone, or the old one is lost
authenticator-title = Another authenticator
authenticator-lead = With your passphrase and your printed recovery code you can set up the authenticator on another telephone. If you still have the old one, six digits of it do as well. Your keys stay as they are: nobody has to let you in anew.
authenticator-proof = Recovery code, or six digits of the old authenticator
authenticator-proof-hint = The recovery code is the one on paper, seven groups of four.
authenticator-begin = Go on
authenticator-wrong = Handle, passphrase or code do not fit. Nothing has been changed.
authenticator-new-lead = Nothing has been changed yet. Set up the new authenticator, write the new recovery code on paper, and send both back with the button below. From then on the old authenticator and the old recovery code no longer work, and those who look after alarms are told.
authenticator-step = The new authenticator
authenticator-passphrase = Your passphrase once more
authenticator-passphrase-wrong = This is not your passphrase.
authenticator-finish = Use these from now on
authenticator-expired = Your account has changed meanwhile. Please begin anew.
done-authenticator = The new authenticator and the new recovery code are in force. Sign in with a code that comes after the one you just typed.
typed-back-label = The last two groups, from your paper
typed-back-hint = Eight letters and digits. The code counts only once they are here.
typed-back-wrong = This is not the end of the recovery code above. Compare it with what you wrote on paper.
typed-back-expired = The page was open too long, so here is another recovery code: please write this one on paper. Nothing has been changed.
own-change-back = Back to my account, without changing anything
recovery-new-shown = Nothing has been changed yet. Write the new code on paper, type its end, and confirm with your passphrase and your authenticator.
recovery-new-confirm = Use the new code from now on
done-recovery-code = The new recovery code is in force. Destroy the old paper.
