"""How the seats of a ticket type are spread over counters, and taken back from them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.errors import SeatsTaken

MOST_COUNTERS = 64
SEATS_A_COUNTER = 25
SIGN_UPS_A_COUNTER = 250  # a second: half of what one item takes in transactions
MOST_SHARDS = 16
COUNTERS_A_SHARD = 2


def counters_for(capacity: int, per_second: int) -> int:
    """How many counters a ticket type has; `per_second` sign-ups are expected at most."""
    enough = min(MOST_COUNTERS, capacity // SEATS_A_COUNTER, per_second // SIGN_UPS_A_COUNTER)
    return max(1, enough)


def shards_for(counters: int) -> int:
    """Over how many partitions the changes of a day are spread, so that the index by_change keeps
    up with the counters."""
    return min(MOST_SHARDS, -(-counters // COUNTERS_A_SHARD))


def spread(capacity: int, counters: int) -> list[int]:
    """The seats of each counter, as even as can be."""
    each, rest = divmod(capacity, counters)
    return [each + (number < rest) for number in range(counters)]


def taken_back(left: Mapping[str, int], pool: str, number: int, taken: int) -> dict[str, int]:
    """What each counter and the pool give up, so that there are `number` seats fewer: the pool
    first, then the fullest counters. `left` are the free seats of each. Raises SeatsTaken, which
    says that `taken` are taken, if so many are not free."""
    gives, rest = _given_up(left, pool, number)
    if rest or number > sum(left.values()):  # a pool below 0 owes seats that are free elsewhere
        raise SeatsTaken(taken)
    return gives


def corrected(left: Mapping[str, int], pool: str, more: int) -> dict[str, int]:
    """What each counter and the pool gain (below 0: lose) so that `more` seats are free: nothing
    comes back to a counter, and what is free nowhere the pool owes."""
    if more >= 0:
        return {pool: more}
    gives, rest = _given_up(left, pool, -more)
    loses = {seat: -some for seat, some in gives.items()}
    return {**loses, pool: loses.get(pool, 0) - rest}


def _given_up(left: Mapping[str, int], pool: str, number: int) -> tuple[dict[str, int], int]:
    """Where `number` free seats are found, the pool first, then the fullest counters; and how many
    are found nowhere."""
    gives: dict[str, int] = {}
    rest = number
    for seat in sorted(left, key=lambda one: (one != pool, -left[one])):
        if some := min(rest, max(0, left[seat])):
            gives[seat] = some
            rest -= some
    return gives, rest
