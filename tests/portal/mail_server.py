"""Receives mail on a free port of 127.0.0.1 until standard input ends. Prints the port, then each mail as a line of JSON."""

import asyncio
import email
import email.policy
import json
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Handler:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        mail = {
            "to": envelope.rcpt_tos,
            "from": message["From"],
            "subject": message["Subject"],
            "text": message.get_content(),
        }
        print(json.dumps(mail), flush=True)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"routebook", b"secret")
    return AuthResult(success=is_known)


async def main():
    loop = asyncio.get_running_loop()

    def connection():
        return SMTP(Handler(), authenticator=authenticate, auth_required=True, auth_require_tls=False, loop=loop)

    server = await loop.create_server(connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
