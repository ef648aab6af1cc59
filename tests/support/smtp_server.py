"""A real SMTP server for the mail tests.

smtp_server.py PORT starttls|implicit|clear CERTIFICATE KEY [USER PASSWORD] [STAGE=ANSWER]

Prints `{"port": …}` when it listens, then one JSON line for each message it takes. A recipient whose name begins with
`refused` is answered 550, one that begins with `later` 451. With a STAGE (greeting, starttls, sign-in, sender, recipient,
data) it gives that ANSWER there; with `quit=` it never answers a farewell. PASSWORD is also the token that XOAUTH2 takes,
unless the USER's name begins with `plain`. Ends when its standard input is closed.
"""

import asyncio
import base64
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword, syntax


warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def say(**line):
    print(json.dumps(line), flush=True)


class Handler:
    def __init__(self, answers):
        self.answers = answers

    async def handle_MAIL(self, server, session, envelope, address, options):
        if "sender" in self.answers:
            return self.answers["sender"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return "550 5.1.1 no such person: " + address
        if address.startswith("later"):
            return "451 4.2.1 come back later: " + address
        if "recipient" in self.answers:
            return self.answers["recipient"]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        if "data" in self.answers:
            return self.answers["data"]
        say(
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            hello=session.host_name,
            signed_in=bool(session.authenticated),
            content=base64.b64encode(envelope.original_content).decode(),
        )
        return "250 2.0.0 OK"


class TokenHandler(Handler):
    def __init__(self, answers, user, token):
        super().__init__(answers)
        self.proof = f"user={user}\x01auth=Bearer {token}\x01\x01".encode()

    async def auth_XOAUTH2(self, server, args):
        if len(args) == 2 and base64.b64decode(args[1]) == self.proof:
            return AuthResult(success=True, auth_data=True)
        # As Google does: it says why, and the client has to take note of that.
        await server.challenge_auth('{"status":"400","schemes":"Bearer"}')
        return AuthResult(success=False, handled=False, message=self.answers.get("sign-in"))


class Server(SMTP):
    def __init__(self, handler, answers, **more):
        self.answers = answers
        super().__init__(handler, **more)

    async def push(self, status):
        if isinstance(status, str) and status.startswith("220 mail.test") and "greeting" in self.answers:
            await super().push(self.answers["greeting"])
            self.transport.close()
            return
        await super().push(status)

    @syntax("STARTTLS", when="tls_context")
    async def smtp_STARTTLS(self, arg):
        if "starttls" in self.answers:
            await self.push(self.answers["starttls"])
        else:
            await super().smtp_STARTTLS(arg)

    async def smtp_QUIT(self, arg):
        if "quit" in self.answers:
            await asyncio.Event().wait()
        await super().smtp_QUIT(arg)


def main():
    port, security, certificate, key, *rest = sys.argv[1:]
    answers = dict(word.split("=", 1) for word in rest if "=" in word)
    login = [word for word in rest if "=" not in word]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    def authenticate(server, session, envelope, mechanism, data):
        expected = [word.encode() for word in login]
        good = isinstance(data, LoginPassword) and [data.login, data.password] == expected
        return AuthResult(success=good, handled=False, message=None if good else answers.get("sign-in"))

    def protocol():
        takes_token = login and not login[0].startswith("plain")
        return Server(
            TokenHandler(answers, *login) if takes_token else Handler(answers),
            answers,
            hostname="mail.test",
            ident="test",
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
            auth_required=bool(login),
            # It does not see that a connection has been encrypted from the first byte.
            auth_require_tls=security == "starttls",
            authenticator=authenticate,
        )

    async def serve():
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            protocol,
            "127.0.0.1",
            int(port),
            ssl=context if security == "implicit" else None,
        )
        say(port=server.sockets[0].getsockname()[1])
        await loop.run_in_executor(None, sys.stdin.read)
        server.close()

    asyncio.run(serve())


main()
