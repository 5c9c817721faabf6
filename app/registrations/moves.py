"""The one way to change a registration: a move.

It is conditional on what was read, counted, announced, and what follows from it is written in the
same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pynamodb.expressions.update import Action

from app.aws import topic
from app.aws.tables import Delete, Update, Write
from app.conferences.models import SeatItem, moved, pool_key
from app.core import messages
from app.core.clock import now_ms
from app.registrations import debts, locks, models, rules
from app.registrations.models import Registration, WaitingPlace
from app.registrations.rules import HOLD_A_SEAT, LIVE, TELLS_OF_A_PLACE, Mail, Move, State

# What is told of a registration that has come into a state.
FACTS = {
    State.CONFIRMED: messages.REGISTRATION_CONFIRMED,
    State.WAITING: messages.REGISTRATION_WAITING,
    State.PENDING: messages.REGISTRATION_PENDING,
    State.OFFERED: messages.REGISTRATION_OFFERED,
    State.HELD: messages.REGISTRATION_HELD,
    State.CANCELLED: messages.REGISTRATION_CANCELLED,
}
# A mail that tells of a place, still unsent, is not replaced by one that tells of a change.
_TELLS_OF_A_CHANGE = frozenset({Mail.CHANGED, Mail.RESCHEDULED})


def writes(
    registration: Registration,
    move: Move,
    mail: Mail | None,
    changes: Sequence[Action] = (),
    seat_until: int | None = None,
) -> list[Write]:
    """What a move writes: the registration, refused (ChangedMeanwhile) if it was changed since it
    was read, and what it leaves behind. Raises NotMovable. Who gains a seat adds where it is
    taken from, and the end of its time if it has one."""
    before = State(registration.state)
    after = rules.after(before, move)
    if after is before:
        seat_until = debts.seat_until(registration)
    actions = [
        *changes,
        *_time(seat_until),
        *_ending(before, after, move),
        *debts.owe(
            registration,
            _mail_to_owe(registration, mail),
            seat_until,
            withdrawal=before is State.CONFIRMED and after is not before,
        ),
    ]
    return [_update(registration, after, actions), *_left_behind(registration, before, after)]


def _update(registration: Registration, after: State, actions: Sequence[Action]) -> Update:
    now = now_ms()
    _, _, shard = registration.change_shard.rpartition("#")  # that of its sign-up, for good
    return Update(
        registration,
        models.unchanged(registration),
        actions=[
            *actions,
            Registration.state.set(after),
            Registration.revision.set(registration.revision + 1),
            Registration.change_shard.set(
                models.change_shard(int(registration.conference_id), now, int(shard))
            ),
            Registration.change_at.set(models.change_key(int(registration.registration_id), now)),
        ],
    )


def _time(seat_until: int | None) -> list[Action]:
    if seat_until is None:
        return [Registration.seat_until.remove()]
    return [Registration.seat_until.set(seat_until)]


def _ending(before: State, after: State, move: Move) -> list[Action]:
    return [] if after in LIVE else [Registration.ended.set(rules.ending(before, move))]


def _mail_to_owe(registration: Registration, mail: Mail | None) -> Mail | None:
    owed = registration.mail_owed
    if mail in _TELLS_OF_A_CHANGE and owed in TELLS_OF_A_PLACE:
        return Mail(owed)
    return mail


def _left_behind(registration: Registration, before: State, after: State) -> Iterator[Write]:
    """A seat goes to the pool, a place in the queue and an address become free."""
    if before in HOLD_A_SEAT and after not in HOLD_A_SEAT:
        yield seat_back(registration)
    if before is State.WAITING and after is not State.WAITING:
        yield leave_queue(registration)
    if after not in LIVE:
        yield locks.unlock(registration)


def seat_back(registration: Registration) -> Update:
    """Give the seat to the pool of its ticket type; who waits gets it."""
    pool = SeatItem(pool_key(int(registration.conference_id), int(registration.type_id)))
    return Update(pool, SeatItem.seat.exists(), actions=moved(1))


def leave_queue(registration: Registration) -> Delete:
    """Give up the place of a waiting registration."""
    return Delete(models.waiting_place(registration), WaitingPlace.place.exists())


def tell(registration: Registration, fact: str) -> None:
    """Publish a fact about a registration."""
    topic.publish(fact, registration_id=int(registration.registration_id))
