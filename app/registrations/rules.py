"""What a registration may be and become. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum, StrEnum, auto

from app.conferences.rules import Conference, Publication
from app.core.clock import MINUTE, SECOND
from app.core.errors import NotMovable


class State(StrEnum):
    """Where a registration stands; see HOLD_A_SEAT."""

    CONFIRMED = "confirmed"
    OFFERED = "offered"  # a seat from the waiting list, until it is accepted or runs out
    HELD = "held"  # a seat, until the address is confirmed or the time runs out
    WAITING = "waiting"
    PENDING = "pending"  # asked for, to be approved by the organiser
    CANCELLED = "cancelled"


HOLD_A_SEAT = frozenset({State.CONFIRMED, State.OFFERED, State.HELD})
LIVE = frozenset(State) - {State.CANCELLED}
FOR_A_TIME = frozenset({State.OFFERED, State.HELD})


class Move(Enum):
    """What can be done with a registration."""

    EDIT = auto()
    TELL = auto()  # the conference has changed
    REISSUE = auto()
    TRANSFER = auto()  # to another person
    CHANGE_TYPE = auto()
    CANCEL = auto()  # a seat, an offer, a place in the queue, a request
    PROMOTE = auto()  # from the waiting list
    OFFER = auto()
    HOLD = auto()
    ACCEPT = auto()  # an offer
    CONFIRM = auto()  # an address
    RUN_OUT = auto()
    APPROVE = auto()
    QUEUE = auto()  # approved, while no seat is free
    DECLINE = auto()  # a request, by the organiser


# Every move there is, and what it makes of a registration. What else a move has to write follows
# from the two states: see moves.py.
MOVES: dict[Move, dict[State, State]] = {
    Move.EDIT: {one: one for one in LIVE - {State.HELD}},  # or nobody has confirmed the address
    Move.TELL: {one: one for one in LIVE},
    Move.REISSUE: {one: one for one in LIVE},
    Move.TRANSFER: {State.CONFIRMED: State.CONFIRMED},
    Move.CHANGE_TYPE: {State.CONFIRMED: State.CONFIRMED},
    Move.CANCEL: dict.fromkeys(LIVE, State.CANCELLED),
    Move.PROMOTE: {State.WAITING: State.CONFIRMED},
    Move.OFFER: {State.WAITING: State.OFFERED},
    Move.HOLD: {State.WAITING: State.HELD},
    Move.ACCEPT: {State.OFFERED: State.CONFIRMED},
    Move.CONFIRM: {State.HELD: State.CONFIRMED},
    Move.RUN_OUT: {State.OFFERED: State.CANCELLED, State.HELD: State.CANCELLED},
    Move.APPROVE: {State.PENDING: State.CONFIRMED},
    Move.QUEUE: {State.PENDING: State.WAITING},
    Move.DECLINE: {State.PENDING: State.CANCELLED},
}


class Standing(StrEnum):
    """What a registration is worth to its owner: its state, unless its time has run out or the
    conference is over or called off; and of one that has ended, how it did."""

    CONFIRMED = "confirmed"
    OFFERED = "offered"
    HELD = "held"
    WAITING = "waiting"
    PENDING = "pending"
    CANCELLED = "cancelled"  # a place, given back
    LEFT = "left"  # the waiting list
    TURNED_DOWN = "turned_down"  # an offer
    WITHDRAWN = "withdrawn"  # a request
    DECLINED = "declined"  # a request, by the organiser
    RUN_OUT = "run_out"
    CALLED_OFF = "called_off"
    OVER = "over"


class Mail(StrEnum):
    """The mails a registration may be owed; each is a folder in templates/email."""

    CONFIRMED = "confirmed"
    HELD = "held"  # please confirm your address
    WAITING = "waiting"
    PROMOTED = "promoted"
    OFFERED = "offered"
    RUN_OUT = "run_out"  # an offer
    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    CHANGED = "changed"
    MOVED = "moved"  # the address changed: told to both
    TRANSFERRED = "transferred"  # to the new owner; the old one is told as well
    OTHER_TYPE = "other_type"
    CANCELLED = "cancelled"
    LEFT = "left"  # the waiting list
    WITHDRAWN = "withdrawn"  # before there was a pass
    REISSUED = "reissued"
    RESCHEDULED = "rescheduled"  # the conference: another time or place
    CALLED_OFF = "called_off"
    LINK = "link"  # somebody signed up again with this address


MAIL_ON_LEAVING = {
    State.CONFIRMED: Mail.CANCELLED,
    State.OFFERED: Mail.LEFT,
    State.HELD: Mail.WITHDRAWN,
    State.WAITING: Mail.LEFT,
    State.PENDING: Mail.WITHDRAWN,
}

# A mail that tells of a place, still unsent, is not replaced by one that tells of a change.
TELLS_OF_A_PLACE = frozenset(
    {
        Mail.CONFIRMED,
        Mail.HELD,
        Mail.PROMOTED,
        Mail.OFFERED,
        Mail.WAITING,
        Mail.PENDING,
        Mail.APPROVED,
        Mail.TRANSFERRED,
    }
)

# How long a freshly written debt is left to the message before the schedule takes it up.
GRACE = 30 * SECOND
CLAIM = MINUTE
HOLD = 30 * MINUTE  # until an address must be confirmed
# Buckets: so many at once, then evenly (see `allowed`).
LINK_MAILS_AN_HOUR = 3
ADDRESS_CHANGES_A_DAY = 5
LEAVES_A_DAY = 10  # of an address, which could then begin anew
EDITS_A_DAY = 20


@dataclass(frozen=True)
class Person:
    """What a visitor typed, checked and normalised."""

    name: str
    email: str
    phone: str = ""
    company: str = ""


def after(state: State, move: Move) -> State:
    """What a move makes of a registration; raises NotMovable where it is not allowed."""
    try:
        return MOVES[move][state]
    except KeyError:
        raise NotMovable from None


def may(standing: Standing, move: Move) -> bool:
    """Whether a move is allowed; none is once the conference is over."""
    return str(standing) in MOVES[move]


def ending(before: State, move: Move) -> Standing:
    """How a registration ends by a move."""
    if move in _ENDED_FOR_THEM:
        return _ENDED_FOR_THEM[move]
    return _ENDED_BY_THEM.get(before, Standing.CANCELLED)


_ENDED_FOR_THEM = {Move.RUN_OUT: Standing.RUN_OUT, Move.DECLINE: Standing.DECLINED}
_ENDED_BY_THEM = {
    State.WAITING: Standing.LEFT,
    State.OFFERED: Standing.TURNED_DOWN,
    State.PENDING: Standing.WITHDRAWN,
}


def standing(
    state: State,
    conference: Conference,
    now: int,
    seat_until: int | None = None,
    ended: str | None = None,
) -> Standing:
    """What a registration is worth at `now`; its seat is held until `seat_until` (ms UTC); if it
    has ended, then as `ended` says."""
    if state is State.CANCELLED:
        return Standing(ended or Standing.CANCELLED)
    if conference.publication is Publication.CANCELLED:
        return Standing.CALLED_OFF
    if now >= conference.ends_at:
        return Standing.OVER
    return Standing.RUN_OUT if is_up(state, seat_until, now) else Standing(state)


def is_up(state: State, seat_until: int | None, now: int) -> bool:
    """Whether the time of a seat that is held for a time is up at `now`."""
    return state in FOR_A_TIME and now >= (seat_until or 0)


def submission_hash(key: str, conference_id: int, type_id: int, person: Person) -> str:
    """The hash of one attempt: the browser's key and all fields, so that the same key with other
    fields is a new attempt. The key is a bearer secret and is kept only so."""
    fields = "\x1f".join((key, str(conference_id), str(type_id), *asdict(person).values()))
    return hashlib.sha256(fields.encode()).hexdigest()


def giving_away_hash(sent: Sequence[str], pass_secret: str) -> str:
    """The hash of one form that gives a place away by a pass link, as it was sent, so that the same
    key with other fields is another form. No sign-up has it: to send the same again opens
    nothing."""
    return hashlib.sha256("\x1f".join(("give away", pass_secret, *sent)).encode()).hexdigest()


def is_submission_key(key: str) -> bool:
    """Whether it can be a browser's key: 22 to 64 letters of base64url (128 bits and more)."""
    return re.fullmatch(r"[A-Za-z0-9_-]{22,64}", key) is not None


def plain_name(name: str) -> str:
    """A name without what two spellings of it may differ in: case and blanks."""
    return "".join(name.split()).casefold()


def same_person(name: str, other: str) -> bool:
    """Whether two names behind one address are the same."""
    return plain_name(name) == plain_name(other)
