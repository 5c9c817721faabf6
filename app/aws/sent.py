"""What the emulated SES has sent: AWS's own keeps nothing, and nobody else's should be read."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import json
import os
import urllib.request
from dataclasses import dataclass
from email.message import EmailMessage

MOST_SHOWN = 100
# Carries the access key where the emulator is asked for what AWS has not.
KEY_HEADER = "X-Lanyard-Key"


@dataclass(frozen=True)
class SentMail:
    """One mail: `mail_id` is made of its Message-ID, `sent_at` in milliseconds UTC; attachments by
    name."""

    mail_id: str
    sent_at: int
    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[str, ...]


def messages() -> list[SentMail]:
    """The mails that the emulator still knows, newest first."""
    return [_read(at, mail) for at, mail in raw_messages()][:MOST_SHOWN]


def message(mail_id: str) -> EmailMessage | None:
    """The mail of that id, if the emulator still knows it."""
    return next((mail for _, mail in raw_messages() if _id_of(mail) == mail_id), None)


def page_of(mail: EmailMessage) -> str:
    """The HTML part as a mail program shows it: the pictures that hang on it are in it."""
    shown = mail.get_body(("html",))
    html = str(shown.get_content()) if shown else ""
    for part in mail.walk():
        name = str(part["Content-ID"] or "").strip("<>")
        if name and part.get_content_maintype() == "image":
            content = base64.b64encode(part.get_payload(decode=True) or b"").decode()  # type: ignore[arg-type]  # bytes, as a picture has no parts
            html = html.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{content}")
    return html


def raw_messages() -> list[tuple[int, EmailMessage]]:
    """The same as parsed MIME with the moment of sending (ms UTC), newest first."""
    address = f"{os.environ['AWS_ENDPOINT_URL']}/_ministack/ses/messages"
    key = {KEY_HEADER: os.environ["AWS_ACCESS_KEY_ID"]}
    request = urllib.request.Request(address, headers=key)  # noqa: S310  our own emulator
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  likewise
        accounts = json.load(answer)["messages"].values()
    found = [
        (round(one["Timestamp"] * 1000), _parse(one["BodyText"]))
        for kept in accounts
        for one in kept
    ]
    return sorted(found, key=lambda one: one[0], reverse=True)


def _parse(raw: str) -> EmailMessage:
    return email.message_from_bytes(base64.b64decode(raw), policy=email.policy.default)


def _read(sent_at: int, mail: EmailMessage) -> SentMail:
    return SentMail(
        mail_id=_id_of(mail),
        sent_at=sent_at,
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
        text=_body(mail, "plain"),
        html=_body(mail, "html"),
        attachments=tuple(part.get_filename() or "" for part in mail.iter_attachments()),
    )


def _id_of(mail: EmailMessage) -> str:
    return hashlib.sha256(str(mail["Message-ID"]).encode()).hexdigest()[:16]


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part else ""
