"""Whether what several records say of the same thing agrees: seats, queues, addresses. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from app.registrations.rules import HOLD_A_SEAT, LIVE, State

Key = tuple[str, str]


class Stand(NamedTuple):
    """Where a registration stands in line."""

    type_id: int
    place: int
    number: int


class Lock(NamedTuple):
    """An address that is kept for a registration."""

    key: Key
    number: int


@dataclass(frozen=True)
class Entry:
    """What a registration says of itself; `key` is that of its address, None if it shall not be
    looked at."""

    number: int
    type_id: int
    state: State
    place: int = 0
    key: Key | None = None


@dataclass(frozen=True)
class Amiss:
    """What does not agree. Rows of nobody, and registrations without the rows they should have."""

    stands: frozenset[Stand]
    not_in_line: frozenset[int]
    locks: frozenset[Lock]
    unlocked: frozenset[int]


def held(entries: Iterable[Entry]) -> Counter[int]:
    """How many hold a seat of each ticket type."""
    return Counter(one.type_id for one in entries if one.state in HOLD_A_SEAT)


def compare(entries: Iterable[Entry], stands: Iterable[Stand], locks: Iterable[Lock]) -> Amiss:
    """Whoever waits stands in line, whoever is live has their address, and nobody else does."""
    entries = list(entries)
    in_line, kept = frozenset(stands), frozenset(locks)
    waiting = frozenset(_stand(one) for one in entries if one.state is State.WAITING)
    live = (one for one in entries if one.state in LIVE)
    owners = frozenset(Lock(one.key, one.number) for one in live if one.key)
    return Amiss(
        stands=in_line - waiting,
        not_in_line=frozenset(one.number for one in waiting - in_line),
        locks=kept - owners,
        unlocked=frozenset(one.number for one in owners - kept),
    )


def _stand(entry: Entry) -> Stand:
    return Stand(entry.type_id, entry.place, entry.number)
