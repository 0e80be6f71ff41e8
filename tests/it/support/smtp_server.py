"""A real SMTP server (aiosmtpd) that a test can make misbehave.

Called with one JSON object: folder, security ("starttls", "tls", "none") and login ([name, password] or null). How it
misbehaves stands in fault.json in the folder, looked at each time: {"at": "connect" | "ehlo" | "mail" | "rcpt" | "data" |
"dot", "do": "reply" | "drop" | "stall" | "kill", "text": ..., "every": n} or null; "kill" ends the process whose number
stands in the file pid, after every n-th message is kept. A recipient like 450=ana@example.org is answered with 450.
It listens on a free loopback port and prints it. Into the folder it writes ca.pem, every command it saw (one a line in
commands), every message it took (1.json, 2.json ...) and, forced to the disk, a line about it in log, each before it
answers. It ends when its input is closed.
"""

import asyncio
import email
import hashlib
import json
import logging
import os
import signal
import ssl
import sys

import trustme
from aiosmtpd.smtp import SMTP, AuthResult

OPTIONS = json.loads(sys.argv[1])

# aiosmtpd reports every refused handshake, which is what some tests are about.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


def path(name):
    return os.path.join(OPTIONS["folder"], name)


def present_fault():
    try:
        with open(path("fault.json")) as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def keep_in_log(message):
    """One line that is on the disk before the server answers."""
    content = message["content"].encode("latin-1")
    head = email.message_from_bytes(content)
    line = {"id": head["Message-ID"], "to": message["to"][0], "hash": hashlib.sha256(content).hexdigest()}
    with open(path("log"), "a") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def tls_context():
    authority = trustme.CA()
    authority.cert_pem.write_to_path(path("ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def authenticate(server, session, envelope, mechanism, data):
    name, password = OPTIONS["login"] or (None, None)
    good = name is not None and data.login == name.encode() and data.password == password.encode()
    return AuthResult(success=good, handled=False)


class Handler:
    """Keeps the messages."""

    taken = 0

    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = await server.misbehave("mail")
        envelope.mail_from = address
        return answer or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = await server.misbehave("rcpt")
        told, equals, _ = address.partition("=")
        if equals and told.isdigit():
            answer = f"{told} told to say so"
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        fault = present_fault()
        if fault and fault["at"] == "dot" and fault["do"] == "reply":
            return fault["text"]
        Handler.taken += 1
        message = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "encrypted": session.ssl is not None or OPTIONS["security"] == "tls",
            "content": envelope.original_content.decode("latin-1"),
        }
        with open(path(f"{Handler.taken}.json"), "w") as file:
            json.dump(message, file)
        keep_in_log(message)
        if fault and fault["do"] == "kill":
            if Handler.taken % fault["every"] == 0:
                with open(path("pid")) as file:
                    os.kill(int(file.read()), signal.SIGKILL)
                await asyncio.sleep(3600)
        else:
            await server.misbehave("dot")
        return f"250 OK queued as {Handler.taken}"


class Server(SMTP):
    """Notes the commands and misbehaves on demand."""

    def note(self, command):
        with open(path("commands"), "a") as file:
            file.write(command + "\n")

    async def misbehave(self, moment):
        fault = present_fault()
        if not fault or fault["at"] != moment:
            return None
        if fault["do"] == "stall":
            await asyncio.sleep(3600)
        if fault["do"] == "drop":
            self.transport.abort()
            await asyncio.sleep(3600)
        return fault["text"]

    async def _handle_client(self):
        answer = await self.misbehave("connect")
        if answer:
            await self.push(answer)
            self.transport.close()
            return
        await super()._handle_client()

    async def smtp_EHLO(self, hostname):
        self.note("EHLO")
        answer = await self.misbehave("ehlo")
        if answer:
            await self.push(answer)
            return
        await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg):
        self.note("STARTTLS")
        await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg):
        self.note("AUTH")
        await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg):
        self.note("MAIL")
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg):
        self.note("RCPT")
        await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg):
        self.note("DATA")
        fault = present_fault()
        if fault and fault["at"] == "data":
            if fault["do"] != "reply":
                await self.push("354 go ahead")
                await self._reader.readline()
            answer = await self.misbehave("data")
            await self.push(answer)
            return
        await super().smtp_DATA(arg)


async def main():
    context = tls_context()
    loop = asyncio.get_running_loop()

    def server():
        return Server(
            Handler(),
            loop=loop,
            hostname="smtp.test",
            ident="test",
            tls_context=context if OPTIONS["security"] == "starttls" else None,
            require_starttls=OPTIONS["security"] == "starttls",
            authenticator=authenticate,
            auth_required=OPTIONS["login"] is not None,
            auth_require_tls=OPTIONS["security"] == "starttls",
            enable_SMTPUTF8=False,
        )

    implicit = context if OPTIONS["security"] == "tls" else None
    listener = await loop.create_server(server, "127.0.0.1", 0, ssl=implicit)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
