"""What must hold between the records of one moment, as DynamoDB exports them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.registrations import models
from app.registrations.rules import HOLD_A_SEAT, LIVE, State
from deploy.archive import Row

Tables = Mapping[str, Sequence[Row]]


def contradictions(tables: Tables) -> list[str]:
    """What does not fit together, in sentences. A moment in the middle of a transaction would
    show here: DynamoDB keeps the past of each table by itself."""
    return [*_seats(tables), *_locks(tables), *_queues(tables)]


def _seats(tables: Tables) -> Iterator[str]:
    """Registrations that hold a seat = capacity - left, summed over counters and pool."""
    taken: Counter[str] = Counter()
    for row in tables.get("seats", ()):
        ticket_type = _text(row, "seat").partition("#")[0]
        taken[ticket_type] += _number(row, "capacity") - _number(row, "left")
    held = Counter(
        f"{_number(row, 'conference_id')}.{_number(row, 'type_id')}"
        for row in tables.get("registrations", ())
        if _text(row, "state") in HOLD_A_SEAT
    )
    for ticket_type in sorted(taken | held):
        if taken[ticket_type] != held[ticket_type]:
            yield (
                f"ticket type {ticket_type}: {held[ticket_type]} registrations hold a seat, "
                f"{taken[ticket_type]} seats are taken"
            )


def _locks(tables: Tables) -> Iterator[str]:
    """A live registration has the lock of its address, and no other has one."""
    locked = Counter(_number(row, "registration_id") for row in tables.get("addresses", ()))
    live = Counter(_number(row, "registration_id") for row in _live(tables, LIVE))
    yield from _differing("the lock of its address", live, locked)


def _queues(tables: Tables) -> Iterator[str]:
    """A waiting registration has its place in the queue, and no other has one."""
    placed = Counter(_number(row, "registration_id") for row in tables.get("waiting", ()))
    waits = Counter(_number(row, "registration_id") for row in _live(tables, {State.WAITING}))
    yield from _differing("a place in the queue", waits, placed)


def _live(tables: Tables, states: Iterable[str]) -> Iterator[Row]:
    for row in tables.get("registrations", ()):
        if _text(row, "state") in states and "erased_at" not in row:
            yield row


def _differing(what: str, due: Counter[int], given: Counter[int]) -> Iterator[str]:
    for number in sorted((due - given) | (given - due)):
        yield f"registration {number}: {given[number]} times {what}, not {due[number]}"


def owing_lost_images(rows: Iterable[Row], images: set[str], now: int) -> Iterator[Row]:
    """Registrations as they are to be, those that say that an image was made which is not there
    any more: they are owed it again, and the schedule draws it. `now` in ms UTC."""
    for row in rows:
        yield _owing_image(row, now) if _lost_image(row, images) else row


def _lost_image(row: Row, images: set[str]) -> bool:
    number, revision = _number(row, "registration_id"), _number(row, "revision")
    confirmed = _text(row, "state") == State.CONFIRMED and "erased_at" not in row
    made = _number(row, "pass_done") == revision
    return confirmed and made and f"passes/{number}/{revision}.png" not in images


def _owing_image(row: Row, now: int) -> Row:
    shard = models.due_key(_number(row, "registration_id"))
    owed = {"pass_done": {"N": "0"}, "due_shard": {"S": shard}, "due_at": {"N": str(now)}}
    return {**row, **owed}


def _text(row: Row, name: str) -> str:
    return str(row[name]["S"])


def _number(row: Row, name: str) -> int:
    return int(row[name]["N"])
