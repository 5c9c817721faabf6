"""The waiting list of a ticket type: first come, first served.

Who finds no seat joins the queue first and looks at the pool afterwards; who frees a seat writes
the pool first and looks at the queue afterwards. So no seat and no person is missed, and
newcomers never overtake.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from pynamodb.exceptions import PynamoDBException

from app.aws.tables import Put, Update, Write, change, commit
from app.conferences import service as conferences
from app.conferences.models import SeatItem, moved, pool_key
from app.conferences.rules import TicketType, offer_until, promotes
from app.core.cache import TimedCache
from app.core.clock import now_ms
from app.core.errors import ChangedMeanwhile, Full, Refusal
from app.registrations import counters, models, moves, records, rules
from app.registrations.models import Registration, WaitingPlace
from app.registrations.rules import Mail, Move, State

log = logging.getLogger(__name__)

QUEUE_CACHED_SECONDS = 10.0
_queues: TimedCache[Queue] = TimedCache(lambda: QUEUE_CACHED_SECONDS)


def next_place(conference_id: int, ticket_type: TicketType, until: float) -> int:
    """The next free place in the queue; places count up and are never given twice. Raises
    ChangedMeanwhile if the seats were spread anew and `ticket_type` does not know it, Busy. From
    the first place on they stay where they are."""
    pool = SeatItem(pool_key(conference_id, ticket_type.type_id))
    as_known = (
        SeatItem.spread == ticket_type.spread
        if ticket_type.spread
        else SeatItem.spread.does_not_exist()
    )
    one_more = [SeatItem.next_place.add(1)]
    change(pool, SeatItem.seat.exists() & as_known, one_more, until=until)
    return int(pool.next_place or 0)


def stand_in_line(registration: Registration) -> Put:
    """Keep the place of a registration in its queue."""
    return Put(models.waiting_place(registration))


def take_seat_out_of_turn(
    conference_id: int, ticket_type: TicketType, *writes: Write, until: float
) -> None:
    """Take a seat for somebody who does not stand in the queue, together with `writes`: from a
    counter, else from the pool as long as nobody waits for it. Raises Full, and what `commit`
    raises. Whoever was told to wait before this was asked for stands in the queue by now, and is
    seen."""
    try:
        counters.take_seat(conference_id, ticket_type, *writes, until=until)
    except Full:
        if _head(conference_id, ticket_type.type_id):
            raise
        pool = pool_key(conference_id, ticket_type.type_id)
        commit(*writes, _one_less(pool, Full), until=until)


def _one_less(pool: str, refusal: type[Refusal] = ChangedMeanwhile) -> Update:
    return Update(SeatItem(pool), SeatItem.left > 0, refusal, actions=moved(-1))


def promote(conference_id: int, type_id: int, newcomer: int | None = None) -> int:
    """Give free seats of the pool to the heads of the queue while the conference still promotes;
    returns how many. Two promoters at once are harmless: the head's delete is conditional.
    `newcomer` is told by its own page."""
    promoted = 0
    if not promotes(conferences.by_id(conference_id), now_ms()):
        return 0
    while _pool_left(conference_id, type_id) > 0:
        head = _head(conference_id, type_id)
        if head is None:
            break
        promoted += _promote(head, conference_id, type_id, newcomer)
    if promoted:
        _queues.clear()
    return promoted


def promote_at_once(conference_id: int, type_id: int, newcomer: int | None = None) -> int:
    """Like `promote`, after a write that stands in any case: what goes wrong now is logged, and
    the schedule makes up for it."""
    try:
        return promote(conference_id, type_id, newcomer)
    except (Refusal, PynamoDBException) as error:
        log.warning("nobody promoted for now: %s", type(error).__name__)
        return 0


def _promote(head: WaitingPlace, conference_id: int, type_id: int, newcomer: int | None) -> bool:
    registration = records.find(int(head.registration_id))
    if registration is None or not _stands_at(registration, head):
        head.delete()  # of somebody who has just left or moved up; nobody comes back to a place
        return False
    move, mail, until = _what_becomes(registration, newcomer)
    no_place = [Registration.place.remove()]
    try:
        commit(
            _one_less(pool_key(conference_id, type_id)),
            *moves.writes(registration, move, mail, no_place, until),
        )
    except ChangedMeanwhile:
        return False  # another promoter was faster, or the person has just left: look again
    if registration.registration_id != newcomer:
        moves.tell(registration, moves.FACTS[rules.after(State.WAITING, move)])
    return True


def _what_becomes(
    registration: Registration, newcomer: int | None
) -> tuple[Move, Mail, int | None]:
    """How the first in line gets the seat: the move, its mail, until when it is to be answered."""
    conference, now = conferences.by_id(int(registration.conference_id)), now_ms()
    if registration.registration_id == newcomer:
        if conference.confirms_addresses:
            return Move.HOLD, Mail.HELD, now + rules.HOLD
        return Move.PROMOTE, Mail.CONFIRMED, None
    if conference.offers:
        return Move.OFFER, Mail.OFFERED, offer_until(conference, now)
    return Move.PROMOTE, Mail.PROMOTED, None


def _stands_at(registration: Registration, head: WaitingPlace) -> bool:
    return registration.state == State.WAITING and registration.place == head.place


def _pool_left(conference_id: int, type_id: int) -> int:
    return int(SeatItem.get(pool_key(conference_id, type_id), consistent_read=True).left)


def _head(conference_id: int, type_id: int) -> WaitingPlace | None:
    heads = (
        head
        for queue in models.queue_shards(conference_id, type_id)
        for head in WaitingPlace.query(queue, consistent_read=True, limit=1)
    )
    return min(heads, key=lambda head: int(head.place), default=None)


class Queue(NamedTuple):
    """The places taken in a queue, in order, and the last that was given before they were read."""

    places: tuple[int, ...]
    last: int


def queue_of(conference_id: int, type_id: int) -> Queue:
    """A queue, at most 10 seconds old."""
    return _queues.get((conference_id, type_id), lambda: _read_queue(conference_id, type_id))


def _read_queue(conference_id: int, type_id: int) -> Queue:
    last = int(SeatItem.get(pool_key(conference_id, type_id)).next_place or 0)
    return Queue(tuple(sorted(int(row.place) for row in rows(conference_id, type_id))), last)


def rows(conference_id: int, type_id: int) -> Iterator[WaitingPlace]:
    """All that stand in a queue, in no order; what changed in the last moments may be missing."""
    for queue in models.queue_shards(conference_id, type_id):
        yield from WaitingPlace.query(queue)


def position(registration: Registration) -> int:
    """One's place in the queue: 1 is next. At most 10 seconds old. Never too low, or it would rise
    later: everybody who came between that and oneself counts as still waiting."""
    number = int(registration.conference_id), int(registration.type_id)
    place = int(registration.place or 0)
    queue = queue_of(*number)
    if place <= queue.last and place not in queue.places:  # joined while it was read
        _queues.forget(number)
        queue = queue_of(*number)
    before = bisect_left(queue.places, min(place, queue.last + 1))
    return 1 + before + max(0, place - 1 - queue.last)


def forget() -> None:
    """Read the queues anew from now on, in this process."""
    _queues.clear()
