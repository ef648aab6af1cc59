## Why a notice did not leave, in one sentence that says what to do

mail-fault-no-host = The mail server's name is not known: check mail.host, and that this machine reaches a name server.
mail-fault-unreachable = The mail server does not answer: check mail.host and mail.port, and that no firewall keeps this machine in.
mail-fault-hung-up = The mail server hung up at our greeting: try another name in mail.hello_name, or mail.security the other way round.
mail-fault-broken = The connection broke: if it happens again, ask whoever runs the mail server.
mail-fault-timeout = The mail server took too long: look for a firewall, another mail.port, or mail.security the other way round.
mail-fault-no-tls = The mail server offers no encryption on this port, and nothing was sent: check mail.security and mail.port.
mail-fault-authority = The mail server's certificate is of an authority that is not trusted: if the server is your own, put its authority's certificate into mail.ca_file.
mail-fault-authority-file = The file in mail.ca_file holds a server's certificate: put the certificate of the authority there that has signed it.
mail-fault-certificate-name = The mail server's certificate is for another name: mail.host must be one of the names in it.
mail-fault-certificate-time = The mail server's certificate has ended or is not good yet: check this machine's clock, and have the certificate renewed.
mail-fault-certificate-use = The mail server shows an authority's certificate, or one that is not for servers: give it one of its own.
mail-fault-tls = The connection cannot be encrypted: the mail server must speak TLS 1.2 or 1.3 on this port.
mail-fault-greeting = The mail server does not want our greeting: check mail.hello_name, and whether it blocks this machine's address.
mail-fault-no-mechanism = The mail server offers no way to sign in that works here (PLAIN, LOGIN, with a token XOAUTH2): ask its provider which it has.
mail-fault-login = The mail server does not accept the name or the password: check mail.username and mail.password_file.
mail-fault-password-unwanted = The mail server takes no ordinary password: make an app password there, or use mail.token_file.
mail-fault-token = The file in mail.token_file cannot be used: it must hold the token on one line, and be the service's alone (mode 600).
mail-fault-token-refused = The mail server does not accept the token: see whether the program that renews it still runs.
mail-fault-login-missing = The mail server takes mail only from whoever signs in: set mail.username and mail.password_file.
mail-fault-sender = The mail server does not let this account send as mail.from: use an address that belongs to the account.
mail-fault-relay = The mail server does not pass mail on to this address for us: sign in to it, or use the one that is meant for outgoing mail.
mail-fault-full = The recipient's mailbox is full: ask them to make room, or name somebody else.
mail-fault-unproven = The mail server does not see that the mail is yours: set up SPF, DKIM and DMARC (deploy/mail.md).
mail-fault-content = The mail server does not want the mail itself, perhaps as spam: ask its provider to let it pass, and see deploy/mail.md.
mail-fault-deferred = The mail server does not take it for now: wait, it is tried again by itself.
mail-fault-refused = The mail server refuses this address for good: check that it is right.
mail-fault-protocol = What answers is no mail server: check mail.port, or mail.security the other way round.
mail-fault-address = The address cannot be opened, because the server's secrets are others than when it was written: bring back the right credentials file.
mail-fault-file = The file cannot be written: check mail.folder.

mail-how-far = It came as far as: { $stage }.
mail-how-answered = It came as far as: { $stage }. The server answered { $answer }.
mail-stage-connect = reaching the server
mail-stage-tls = encryption
mail-stage-greeting = greeting
mail-stage-sign-in = signing in
mail-stage-sender = naming the sender
mail-stage-recipient = naming the recipient
mail-stage-data = handing over the mail

## Whether notices arrive

mailing-title = Does mail reach the people on call?
mailing-arrived = Last known to have arrived: { $day }, by { $who }.
mailing-never = Nobody has said yet that a mail has reached them.
mailing-lead = Everybody gets a mail once a day, and you can send one to those on call now. It says what every notice says. Whoever gets it signs in and presses “I got it” on the page under their name.
mailing-test = Send a mail to the people on call
mailing-got-title = Has the mail reached you?
mailing-got-lead = If a mail of this hotline has just reached you, say so. Administrators then see the day and your name, and know that you can be reached.
mailing-got = I got it
done-mail-arrived = Thank you. The day is noted.
done-mail-tested = It leaves within a minute.
audit-event-mail-arrived = Somebody said that a notice reached them
audit-event-mail-tested = A mail to the people on call was sent as a test
