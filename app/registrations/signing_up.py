"""Signing up: a seat, else a place on the waiting list, in one transaction, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from app.aws import metrics
from app.aws.metrics import Metric
from app.aws.tables import Put, Update, commit
from app.conferences import service as conferences
from app.conferences.models import SeatItem, counter_key
from app.conferences.rules import TAKES_SIGN_UPS, Conference, SignUpState, TicketType, sign_up_state
from app.core import messages
from app.core.clock import now_ms
from app.core.errors import (
    AlreadyRegistered,
    ChangedMeanwhile,
    Closed,
    NotOpenYet,
    Refusal,
    Undecided,
)
from app.core.ids import new_registration_id
from app.registrations import locks, models, moves, records, rules, waiting
from app.registrations.models import Registration
from app.registrations.rules import Mail, Person, State


class _NoSeat(Refusal):
    """The counter is empty; the caller goes to the waiting list."""


class _IdInUse(Refusal):
    """Another registration has this random id."""


class Found(Enum):
    """What signing up came to."""

    NEW = auto()
    SAME = auto()  # the same attempt again: a double press, a repeated request
    KNOWN = auto()  # the address has a registration already; no new place was taken


class Outcome(NamedTuple):
    """A registration, and what it is to the one who asked."""

    registration: Registration
    found: Found


@dataclass(frozen=True)
class Attempt:
    """One sign-up as it was asked for. `submission` is the hash of the browser's key and all
    fields; `consented` whether the conference's consent text was agreed to."""

    conference: Conference
    ticket_type: TicketType
    person: Person
    submission: str
    language: str
    consented: bool


def require_open(conference: Conference) -> None:
    """Raise NotOpenYet or Closed unless the conference takes sign-ups at this moment."""
    state = sign_up_state(conference, conferences.seats_of(conference), now_ms())
    if state is SignUpState.EARLY:
        raise NotOpenYet
    if state not in TAKES_SIGN_UPS:
        raise Closed


def register(attempt: Attempt) -> Outcome:
    """Take a seat, or a place on the waiting list, for one person; raises NotOpenYet, Closed,
    Busy. An address that has a live registration takes nothing: see Found."""
    require_open(attempt.conference)
    registration = _new(attempt)
    try:
        _enter(registration)
    except AlreadyRegistered:
        return _already(attempt)
    metrics.count(Metric.SIGN_UPS)
    confirmed = registration.state == State.CONFIRMED
    moves.tell(
        registration,
        messages.REGISTRATION_CONFIRMED if confirmed else messages.REGISTRATION_WAITING,
    )
    return Outcome(registration, Found.NEW)


def _enter(registration: Registration) -> None:
    """Write the registration with a seat, else with a place in the queue."""
    try:
        _take_seat_or_place(registration)
    except Undecided:
        if not _went_through(registration):
            raise
    except _IdInUse:
        registration.registration_id = new_registration_id()
        _place_in_indexes(registration)
        _enter(registration)


def _take_seat_or_place(registration: Registration) -> None:
    try:
        _take_seat(registration)
    except _NoSeat:
        _join_queue(registration)


def _take_seat(registration: Registration) -> None:
    registration.state, registration.mail_owed = State.CONFIRMED, Mail.CONFIRMED
    registration.place = None
    counter = SeatItem(counter_key(int(registration.conference_id), int(registration.type_id)))
    commit(
        locks.lock(registration, registration.email),
        _absent(registration),
        Update(counter, SeatItem.left > 0, _NoSeat, actions=[SeatItem.left.add(-1)]),
    )


def _join_queue(registration: Registration) -> None:
    conference_id, type_id = int(registration.conference_id), int(registration.type_id)
    registration.state = State.WAITING
    registration.mail_owed = Mail.WAITING
    registration.place = waiting.next_place(conference_id, type_id)
    commit(
        locks.lock(registration, registration.email),
        _absent(registration),
        Put(waiting.place_row(registration)),
    )
    newcomer = int(registration.registration_id)
    if waiting.promote_at_once(conference_id, type_id, newcomer=newcomer):
        registration.refresh(consistent_read=True)


def _new(attempt: Attempt) -> Registration:
    now = now_ms()
    consent = attempt.conference.consent if attempt.consented else None
    registration = Registration(
        new_registration_id(),
        conference_id=attempt.conference.conference_id,
        type_id=attempt.ticket_type.type_id,
        **vars(attempt.person),
        language=attempt.language,
        consent_version=consent.version if consent else None,
        consent_at=now if consent else None,
        created_at=now,
        submission=attempt.submission,
        due_at=now + rules.GRACE,
    )
    _place_in_indexes(registration)
    return registration


def _place_in_indexes(registration: Registration) -> None:
    number = int(registration.registration_id)
    registration.change_shard, registration.change_at = models.change_keys(
        int(registration.conference_id), number, int(registration.created_at)
    )
    registration.due_shard = models.due_key(number)


def _absent(registration: Registration) -> Put:
    return Put(registration, Registration.registration_id.does_not_exist(), _IdInUse)


def _went_through(registration: Registration) -> bool:
    """Whether an attempt whose answer was lost has been written after all."""
    written = records.find(int(registration.registration_id))
    return written is not None and written.submission == registration.submission


def _already(attempt: Attempt) -> Outcome:
    """The live registration of the address, or this very attempt come twice."""
    held = locks.holder_of(attempt.person.email, attempt.conference.conference_id)
    if held is None:
        raise ChangedMeanwhile  # cancelled at this very moment; asking again helps
    lock, registration = held
    same = lock.submission == attempt.submission
    return Outcome(registration, Found.SAME if same else Found.KNOWN)
