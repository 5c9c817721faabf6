"""Changing and leaving: every move is one transaction, all or nothing."""

from __future__ import annotations

from pynamodb.expressions.update import Action

from app.aws import access
from app.aws.tables import Delete, Update, Write, commit
from app.conferences.models import SeatItem, pool_key
from app.core import messages
from app.core.clock import DAY
from app.core.errors import AlreadyRegistered, NotMovable, TooMany
from app.core.ids import random_token
from app.registrations import locks, records, rules, waiting
from app.registrations.models import Registration, WaitingPlace
from app.registrations.moves import changed, move
from app.registrations.rules import HOLD_A_SEAT, Mail, Person, State


def edit(registration: Registration, person: Person) -> Registration:
    """Change one's own details; the QR code stays, the image is made anew. Raises NotMovable,
    AlreadyRegistered if the new address has a registration of its own, TooMany (addresses in a
    day), ChangedMeanwhile."""
    _require_live(registration)
    if person == records.person_of(registration):
        return registration
    try:
        commit(*_edit_writes(registration, person))
    except AlreadyRegistered:
        _tell_owner_of(person.email, int(registration.conference_id))
        raise
    return changed(registration, messages.REGISTRATION_CHANGED)


def _tell_owner_of(email: str, conference_id: int) -> None:
    """Whoever tries out addresses by editing is told of by mail, as by signing up."""
    held = locks.holder_of(email, conference_id)
    if held:
        locks.mail_link_again(held[1])


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
        locks.lock(registration, person.email),
        move(registration, details, Mail.MOVED),
        locks.unlock(registration),
    ]


def _limit_address_changes(registration: Registration) -> None:
    """Each change mails two people, and tells whether an address is registered."""
    number, limit = str(int(registration.registration_id)), rules.ADDRESS_CHANGES_A_DAY
    if not access.allowed("address", number, limit=limit, window=DAY):
        raise TooMany


def cancel(registration: Registration) -> Registration:
    """Give the place back; the next in line is promoted. Raises NotMovable, ChangedMeanwhile."""
    _require_live(registration)
    conference_id, type_id = int(registration.conference_id), int(registration.type_id)
    held_a_seat = registration.state in HOLD_A_SEAT
    mail = Mail.CANCELLED if held_a_seat else Mail.LEFT
    commit(
        move(registration, [Registration.state.set(State.CANCELLED)], mail),
        locks.unlock(registration),
        _seat_back(registration) if held_a_seat else leave_queue(registration),
    )
    waiting.forget()
    if held_a_seat:
        waiting.promote_at_once(conference_id, type_id)
    return changed(registration, messages.REGISTRATION_CANCELLED)


def _seat_back(registration: Registration) -> Update:
    pool = SeatItem(pool_key(int(registration.conference_id), int(registration.type_id)))
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
    commit(move(registration, changes, Mail.REISSUED), locks.renew(registration, fresh))
    return changed(registration, messages.REGISTRATION_CHANGED)


def _require_live(registration: Registration) -> None:
    if registration.state not in rules.LIVE:
        raise NotMovable
