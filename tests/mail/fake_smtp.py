"""An SMTP server on loopback: as much of RFC 5321, STARTTLS and AUTH PLAIN as a client may need."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OK = "250 OK"
HANG_UP = ""


class Taken(NamedTuple):
    """One mail, and how it came."""

    sender: str
    recipient: str
    content: bytes
    connection: int
    login: str
    tls: bool


@dataclass
class FakeSmtp:
    """`replies` takes the place of what it would answer to a command (`.` is the content's end)."""

    replies: dict[str, str] = field(default_factory=dict)
    starttls: bool = True
    port: int = 0
    connections: int = 0
    heard: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)


class Session:
    """One connection."""

    def __init__(
        self,
        smtp: FakeSmtp,
        trust: ssl.SSLContext,
        line: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._smtp, self._trust = smtp, trust
        self._reader, self._writer = line
        smtp.connections += 1
        self._number = smtp.connections
        self._login = self._sender = self._recipient = ""

    async def run(self) -> None:
        """Answer until the client, or we, hang up."""
        await self._say(self._smtp.replies.get("connect", "220 ready"))
        while command := (await self._reader.readline()).decode().strip():
            verb = command.partition(" ")[0].upper()
            self._smtp.heard.append(verb)
            reply = self._smtp.replies.get(verb) or await self._answer(verb, command)
            if self._smtp.replies.get(verb) == HANG_UP:
                break
            await self._say(reply)
            if verb == "QUIT":
                break
            if verb == "STARTTLS":
                await self._writer.start_tls(self._trust)
            if verb == "DATA" and reply.startswith("354"):
                await self._say(await self._take())
        self._writer.close()

    async def _say(self, reply: str) -> None:
        self._writer.write(reply.encode() + b"\r\n")
        await self._writer.drain()

    async def _answer(self, verb: str, command: str) -> str:
        argument = command.rpartition("<")[2].partition(">")[0]
        if verb == "EHLO":
            offers = ["here", *(["STARTTLS"] if self._offers_tls() else []), "AUTH PLAIN"]
            return "\r\n".join([f"250-{offer}" for offer in offers[:-1]] + [f"250 {offers[-1]}"])
        if verb == "AUTH":
            self._login = base64.b64decode(command.split()[2]).decode().replace("\0", ":")[1:]
            return "235 welcome"
        if verb == "MAIL":
            self._sender = argument
        if verb == "RCPT":
            self._recipient = argument
        return {"DATA": "354 go on", "STARTTLS": "220 go on", "QUIT": "221 bye"}.get(verb, OK)

    def _offers_tls(self) -> bool:
        return self._smtp.starttls and not self._is_secret()

    def _is_secret(self) -> bool:
        return self._writer.get_extra_info("ssl_object") is not None

    async def _take(self) -> str:
        content = await self._reader.readuntil(b"\r\n.\r\n")
        reply = self._smtp.replies.get(".", OK)
        if reply == OK:
            self._smtp.taken.append(
                Taken(
                    self._sender,
                    self._recipient,
                    content,
                    self._number,
                    self._login,
                    self._is_secret(),
                )
            )
        return reply


@contextmanager
def serve(smtp: FakeSmtp, folder: Path, *, tls: bool = False) -> Iterator[Path]:
    """Serve on `smtp.port`, for as long as the context lasts; returns its certificate's file."""
    certificate = make_certificate(folder)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate)
    ready, stop = threading.Event(), threading.Event()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Session(smtp, trust, (reader, writer)).run()

    async def listen() -> None:
        server = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=trust if tls else None)
        async with server:
            smtp.port = server.sockets[0].getsockname()[1]
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(listen(),))
    thread.start()
    try:
        assert ready.wait(5)
        yield certificate
    finally:
        stop.set()
        thread.join(5)


def make_certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 with its key, signed by itself, for a day."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.NameAttribute(NameOID.COMMON_NAME, "x"),
    )
    now, here = datetime.now(UTC), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(x509.Name([name]), x509.Name([name]), key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(plain + certificate.public_bytes(pem))
    return file
