"""What surrounds registration in a sequence: the cloud, the clock, messages and mails."""

from __future__ import annotations

from collections import Counter
from email.message import EmailMessage

import pytest

from app import config
from app.aws import parameters, topic
from app.aws.clients import client
from app.conferences import spreading
from app.conferences.rules import Conference
from app.core import cache, clock
from app.core.messages import Message
from app.local.cloud import EphemeralCloud
from app.mail import pace
from app.notifications import mails
from app.passes import image
from app.registrations import rules
from app.registrations.models import Registration
from app.registrations.rules import Mail
from tests.infra import tables

NOW = 1_900_000_000_000  # ms UTC


class World:
    """An empty cloud for each sequence. Messages wait here until they are delivered; mails and
    pictures are not made, but counted: they have tests of their own."""

    def __init__(self, emulator: EphemeralCloud, patch: pytest.MonkeyPatch) -> None:
        self.moment = self.latest = NOW
        self.messages: list[Message] = []
        self._sent: Counter[tuple[int, Mail, int]] = Counter()
        self._emulator = emulator
        clock.set_source(lambda: self.moment)
        patch.setattr(topic, "publish", self._publish)
        patch.setattr(mails, "compose", self._compose)
        patch.setattr(pace, "send", lambda mail: None)
        patch.setattr(pace, "paced", lambda items, end: iter(items))
        patch.setattr(image, "render", lambda face: b"a picture")
        patch.setattr(rules, "ADDRESS_CHANGES_A_DAY", 1_000)
        patch.setattr(spreading, "SEATS_A_COUNTER", 2)

    def begin(self) -> None:
        """Forget everything."""
        self._emulator.reset()
        tables.create(config.settings.stage)
        client("s3").create_bucket(
            Bucket=config.settings.derived_bucket,
            CreateBucketConfiguration={"LocationConstraint": config.settings.region},
        )
        parameters.secret.cache_clear()
        cache.clear_all()
        self.moment = self.latest = NOW
        self.messages.clear()
        self._sent.clear()

    def wait(self, milliseconds: int) -> None:
        """Let time pass, or the clock jump back."""
        self.moment += milliseconds
        self.latest = max(self.latest, self.moment)

    def catch_up(self) -> None:
        """A clock that jumped is set right."""
        self.moment = self.latest

    def sent_twice(self) -> list[tuple[int, Mail, int]]:
        """Mails that went out again though nothing had changed; links may be asked for again."""
        return [key for key, n in self._sent.items() if n > 1 and key[1] is not Mail.LINK]

    def _publish(self, type_: str, **ids: int | str) -> None:
        self.messages.append(Message(type_, ids))

    def _compose(self, kind: Mail, registration: Registration, _: Conference) -> EmailMessage:
        self._sent[int(registration.registration_id), kind, int(registration.revision)] += 1
        return EmailMessage()
