"""What a registration is owed (its pass image, or its end; a mail), and that it is paid once.

Nothing depends on a message arriving: the record says what is owed, and stands in by_due as
long as it is, or as it holds a seat for a time: at the moment that comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.expressions.update import Action

from app.aws import access, topic
from app.aws.tables import change
from app.core import messages
from app.core.clock import now_ms
from app.core.errors import ChangedMeanwhile
from app.registrations import models, rules
from app.registrations.models import Registration
from app.registrations.rules import Mail, State


def due(now: int) -> Iterator[int]:
    """The ids of registrations that have been owed something, or whose time is up, since before
    `now` (ms UTC), those that have waited longest first."""
    rows = [
        row
        for shard in range(models.DUE_SHARDS)
        for row in Registration.by_due.query(f"d#{shard}", Registration.due_at <= now)
    ]
    for row in sorted(rows, key=lambda row: int(row.due_at)):
        yield int(row.registration_id)


def owe(
    registration: Registration,
    mail: Mail | None,
    seat_until: int | None,
    *,
    withdrawal: bool = False,
) -> list[Action]:
    """The changes that put a mail on the record, or take off what was owed; the message pays it,
    else the schedule. `seat_until` is until when it holds a seat for a time; `withdrawal` says
    that the image of its pass is to go."""
    return [
        Registration.mail_owed.set(mail) if mail else Registration.mail_owed.remove(),
        *([Registration.withdrawal_owed.set(1)] if withdrawal else []),
        Registration.mail_tries.remove(),
        Registration.claimed_until.set(0),
        *_due(registration, now_ms() + rules.GRACE if mail or withdrawal else None, seat_until),
    ]


def _due(registration: Registration, *moments: int | None) -> list[Action]:
    """Stand in by_due at the first of the moments; leave it if there is none."""
    known = [moment for moment in moments if moment is not None]
    if not known:
        return [Registration.due_shard.remove(), Registration.due_at.remove()]
    return [
        Registration.due_shard.set(models.due_key(int(registration.registration_id))),
        Registration.due_at.set(min(known)),
    ]


def seat_until(registration: Registration) -> int | None:
    """Until when it holds a seat for a time; None if it holds one for good, or none."""
    held = registration.state in rules.FOR_A_TIME
    return int(registration.seat_until) if held else None


def mail_link_again(registration: Registration) -> None:
    """Mail the pass link to its owner because somebody used the address again: at most 3 times an
    hour, and not when a mail with the link is on its way anyway."""
    number = int(registration.registration_id)
    if not access.allowed("link", str(number), limit=rules.LINK_MAILS_AN_HOUR):
        return
    mail = Mail.HELD if registration.state == State.HELD else Mail.LINK
    as_read = Registration.mail_owed.does_not_exist() & (
        Registration.revision == registration.revision
    )
    try:
        change(registration, as_read, owe(registration, mail, seat_until(registration)))
    except ChangedMeanwhile:
        return
    topic.publish(messages.REGISTRATION_REPEATED, registration_id=number)


def owes_pass(registration: Registration) -> bool:
    """Whether the image of the present revision is still to be made."""
    to_come = registration.pass_done != registration.revision and not registration.erased_at
    return registration.state == State.CONFIRMED and to_come


def owes_anything(registration: Registration) -> bool:
    """Whether a pass, its end or a mail is still owed."""
    owed = registration.mail_owed or registration.withdrawal_owed
    return owes_pass(registration) or bool(owed)


def claim(registration_id: int) -> Registration | None:
    """Reserve, for a minute, the paying of what a registration is owed; the registration as it is
    then, without a read of its own. None if it is owed nothing, or somebody else has it. What is
    paid stands in that record, until `note` writes it."""
    registration, now = Registration(registration_id), now_ms()
    free = Registration.due_shard.exists() & (Registration.claimed_until < now)
    try:
        change(registration, free, [Registration.claimed_until.set(now + rules.CLAIM)])
    except ChangedMeanwhile:
        return None
    return registration


def pass_made(registration: Registration) -> None:
    """The image of this revision stands in the store."""
    registration.pass_done = registration.revision


def pass_withdrawn(registration: Registration) -> None:
    """No image of the pass is left."""
    registration.withdrawal_owed = None


def mail_sent(registration: Registration) -> None:
    """The owed mail was sent."""
    registration.mail_owed = registration.mail_tries = registration.mail_refused = None


def mail_refused(registration: Registration) -> None:
    """The owed mail can never be sent."""
    refused = registration.mail_owed
    mail_sent(registration)
    registration.mail_refused = refused


def mail_failed(registration: Registration) -> None:
    """The owed mail could not be sent this time."""
    registration.mail_tries = tries(registration) + 1


def tries(registration: Registration) -> int:
    """How often the owed mail was tried in vain."""
    return int(registration.mail_tries or 0)


def told(registration: Registration, former: str) -> None:
    """Note that a former address was told of the move. What else was paid stands in `registration`
    alone, so the table is changed past it."""
    row, there = Registration(registration.registration_id), Registration.registration_id.exists()
    change(row, there, [Registration.former_emails.delete({former})])


def note(registration: Registration, later: int | None = None) -> bool:
    """Write what was paid and give the claim back, all at once. What is still owed stays due, from
    `later` (ms UTC) on if that is given; who is owed nothing leaves by_due, or stands there at the
    end of its time. False if the registration was changed, or claimed by another, meanwhile."""
    ours = (Registration.revision == registration.revision) & (
        Registration.claimed_until == registration.claimed_until
    )
    due_at = (later or int(registration.due_at)) if owes_anything(registration) else None
    paid = [_as_it_is(registration, attribute) for attribute in _PAYABLE]
    actions = [
        *paid,
        Registration.claimed_until.set(0),
        *_due(registration, due_at, seat_until(registration)),
    ]
    try:
        change(registration, ours, actions)
    except ChangedMeanwhile:
        return False
    return True


_PAYABLE: tuple[Attribute[Any], ...] = (
    Registration.pass_done,
    Registration.withdrawal_owed,
    Registration.mail_owed,
    Registration.mail_tries,
    Registration.mail_refused,
)


def _as_it_is(registration: Registration, attribute: Attribute[Any]) -> Action:
    value = getattr(registration, attribute.attr_name)
    return attribute.remove() if value is None else attribute.set(value)
