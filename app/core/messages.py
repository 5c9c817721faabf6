"""Messages: facts that one part publishes and others react to.

Wrapped as {"type": ..., "data": {...}} because Zappa runs whatever a top-level "command" names.
Data are ids only, never personal data.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

REGISTRATION_CONFIRMED = "registration.confirmed"
REGISTRATION_WAITING = "registration.waiting"
REGISTRATION_PENDING = "registration.pending"
REGISTRATION_OFFERED = "registration.offered"
REGISTRATION_HELD = "registration.held"
REGISTRATION_CHANGED = "registration.changed"
REGISTRATION_CANCELLED = "registration.cancelled"
REGISTRATION_REPEATED = "registration.repeated"
CONFERENCE_CHANGED = "conference.changed"
SEATS_CHANGED = "seats.changed"
PASSES_ASKED_FOR = "access.passes_asked_for"

TYPES = (
    REGISTRATION_CONFIRMED,
    REGISTRATION_WAITING,
    REGISTRATION_PENDING,
    REGISTRATION_OFFERED,
    REGISTRATION_HELD,
    REGISTRATION_CHANGED,
    REGISTRATION_CANCELLED,
    REGISTRATION_REPEATED,
    CONFERENCE_CHANGED,
    SEATS_CHANGED,
    PASSES_ASKED_FOR,
)


@dataclass(frozen=True)
class Message:
    """One fact: its type and the ids it is about."""

    type: str
    data: dict[str, Any]

    def to_json(self) -> str:
        """The body as it is published."""
        return json.dumps({"type": self.type, "data": self.data})

    @classmethod
    def from_json(cls, body: str) -> Message:
        """Read a body; raises ValueError if it is not one of our messages."""
        content = json.loads(body)
        if not isinstance(content, dict) or content.get("type") not in TYPES:
            raise ValueError("not a message of ours")
        return cls(content["type"], content["data"])
