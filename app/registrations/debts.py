"""What a registration is owed (its pass image, or its end; a mail), and that it is paid once.

Nothing depends on a message arriving: the record says what is owed, and stands in by_due as
long as it is, or as it holds a seat for a time: at the moment that comes first.
"""

from __future__ import annotations

from collections.abc import Iterator

from pynamodb.expressions.condition import Condition
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


def claim_mail(registration: Registration) -> bool:
    """Reserve the sending of the owed mail for a minute; False if somebody else has it."""
    now = now_ms()
    free = (Registration.claimed_until < now) & _as_read(registration)
    try:
        change(registration, free, [Registration.claimed_until.set(now + rules.CLAIM)])
    except ChangedMeanwhile:
        return False
    return True


def pass_made(registration: Registration) -> bool:
    """Note that the image of this revision stands in the store; False if the registration has
    changed meanwhile."""
    as_read = _as_read(registration)
    registration.pass_done = registration.revision
    return _note(registration, as_read, [Registration.pass_done.set(registration.revision)])


def pass_withdrawn(registration: Registration) -> None:
    """Note that no image of the pass is left."""
    registration.withdrawal_owed = None
    _note(registration, _as_read(registration), [Registration.withdrawal_owed.remove()])


def mail_sent(registration: Registration) -> None:
    """Note that the owed mail was sent."""
    _mail_done(registration, Registration.mail_refused.remove())


def mail_refused(registration: Registration) -> None:
    """Note that the owed mail can never be sent."""
    _mail_done(registration, Registration.mail_refused.set(registration.mail_owed))


def _mail_done(registration: Registration, outcome: Action) -> None:
    as_read = _as_read(registration)
    registration.mail_owed = None
    paid: list[Action] = [
        outcome,
        Registration.mail_owed.remove(),
        Registration.mail_tries.remove(),
        Registration.claimed_until.set(0),
    ]
    _note(registration, as_read, paid)


def told(registration: Registration, former: str) -> None:
    """Note that a former address was told of the move."""
    there = Registration.registration_id.exists()
    change(registration, there, [Registration.former_emails.delete({former})])


def postpone(registration: Registration, until: int) -> None:
    """Leave the owed mail for later (ms UTC): the address has had enough for now."""
    _change_mail(registration, *_due(registration, until, seat_until(registration)))


def mail_left(registration: Registration) -> None:
    """Give the claim back: no mail goes out now, and the schedule will send this one."""
    _change_mail(registration, Registration.claimed_until.set(0))


def mail_failed(registration: Registration, until: int) -> None:
    """Count a try that failed, and leave the next for later (ms UTC)."""
    _change_mail(
        registration,
        Registration.mail_tries.set(tries(registration) + 1),
        Registration.claimed_until.set(0),
        *_due(registration, until, seat_until(registration)),
    )


def tries(registration: Registration) -> int:
    """How often the owed mail was tried in vain."""
    return int(registration.mail_tries or 0)


def _change_mail(registration: Registration, *actions: Action) -> None:
    """Change what is noted of the owed mail, unless it is another by now."""
    try:
        change(registration, _as_read(registration), actions)
    except ChangedMeanwhile:
        return


def settle(registration: Registration) -> None:
    """Take the row out of by_due if nothing is owed, or to where its time is up."""
    if registration.due_at != seat_until(registration) and not owes_anything(registration):
        _note(registration, _as_read(registration), [])


def _note(registration: Registration, as_read: Condition, actions: list[Action]) -> bool:
    """Write what was done, and leave by_due, or go to where the time is up, if nothing is owed
    after it. A revision or a debt that came meanwhile is kept: then by_due is left by whoever pays
    that one."""
    if not owes_anything(registration):
        actions += _due(registration, seat_until(registration))
    try:
        change(registration, as_read, actions)
    except ChangedMeanwhile:
        return False
    return True


def _as_read(registration: Registration) -> Condition:
    owed = registration.mail_owed
    same_mail = Registration.mail_owed == owed if owed else Registration.mail_owed.does_not_exist()
    unchanged: Condition = Registration.revision == registration.revision
    as_read: Condition = unchanged & same_mail
    return as_read
