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
