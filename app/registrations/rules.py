"""What a registration may be and become. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from enum import StrEnum

from app.conferences.rules import Conference, Publication
from app.core.clock import MINUTE, SECOND


class State(StrEnum):
    """Where a registration stands; see HOLD_A_SEAT."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CANCELLED = "cancelled"


class Standing(StrEnum):
    """What a registration is worth to its owner: its state, unless the conference is over or
    called off."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    CALLED_OFF = "called_off"
    OVER = "over"


class Mail(StrEnum):
    """The mails a registration may be owed; each is a folder in templates/email."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    PROMOTED = "promoted"
    CHANGED = "changed"
    MOVED = "moved"  # the address changed: told to both
    CANCELLED = "cancelled"
    LEFT = "left"  # the waiting list
    REISSUED = "reissued"
    RESCHEDULED = "rescheduled"  # the conference: another time or place
    CALLED_OFF = "called_off"
    LINK = "link"  # somebody signed up again with this address


HOLD_A_SEAT = frozenset({State.CONFIRMED})
LIVE = frozenset({State.CONFIRMED, State.WAITING})
CHANGEABLE = frozenset({Standing.CONFIRMED, Standing.WAITING})

# How long a freshly written debt is left to the message before the schedule takes it up.
GRACE = 30 * SECOND
CLAIM = MINUTE
LINK_MAILS_AN_HOUR = 3
ADDRESS_CHANGES_A_DAY = 5


@dataclass(frozen=True)
class Person:
    """What a visitor typed, checked and normalised."""

    name: str
    email: str
    phone: str = ""
    company: str = ""


def standing(state: State, conference: Conference, now: int) -> Standing:
    """What a registration is worth at `now` (ms UTC)."""
    if state is State.CANCELLED:
        return Standing.CANCELLED
    if conference.publication is Publication.CANCELLED:
        return Standing.CALLED_OFF
    return Standing.OVER if now >= conference.ends_at else Standing(state)


def submission_hash(key: str, conference_id: int, type_id: int, person: Person) -> str:
    """The hash of one attempt: the browser's key and all fields, so that the same key with other
    fields is a new attempt. The key is a bearer secret and is kept only so."""
    fields = "\x1f".join((key, str(conference_id), str(type_id), *asdict(person).values()))
    return hashlib.sha256(fields.encode()).hexdigest()


def is_submission_key(key: str) -> bool:
    """Whether it can be a browser's key: 22 to 64 letters of base64url (128 bits and more)."""
    return re.fullmatch(r"[A-Za-z0-9_-]{22,64}", key) is not None


def same_person(name: str, other: str) -> bool:
    """Whether two names behind one address are the same, case and blanks aside."""
    return "".join(name.split()).casefold() == "".join(other.split()).casefold()
