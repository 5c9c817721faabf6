"""The seats of ticket types: what is free, and how a capacity is spread and changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.aws.tables import Delete, Put, Update, Write
from app.conferences import models, spreading
from app.conferences.models import SeatItem
from app.conferences.rules import Conference, Seats, TicketType


def read(conference: Conference, *, consistent: bool) -> dict[int, Seats]:
    """The seats by ticket type."""
    keys = {
        key: one.type_id
        for one in conference.ticket_types
        for key in _keys(conference.conference_id, one)
    }
    rows = SeatItem.batch_get(list(keys), consistent_read=consistent) if keys else ()
    seats = {one.type_id: Seats(0, 0) for one in conference.ticket_types}
    for row in rows:
        have = seats[keys[row.seat]]
        seats[keys[row.seat]] = Seats(
            have.capacity + int(row.capacity), have.left + max(0, int(row.left))
        )
    return seats


def pools_to_give() -> list[tuple[int, int]]:
    """The ticket types (conference and type) that people have waited for and whose pool has seats;
    what changed in the last moments may be missing. A look at all seats, which are few and small:
    idling stays free."""
    waited_for = (SeatItem.left > 0) & SeatItem.next_place.exists()
    return [models.type_of(row.seat) for row in SeatItem.scan(waited_for)]


def _keys(conference_id: int, ticket_type: TicketType) -> Iterator[str]:
    yield models.pool_key(conference_id, ticket_type.type_id)
    for number in range(ticket_type.counters):
        yield models.counter_key(conference_id, ticket_type.type_id, number)


def with_counters(ticket_type: TicketType, per_second: int) -> TicketType:
    """The ticket type with as many counters as it needs, spread for the first time."""
    counters = spreading.counters_for(ticket_type.capacity, per_second)
    return replace(ticket_type, counters=counters, shards=spreading.shards_for(counters))


def new(conference_id: int, ticket_type: TicketType) -> list[Write]:
    """Make the seats of a new ticket type."""
    pool = SeatItem(models.pool_key(conference_id, ticket_type.type_id), capacity=0, left=0)
    return [
        Put(seat, SeatItem.seat.does_not_exist())
        for seat in (pool, *_counters(conference_id, ticket_type))
    ]


def _counters(conference_id: int, ticket_type: TicketType) -> Iterator[SeatItem]:
    parts = spreading.spread(ticket_type.capacity, ticket_type.counters)
    for number, capacity in enumerate(parts):
        key = models.counter_key(conference_id, ticket_type.type_id, number)
        yield SeatItem(key, capacity=capacity, left=capacity)


def changed(
    conference: Conference, ticket_type: TicketType, capacity: int
) -> tuple[TicketType, list[Write]]:
    """The ticket type with another capacity, and what is to be written for it. Before the first
    sign-up the seats are spread anew; later added ones go to the pool, and fewer are taken from
    what is free. Raises SeatsTaken."""
    keys = list(_keys(conference.conference_id, ticket_type))
    rows = {row.seat: row for row in SeatItem.batch_get(keys, consistent_read=True)}
    if _untouched(rows):
        anew = _spread_anew(ticket_type, capacity, conference.sign_ups_a_second)
        return anew, _spread_writes(conference.conference_id, anew, rows)
    pool = models.pool_key(conference.conference_id, ticket_type.type_id)
    more = capacity - sum(int(row.capacity) for row in rows.values())
    writes = _add(pool, more) if more > 0 else _take_back(rows, pool, -more)
    return replace(ticket_type, capacity=capacity), writes


def _untouched(rows: Mapping[str, SeatItem]) -> bool:
    """Whether nobody has taken a seat or a place in the queue yet."""
    return all(row.left == row.capacity and row.next_place is None for row in rows.values())


def _spread_anew(before: TicketType, capacity: int, per_second: int) -> TicketType:
    anew = with_counters(replace(before, capacity=capacity), per_second)
    return replace(anew, spread=before.spread + 1, shards=max(anew.shards, before.shards))


def _spread_writes(
    conference_id: int, anew: TicketType, rows: Mapping[str, SeatItem]
) -> list[Write]:
    pool = SeatItem(
        models.pool_key(conference_id, anew.type_id), capacity=0, left=0, spread=anew.spread
    )
    after = {seat.seat: seat for seat in (pool, *_counters(conference_id, anew))}
    return [_replaced(rows.get(key), after.get(key)) for key in {**rows, **after}]


def _replaced(before: SeatItem | None, after: SeatItem | None) -> Write:
    """Put one row in another's place, if nobody has touched that meanwhile."""
    if before is None:
        assert after is not None, "there is a row before or after"
        return Put(after, SeatItem.seat.does_not_exist())
    untouched = (
        (SeatItem.capacity == before.capacity)
        & (SeatItem.left == before.left)
        & SeatItem.next_place.does_not_exist()
    )
    return Put(after, untouched) if after else Delete(before, untouched)


def _add(pool: str, number: int) -> list[Write]:
    more = [SeatItem.capacity.add(number), SeatItem.left.add(number)]
    return [Update(SeatItem(pool), SeatItem.seat.exists(), actions=more)]


def _take_back(rows: Mapping[str, SeatItem], pool: str, number: int) -> list[Write]:
    left = {key: int(row.left) for key, row in rows.items()}
    taken = sum(int(row.capacity) - int(row.left) for row in rows.values())
    gives = spreading.taken_back(left, pool, number, taken)
    return [_take(key, some) for key, some in gives.items()]


def _take(seat: str, number: int) -> Update:
    fewer = [SeatItem.capacity.add(-number), SeatItem.left.add(-number)]
    return Update(SeatItem(seat), SeatItem.left >= number, actions=fewer)
