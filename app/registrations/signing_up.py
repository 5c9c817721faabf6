"""Signing up: a seat, else a place on the waiting list, in one transaction, all or nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from pynamodb.exceptions import PynamoDBException

from app.aws import access, metrics
from app.aws.metrics import Metric
from app.aws.tables import Put, commit, deadline, read_again
from app.conferences import service as conferences
from app.conferences.rules import Conference, SignUpState, TicketType, closed_state
from app.core.clock import now_ms
from app.core.errors import (
    AlreadyRegistered,
    Busy,
    ChangedMeanwhile,
    Closed,
    Full,
    NotOpenYet,
    Refusal,
    TooMany,
    Undecided,
)
from app.core.ids import new_registration_id
from app.registrations import holding, locks, models, moves, records, rules, waiting
from app.registrations.counters import take_seat
from app.registrations.models import Registration
from app.registrations.rules import Mail, Person, State


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
    fields; `consented` whether the conference's consent text was agreed to; `network` where it
    came from, if that is known."""

    conference: Conference
    ticket_type: TicketType
    person: Person
    submission: str
    language: str
    consented: bool
    network: str | None = None


def require_open(conference: Conference) -> None:
    """Raise NotOpenYet or Closed unless the conference takes sign-ups at this moment."""
    closed = closed_state(conference, now_ms())
    if closed is SignUpState.EARLY:
        raise NotOpenYet
    if closed:
        raise Closed


def register(attempt: Attempt) -> Outcome:
    """Take a seat, or a place on the waiting list, for one person; raises NotOpenYet, Closed,
    TooMany, Busy, Undecided. An address that has a live registration takes nothing: see Found."""
    require_open(attempt.conference)
    until = deadline()
    if _is_flooded(attempt, until):
        return _sent_before(attempt)
    return _register(attempt, until)


def _register(attempt: Attempt, until: float) -> Outcome:
    try:
        registration = _enter(attempt, until)
    except AlreadyRegistered:
        known = _known(attempt)
        if known is None:  # cancelled at this very moment; asking again helps
            raise ChangedMeanwhile from None
        return _register(attempt, until) if _has_run_out(known.registration) else known
    metrics.count(Metric.SIGN_UPS)
    moves.tell(registration, moves.FACTS[State(registration.state)])
    return Outcome(registration, Found.NEW)


def _has_run_out(registration: Registration) -> bool:
    """Whether its time was up, and its seat has gone on now: the schedule had not come yet."""
    return holding.is_up(registration) and holding.run_out(int(registration.registration_id))


def _is_flooded(attempt: Attempt, until: float) -> bool:
    """Whether a network, or the addresses of a domain, has had its places of this hour. Known
    addresses count like new ones, or the limit would tell them apart."""
    conference = attempt.conference
    _, _, domain = attempt.person.email.rpartition("@")
    limits = {
        ("network", attempt.network): conference.sign_ups_a_network,
        ("domain", domain): conference.sign_ups_a_domain,
    }
    number = str(conference.conference_id)
    return any(
        limit and source and not access.allowed(kind, number, source, limit=limit, until=until)
        for (kind, source), limit in limits.items()
    )


def _sent_before(attempt: Attempt) -> Outcome:
    """What this very attempt came to when it was sent before; raises TooMany if it was not."""
    known = _known(attempt)
    if known is None or known.found is not Found.SAME:
        raise TooMany
    return known


def _enter(attempt: Attempt, until: float) -> Registration:
    """Write the registration: with a seat, else with a place in the queue; or as a request. Its id
    is fixed before, so that an attempt whose answer was lost can be read back."""
    registration = _new(attempt)
    try:
        if attempt.ticket_type.approval:
            _ask(registration, until)
        else:
            _take_seat_or_place(registration, attempt.ticket_type, until)
    except Undecided:
        return _read_back(registration)
    except _IdInUse:
        return _enter(attempt, until)
    return registration


def _ask(registration: Registration, until: float) -> None:
    """Have the organiser decide; neither seat nor place is taken."""
    _become(registration, State.PENDING, Mail.PENDING)
    commit(*_entry(registration), until=until)


def _entry(registration: Registration) -> tuple[Put, Put]:
    """What every sign-up writes."""
    person = records.person_of(registration)
    return (
        locks.lock(registration, person, registration.submission),
        Put(registration, Registration.registration_id.does_not_exist(), _IdInUse),
    )


def _take_seat_or_place(registration: Registration, ticket_type: TicketType, until: float) -> None:
    try:
        _take_seat(registration, ticket_type, until)
    except Full:
        _take_place(registration, ticket_type, until)


def _take_seat(registration: Registration, ticket_type: TicketType, until: float) -> None:
    conference_id = int(registration.conference_id)
    take_seat(conference_id, ticket_type, *_entry(registration), until=until)


def _take_place(registration: Registration, ticket_type: TicketType, until: float) -> None:
    conference_id = int(registration.conference_id)
    try:
        registration.place = waiting.next_place(conference_id, ticket_type, until)
    except ChangedMeanwhile:  # the counters that refused are not all there are
        if time.monotonic() > until:
            raise Busy from None
        as_spread = conferences.read(conference_id).require_type(ticket_type.type_id)
        _take_seat_or_place(registration, as_spread, until)
    else:
        _join_queue(registration, until)


def _join_queue(registration: Registration, until: float) -> None:
    """Stand in the queue, then look whether a seat has come free."""
    _become(registration, State.WAITING, Mail.WAITING)
    commit(*_entry(registration), waiting.stand_in_line(registration), until=until)
    queue = int(registration.conference_id), int(registration.type_id)
    if waiting.promote_at_once(*queue, newcomer=int(registration.registration_id)):
        read_again(registration)


def _become(registration: Registration, state: State, mail: Mail) -> None:
    """Stand without a seat."""
    registration.state, registration.mail_owed, registration.seat_until = state, mail, None


def _new(attempt: Attempt) -> Registration:
    number, now = new_registration_id(), now_ms()
    conference = attempt.conference
    consent = conference.consent if attempt.consented else None
    held = conference.confirms_addresses
    return Registration(
        number,
        state=State.HELD if held else State.CONFIRMED,
        mail_owed=Mail.HELD if held else Mail.CONFIRMED,
        seat_until=now + rules.HOLD if held else None,
        conference_id=conference.conference_id,
        type_id=attempt.ticket_type.type_id,
        **vars(attempt.person),
        language=attempt.language,
        consent_version=consent.version if consent else None,
        consent_at=now if consent else None,
        created_at=now,
        submission=attempt.submission,
        change_shard=models.change_shard(
            conference.conference_id, now, number % conference.change_shards
        ),
        change_at=models.change_key(number, now),
        due_shard=models.due_key(number),
        due_at=now + rules.GRACE,
    )


def _read_back(registration: Registration) -> Registration:
    """What an attempt whose answer was lost has written after all; raises Undecided if nothing
    yet, or if that cannot be read either."""
    try:
        written = records.find(int(registration.registration_id))
    except (Busy, PynamoDBException) as error:
        raise Undecided from error
    if written is None or written.submission != registration.submission:
        raise Undecided
    return written


def _known(attempt: Attempt) -> Outcome | None:
    """The live registration of the address, or this very attempt come twice."""
    held = locks.holder_of(attempt.conference.conference_id, attempt.person)
    if held is None:
        return None
    lock, registration = held
    same = lock.submission == attempt.submission
    return Outcome(registration, Found.SAME if same else Found.KNOWN)
