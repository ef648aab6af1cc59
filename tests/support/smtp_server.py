"""A real SMTP server for the mail tests.

smtp_server.py PORT starttls|implicit|clear CERTIFICATE KEY [USER PASSWORD]

Prints `{"port": …}` when it listens, then one JSON line for each message it takes. A recipient whose name begins with
`refused` is answered 550, one that begins with `later` 451. Ends when its standard input is closed.
"""

import asyncio
import base64
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def say(**line):
    print(json.dumps(line), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return "550 5.1.1 no such person: " + address
        if address.startswith("later"):
            return "451 4.2.1 come back later: " + address
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        say(
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            hello=session.host_name,
            signed_in=bool(session.authenticated),
            content=base64.b64encode(envelope.original_content).decode(),
        )
        return "250 2.0.0 OK"


def main():
    port, security, certificate, key, *login = sys.argv[1:]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    def authenticate(server, session, envelope, mechanism, data):
        expected = [word.encode() for word in login]
        good = isinstance(data, LoginPassword) and [data.login, data.password] == expected
        return AuthResult(success=good, handled=False)

    def protocol():
        return SMTP(
            Handler(),
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
