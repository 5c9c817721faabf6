"""What a person, or the organiser for them, does with a registration.

Every move is one transaction, all or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from pynamodb.expressions.update import Action

from app.aws import access
from app.aws.tables import Write, commit, deadline, read_again
from app.conferences import service as conferences
from app.core import messages
from app.core.clock import DAY
from app.core.errors import AlreadyRegistered, ChangedMeanwhile, Full, NotFound, NotMovable, TooMany
from app.core.ids import random_token
from app.registrations import debts, links, locks, moves, records, rules, waiting
from app.registrations.models import Registration
from app.registrations.rules import HOLD_A_SEAT, Mail, Move, Person, State


def edit(registration: Registration, person: Person) -> Registration:
    """Change one's own details; the QR code stays, the image is made anew. Raises NotMovable,
    AlreadyRegistered if the new address has a registration of its own, TooMany (addresses in a
    day, or edits), ChangedMeanwhile."""
    rules.after(State(registration.state), Move.EDIT)
    if person == records.person_of(registration):
        return registration
    number = str(int(registration.registration_id))
    if not access.allowed("edit", number, limit=rules.EDITS_A_DAY, window=DAY):
        raise TooMany
    moved = person.email != registration.email
    mail = Mail.MOVED if moved else Mail.CHANGED
    return _give_to(registration, person, Move.EDIT, mail, registration.submission)


def transfer(
    registration: Registration, person: Person, sent: Sequence[str] = ("",)
) -> Registration:
    """Give a confirmed place to another person, who gets a new pass and a new link; the old ones
    are void, and the form is known by what was `sent`, its key first: see `was_given_away`. Raises
    what `edit` raises; NotMovable also if the place was given on approval."""
    rules.after(State(registration.state), Move.TRANSFER)
    conference = conferences.by_id(int(registration.conference_id))
    if conference.require_type(int(registration.type_id)).approval:
        raise NotMovable
    # With the old one, the form that signed up would open the pass of another.
    fresh = _giving_away(sent, links.secret_of(registration)) or random_token()
    return _give_to(registration, person, Move.TRANSFER, Mail.TRANSFERRED, fresh)


def was_given_away(secret: str, sent: Sequence[str]) -> bool:
    """Whether this very form gave the place of this pass link away: then the link opens nothing
    any more, and who presses twice may at least be told so. Not who has corrected it meanwhile:
    the place went to whom the first one named."""
    number = links.id_in(secret)
    registration = records.find(number) if number is not None else None
    return registration is not None and registration.submission == _giving_away(sent, secret)


def _giving_away(sent: Sequence[str], secret: str) -> str | None:
    return rules.giving_away_hash(sent, secret) if rules.is_submission_key(sent[0]) else None


def _give_to(
    registration: Registration, person: Person, move: Move, mail: Mail, submission: str
) -> Registration:
    _limit_address_changes(registration, person)
    details = [
        *(getattr(Registration, name).set(value) for name, value in vars(person).items()),
        *_former_address(registration, person),
        *(_of_another(submission) if move is Move.TRANSFER else ()),
    ]
    try:
        return make(registration, move, mail, details, locks.move(registration, person, submission))
    except AlreadyRegistered:
        held = locks.holder_of(int(registration.conference_id), person)
        if held is None or held[1].registration_id == registration.registration_id:
            raise ChangedMeanwhile from None  # by the same form, sent twice; or it is free by now
        # Whoever tries out addresses by editing is told of by mail, as by signing up.
        debts.mail_link_again(held[1])
        raise


def _of_another(submission: str) -> list[Action]:
    """New keys; and what the one before has agreed to, the other has not."""
    return [
        *_new_keys(submission),
        Registration.consent_version.remove(),
        Registration.consent_at.remove(),
    ]


def _new_keys(submission: str) -> list[Action]:
    """Let pass, pass link and the form that signed up open nothing any more."""
    return [
        Registration.link_version.add(1),
        Registration.pass_version.add(1),
        Registration.submission.set(submission),
    ]


def _former_address(registration: Registration, person: Person) -> list[Action]:
    if person.email == registration.email:
        return []
    return [Registration.former_emails.add({registration.email})]


def _limit_address_changes(registration: Registration, person: Person) -> None:
    """Each change mails two people, and tells whether an address is registered."""
    if person.email == registration.email:
        return
    _limit_leaving(registration)
    number, limit = str(int(registration.registration_id)), rules.ADDRESS_CHANGES_A_DAY
    if not access.allowed("address", number, limit=limit, window=DAY):
        raise TooMany


def _limit_leaving(registration: Registration) -> None:
    """Whoever signs up with an address, and leaves, again and again, mails it each time."""
    if conferences.by_id(int(registration.conference_id)).shared_addresses:
        return  # many may leave, and every mail is counted
    address = links.hashed_address(registration.email)
    if not access.allowed("left", address, limit=rules.LEAVES_A_DAY, window=DAY):
        raise TooMany


def cancel(registration: Registration) -> Registration:
    """Give up a seat, an offer, a place in the queue or a request; a seat goes to the next in line.
    Raises NotMovable, TooMany (of an address in a day), ChangedMeanwhile."""
    rules.after(State(registration.state), Move.CANCEL)
    _limit_leaving(registration)
    mail = rules.MAIL_ON_LEAVING[State(registration.state)]
    return make(registration, Move.CANCEL, mail)


def reissue(registration: Registration) -> Registration:
    """Give a new pass (new QR code) and a new pass link; the old ones are void. Raises
    NotMovable, ChangedMeanwhile."""
    fresh = random_token()
    lock = locks.renew(registration, fresh)
    return make(registration, Move.REISSUE, Mail.REISSUED, _new_keys(fresh), [lock])


def change_type(registration: Registration, type_id: int) -> Registration:
    """Exchange the seat for one of another ticket type, if one is free and nobody waits for it;
    the QR code is new. Raises NotMovable, NotFound, Full, ChangedMeanwhile, Busy."""
    conference_id, former_type = int(registration.conference_id), int(registration.type_id)
    chosen = conferences.read(conference_id).require_type(type_id)
    if type_id == former_type or chosen.approval:
        raise NotFound
    changes = [Registration.type_id.set(type_id), Registration.pass_version.add(1)]
    writes = moves.writes(registration, Move.CHANGE_TYPE, Mail.OTHER_TYPE, changes)
    seat_back = moves.seat_back(registration)
    try:
        waiting.take_seat_out_of_turn(conference_id, chosen, *writes, seat_back, until=deadline())
    except Full:
        latest = records.find(int(registration.registration_id))
        if latest is None or latest.revision != registration.revision:
            raise ChangedMeanwhile from None  # the last seat may be one's own by now
        raise
    waiting.promote_at_once(conference_id, former_type)
    return _moved(registration, messages.REGISTRATION_CHANGED)


def approve(registration: Registration, *, or_wait: bool = False) -> Registration:
    """Give a seat to somebody who asked for one. Raises NotMovable (also if the conference is over
    or called off), ChangedMeanwhile, Busy, and Full if none is free, unless they shall wait for it
    then."""
    conference_id = int(registration.conference_id)
    conference = conferences.read(conference_id)
    if not rules.may(records.standing(registration, conference), Move.APPROVE):
        raise NotMovable
    wanted = conference.require_type(int(registration.type_id))
    writes, until = moves.writes(registration, Move.APPROVE, Mail.APPROVED), deadline()
    try:
        waiting.take_seat_out_of_turn(conference_id, wanted, *writes, until=until)
    except Full:
        if not or_wait:
            raise
        return _queue(registration, waiting.next_place(conference_id, wanted, until))
    return _moved(registration, messages.REGISTRATION_CONFIRMED)


def _queue(registration: Registration, place: int) -> Registration:
    registration.place = place
    as_waiting = [Registration.place.set(place)]
    row = waiting.stand_in_line(registration)
    moved = make(registration, Move.QUEUE, Mail.WAITING, as_waiting, [row])
    waiting.promote_at_once(int(moved.conference_id), int(moved.type_id))
    read_again(moved)
    return moved


def decline(registration: Registration) -> Registration:
    """Say no to somebody who asked for a seat. Raises NotMovable, ChangedMeanwhile."""
    return make(registration, Move.DECLINE, Mail.DECLINED)


def make(
    registration: Registration,
    move: Move,
    mail: Mail | None,
    changes: Sequence[Action] = (),
    others: Sequence[Write] = (),
) -> Registration:
    """Write a move with all that follows from it; the registration as it is now."""
    before = State(registration.state)
    after = rules.after(before, move)
    commit(*others, *moves.writes(registration, move, mail, changes))
    if before is State.WAITING:
        waiting.forget()
    if before in HOLD_A_SEAT and after not in HOLD_A_SEAT:
        waiting.promote_at_once(int(registration.conference_id), int(registration.type_id))
    fact = messages.REGISTRATION_CHANGED if after is before else moves.FACTS[after]
    return _moved(registration, fact)


def _moved(registration: Registration, fact: str) -> Registration:
    moves.tell(registration, fact)
    read_again(registration)
    return registration
