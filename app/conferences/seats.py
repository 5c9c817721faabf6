"""The seats of ticket types: what is free, and how a capacity is spread and changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pynamodb.expressions.condition import Condition

from app.aws.tables import Check, Delete, Put, Update, Write, change
from app.conferences import models, spreading
from app.conferences.models import SeatItem
from app.conferences.rules import Conference, Seats, TicketType
from app.core.clock import now_ms


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


@dataclass(frozen=True)
class Ledger:
    """The counters and the pool of a ticket type, as they were read."""

    conference_id: int
    ticket_type: TicketType
    rows: Mapping[str, SeatItem]

    @property
    def capacity(self) -> int:
        """How many seats there are in them; as many as are said, if all is well."""
        return sum(int(row.capacity) for row in self.rows.values())

    @property
    def left(self) -> int:
        """How many are free."""
        return sum(int(row.left) for row in self.rows.values())

    @property
    def taken(self) -> int:
        """How many are taken; as many as are held, if all is well."""
        return self.capacity - self.left

    @property
    def pool(self) -> str:
        """The key of the pool."""
        return models.pool_key(self.conference_id, self.ticket_type.type_id)

    def counted_at(self, held: int) -> int | None:
        """When a recount came to so many (ms UTC), if no seat has moved since."""
        pool = self.rows.get(self.pool)
        if pool is None or pool.counted != held:
            return None
        moved_at = max(int(row.moved_at or 0) for row in self.rows.values())
        return int(pool.counted_at) if moved_at < pool.counted_at else None


def ledgers(conference: Conference) -> list[Ledger]:
    """The seats of each ticket type as they are now."""
    number = conference.conference_id
    keys = [key for one in conference.ticket_types for key in _keys(number, one)]
    rows = {row.seat: row for row in SeatItem.batch_get(keys, consistent_read=True)}
    return [
        Ledger(number, one, {key: rows[key] for key in _keys(number, one) if key in rows})
        for one in conference.ticket_types
    ]


def balanced(ledger: Ledger, held: int) -> list[Write]:
    """What makes the seats those that are said, `held` of them taken; refused if any has moved
    since it was read."""
    left = {key: int(row.left) for key, row in ledger.rows.items()}
    said = ledger.ticket_type.capacity
    gains = spreading.corrected(left, ledger.pool, said - held - ledger.left)
    return [
        _balance(
            SeatItem(key),
            _as_read(ledger.rows.get(key)),
            said - ledger.capacity if key == ledger.pool else 0,
            gains.get(key, 0),
        )
        for key in _keys(ledger.conference_id, ledger.ticket_type)
    ]


def note(ledger: Ledger, held: int) -> None:
    """Note what a recount came to, for the next one. Raises ChangedMeanwhile, Busy."""
    if pool := ledger.rows.get(ledger.pool):
        counted = [SeatItem.counted.set(held), SeatItem.counted_at.set(now_ms())]
        change(SeatItem(ledger.pool), _as_read(pool), counted)


def _balance(seat: SeatItem, as_read: Condition, capacity: int, left: int) -> Write:
    if not capacity and not left:
        return Check(seat, as_read)
    more = [SeatItem.capacity.add(capacity), SeatItem.left.add(left)]
    return Update(seat, as_read, actions=more)


def _as_read(row: SeatItem | None) -> Condition:
    if row is None:
        return SeatItem.seat.does_not_exist()
    at = row.moved_at
    moved = SeatItem.moved_at == at if at else SeatItem.moved_at.does_not_exist()
    unchanged: Condition = (SeatItem.capacity == row.capacity) & (SeatItem.left == row.left) & moved
    return unchanged


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
