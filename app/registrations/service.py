"""Signing up, changing, leaving: every move is one transaction, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from pynamodb.expressions.update import Action

from app.aws import access, metrics, topic
from app.aws.metrics import Metric
from app.aws.tables import Delete, Put, Update, Write, change, commit
from app.conferences import service as conferences
from app.conferences.models import SeatItem, counter_key, pool_key
from app.conferences.rules import TAKES_SIGN_UPS, Conference, SignUpState, TicketType, sign_up_state
from app.core import messages
from app.core.clock import DAY, now_ms
from app.core.errors import (
    AlreadyRegistered,
    ChangedMeanwhile,
    Closed,
    NotFound,
    NotMovable,
    NotOpenYet,
    Refusal,
    TooMany,
    Undecided,
)
from app.core.ids import new_registration_id, random_token
from app.registrations import debts, links, models, rules, waiting
from app.registrations.models import AddressLock, Registration, WaitingPlace
from app.registrations.moves import move
from app.registrations.rules import HOLD_A_SEAT, Mail, Person, State


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
    _tell(
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
    counter = SeatItem(counter_key(_conference_id(registration), int(registration.type_id)))
    commit(
        _lock(registration, registration.email),
        _absent(registration),
        Update(counter, SeatItem.left > 0, _NoSeat, actions=[SeatItem.left.add(-1)]),
    )


def _join_queue(registration: Registration) -> None:
    conference_id, type_id = _conference_id(registration), int(registration.type_id)
    registration.state = State.WAITING
    registration.mail_owed = Mail.WAITING
    registration.place = waiting.next_place(conference_id, type_id)
    commit(
        _lock(registration, registration.email),
        _absent(registration),
        Put(waiting.place_row(registration)),
    )
    if waiting.promote_at_once(conference_id, type_id, newcomer=_id(registration)):
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
    registration.change_shard, registration.change_at = models.change_keys(
        _conference_id(registration), _id(registration), int(registration.created_at)
    )
    registration.due_shard = models.due_key(_id(registration))


def _lock(registration: Registration, email: str) -> Put:
    lock = AddressLock(
        *_lock_key(registration, email),
        registration_id=registration.registration_id,
        submission=registration.submission,
    )
    return Put(lock, AddressLock.address.does_not_exist(), AlreadyRegistered)


def unlock(registration: Registration) -> Delete:
    """Let the address of a registration be used again."""
    return Delete(AddressLock(*_lock_key(registration, registration.email)))


def _lock_key(registration: Registration, email: str) -> tuple[str, str]:
    return links.hashed_address(email), _scope(_conference_id(registration))


def _scope(conference_id: int) -> str:
    return f"{conference_id}#-"


def _absent(registration: Registration) -> Put:
    return Put(registration, Registration.registration_id.does_not_exist(), _IdInUse)


def _went_through(registration: Registration) -> bool:
    """Whether an attempt whose answer was lost has been written after all."""
    written = find(_id(registration))
    return written is not None and written.submission == registration.submission


def _already(attempt: Attempt) -> Outcome:
    """The live registration of the address, or this very attempt come twice."""
    held = _holder_of(attempt.person.email, attempt.conference.conference_id)
    if held is None:
        raise ChangedMeanwhile  # cancelled at this very moment; asking again helps
    lock, registration = held
    same = lock.submission == attempt.submission
    return Outcome(registration, Found.SAME if same else Found.KNOWN)


def _holder_of(email: str, conference_id: int) -> tuple[AddressLock, Registration] | None:
    """The lock of an address, and the registration that holds it."""
    key = links.hashed_address(email), _scope(conference_id)
    try:
        lock = AddressLock.get(*key, consistent_read=True)
    except AddressLock.DoesNotExist:
        return None
    registration = find(int(lock.registration_id))
    return (lock, registration) if registration else None


def mail_link_again(registration: Registration) -> None:
    """Mail the pass link to its owner because somebody signed up again with the address: at most
    3 times an hour, and not when a mail with the link is on its way anyway."""
    if not access.allowed("link", str(_id(registration)), limit=rules.LINK_MAILS_AN_HOUR):
        return
    nothing_owed = Registration.mail_owed.does_not_exist()
    try:
        change(registration, nothing_owed, debts.owe(registration, Mail.LINK))
    except ChangedMeanwhile:
        return
    _tell(registration, messages.REGISTRATION_REPEATED)


def find(registration_id: int) -> Registration | None:
    """The registration as it is now, or None."""
    try:
        return Registration.get(registration_id, consistent_read=True)
    except Registration.DoesNotExist:
        return None


def by_secret(secret: str) -> Registration:
    """The registration that a pass link opens; raises NotFound, for whatever reason alike."""
    number = links.id_in(secret)
    registration = find(number) if number is not None else None
    if registration is None or registration.erased_at or not links.opens(secret, registration):
        raise NotFound
    return registration


def of_address(email: str) -> list[Registration]:
    """All live registrations of a normalised address."""
    locks = AddressLock.query(links.hashed_address(email), consistent_read=True)
    found = (find(int(lock.registration_id)) for lock in locks)
    return [registration for registration in found if registration]


def listed(conference: Conference) -> Iterator[Registration]:
    """The registrations of a conference, by their last change, from an index: the projected
    attributes only, and what changed in the last moments may be missing."""
    for day in range(conference.created_at // DAY, now_ms() // DAY + 1):
        for shard in range(models.CHANGE_SHARDS):
            yield from Registration.by_change.query(f"{conference.conference_id}#{day}#{shard}")


def edit(registration: Registration, person: Person) -> Registration:
    """Change one's own details; the QR code stays, the image is made anew. Raises NotMovable,
    AlreadyRegistered if the new address has a registration of its own, TooMany (addresses in a
    day), ChangedMeanwhile."""
    _require_live(registration)
    if person == person_of(registration):
        return registration
    try:
        commit(*_edit_writes(registration, person))
    except AlreadyRegistered:
        _tell_owner_of(person.email, _conference_id(registration))
        raise
    return _changed(registration, messages.REGISTRATION_CHANGED)


def _tell_owner_of(email: str, conference_id: int) -> None:
    """Whoever tries out addresses by editing is told of by mail, as by signing up."""
    held = _holder_of(email, conference_id)
    if held:
        mail_link_again(held[1])


def _edit_writes(registration: Registration, person: Person) -> list[Write]:
    details: list[Action] = [
        Registration.name.set(person.name),
        Registration.email.set(person.email),
        Registration.phone.set(person.phone),
        Registration.company.set(person.company),
    ]
    if person.email == registration.email:
        return [move(registration, details, Mail.CHANGED)]
    _limit_address_changes(registration)
    details.append(Registration.former_emails.add({registration.email}))
    return [
        _lock(registration, person.email),
        move(registration, details, Mail.MOVED),
        unlock(registration),
    ]


def _limit_address_changes(registration: Registration) -> None:
    """Each change mails two people, and tells whether an address is registered."""
    limit = rules.ADDRESS_CHANGES_A_DAY
    if not access.allowed("address", str(_id(registration)), limit=limit, window=DAY):
        raise TooMany


def cancel(registration: Registration) -> Registration:
    """Give the place back; the next in line is promoted. Raises NotMovable, ChangedMeanwhile."""
    _require_live(registration)
    conference_id, type_id = _conference_id(registration), int(registration.type_id)
    held_a_seat = registration.state in HOLD_A_SEAT
    mail = Mail.CANCELLED if held_a_seat else Mail.LEFT
    commit(
        move(registration, [Registration.state.set(State.CANCELLED)], mail),
        unlock(registration),
        _seat_back(registration) if held_a_seat else leave_queue(registration),
    )
    waiting.forget()
    if held_a_seat:
        waiting.promote_at_once(conference_id, type_id)
    return _changed(registration, messages.REGISTRATION_CANCELLED)


def _seat_back(registration: Registration) -> Update:
    pool = SeatItem(pool_key(_conference_id(registration), int(registration.type_id)))
    return Update(pool, SeatItem.seat.exists(), actions=[SeatItem.left.add(1)])


def leave_queue(registration: Registration) -> Delete:
    """Give up the place of a waiting registration."""
    return Delete(waiting.place_row(registration), WaitingPlace.place.exists())


def reissue(registration: Registration) -> Registration:
    """Give a new pass (new QR code) and a new pass link; the old ones are void. Raises
    NotMovable, ChangedMeanwhile."""
    _require_live(registration)
    fresh = random_token()  # or the form that signed up, sent again, would get the new link
    changes = [
        Registration.link_version.add(1),
        Registration.pass_version.add(1),
        Registration.submission.set(fresh),
    ]
    lock = AddressLock(*_lock_key(registration, registration.email))
    commit(
        move(registration, changes, Mail.REISSUED),
        Update(lock, AddressLock.address.exists(), actions=[AddressLock.submission.set(fresh)]),
    )
    return _changed(registration, messages.REGISTRATION_CHANGED)


def person_of(registration: Registration) -> Person:
    """Who registered."""
    return Person(registration.name, registration.email, registration.phone, registration.company)


def _require_live(registration: Registration) -> None:
    if registration.state not in rules.LIVE:
        raise NotMovable


def _changed(registration: Registration, fact: str) -> Registration:
    _tell(registration, fact)
    registration.refresh(consistent_read=True)
    return registration


def _tell(registration: Registration, fact: str) -> None:
    topic.publish(fact, registration_id=_id(registration))


def _id(registration: Registration) -> int:
    return int(registration.registration_id)


def _conference_id(registration: Registration) -> int:
    return int(registration.conference_id)
