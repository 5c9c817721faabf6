"""What surrounds registration in a sequence: the cloud, the clock, messages and mails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from app import config
from app.aws import parameters, topic
from app.aws.clients import client
from app.aws.tables import Write
from app.conferences import spreading
from app.conferences.rules import Conference
from app.core import cache, clock
from app.core.messages import Message
from app.local.cloud import EphemeralCloud
from app.mail import pace
from app.notifications import mails
from app.passes import image
from app.registrations import moves, rules
from app.registrations.models import Registration
from app.registrations.rules import Mail, Move
from tests.infra import tables

NOW = 1_900_000_000_000  # ms UTC
_ASKED_FOR = {Mail.LINK, Mail.HELD}


class World:
    """An empty cloud for each sequence. Messages wait here until they are delivered; mails and
    pictures are not made, but counted: they have tests of their own."""

    def __init__(self, emulator: EphemeralCloud, patch: pytest.MonkeyPatch) -> None:
        self.moment = self.latest = NOW
        self.messages: list[Message] = []
        self.moves: Counter[Move] = Counter()  # that were made, in all sequences
        self._sent: Counter[tuple[int, Mail, int]] = Counter()
        self._emulator = emulator
        clock.set_source(lambda: self.moment)
        patch.setattr(topic, "publish", self._publish)
        patch.setattr(moves, "writes", self._counted(moves.writes))
        patch.setattr(mails, "compose", self._compose)
        patch.setattr(pace, "send", lambda mail: None)
        patch.setattr(pace, "paced", lambda items, end: iter(items))
        patch.setattr(image, "render", lambda face: b"a picture")
        for limit in ("ADDRESS_CHANGES_A_DAY", "EDITS_A_DAY", "LEAVES_A_DAY"):
            patch.setattr(rules, limit, 1_000)
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
        return [key for key, n in self._sent.items() if n > 1 and key[1] not in _ASKED_FOR]

    def _counted(self, writes: Callable[..., list[Write]]) -> Callable[..., list[Write]]:
        def counted(registration: Registration, move: Move, *rest: Any, **more: Any) -> list[Write]:
            wanted = writes(registration, move, *rest, **more)
            self.moves[move] += 1
            return wanted

        return counted

    def _publish(self, type_: str, **ids: int | str) -> None:
        self.messages.append(Message(type_, ids))

    def _compose(self, kind: Mail, registration: Registration, _: Conference) -> EmailMessage:
        self._sent[int(registration.registration_id), kind, int(registration.revision)] += 1
        return EmailMessage()
