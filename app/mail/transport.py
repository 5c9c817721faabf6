"""The ways out for mail, and what it means when one did not take a mail."""

from __future__ import annotations

from contextlib import AbstractContextManager
from email.message import EmailMessage
from functools import cache
from typing import Protocol

from app import config
from app.core.mail_server import MailServer


class NotSent(Exception):
    """A mail was not taken. `permanent`: trying again will not help. `pause` (ms): it is not this
    mail's fault, and until then no other would be taken either."""

    def __init__(self, reason: str, *, permanent: bool = False, pause: int = 0) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.pause = pause


class Transport(Protocol):
    """A way out for mail."""

    def send(self, mail: EmailMessage) -> None:
        """Hand over one mail, which has one recipient; raises NotSent."""

    def rate(self) -> float:
        """How many mails a second it takes."""

    def together(self) -> AbstractContextManager[None]:
        """Mails sent inside share what is dear to make anew for each."""


def transport() -> Transport:
    """The one that the settings choose: an SMTP server if they name one, else SES."""
    server = config.settings.mail_server
    return _smtp(server) if server else _ses()


@cache
def _ses() -> Transport:
    from app.mail.ses import Ses

    return Ses()


@cache
def _smtp(server: MailServer) -> Transport:
    from app.mail.smtp import Smtp

    return Smtp(server)


def as_sent(mail: EmailMessage) -> bytes:
    """A mail as it goes out: lines end as RFC 5322 has it."""
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


def recipient(mail: EmailMessage) -> str:
    """The address of a mail's one recipient, as the envelope says it again."""
    [address] = mail["To"].addresses
    return str(address.addr_spec)
