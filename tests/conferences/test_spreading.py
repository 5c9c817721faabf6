"""How many counters there are, what stands on each, and what each gives back."""

from __future__ import annotations

import pytest

from app.conferences import spreading
from app.core.errors import SeatsTaken


@pytest.mark.parametrize(
    ("capacity", "per_second", "counters"),
    [
        (0, 10_000, 1),
        (1, 10_000, 1),
        (49, 10_000, 1),
        (50, 10_000, 2),
        (500, 250, 1),
        (500, 499, 1),
        (500, 500, 2),
        (3_000, 3_000, 12),
        (1_000_000, 10_000, 40),
        (1_000_000, 50_000, 64),
    ],
)
def test_as_many_counters_as_seats_and_sign_ups_need(
    capacity: int, per_second: int, counters: int
) -> None:
    assert spreading.counters_for(capacity, per_second) == counters


@pytest.mark.parametrize("capacity", [0, 1, 63, 64, 1_000_000])
def test_a_spread_loses_no_seat(capacity: int) -> None:
    parts = spreading.spread(capacity, 64)
    assert sum(parts) == capacity
    assert max(parts) - min(parts) <= 1


def test_the_index_has_from_1_to_16_parts() -> None:
    assert [spreading.shards_for(n) for n in (1, 2, 3, 8, 31, 64)] == [1, 1, 2, 4, 16, 16]


def test_the_pool_gives_first_and_then_the_fullest_counters() -> None:
    left = {"0": 3, "1": 9, "pool": 2}
    assert spreading.taken_back(left, "pool", 1, 0) == {"pool": 1}
    assert spreading.taken_back(left, "pool", 10, 0) == {"pool": 2, "1": 8}
    assert spreading.taken_back(left, "pool", 14, 0) == {"pool": 2, "1": 9, "0": 3}
    assert spreading.taken_back(left, "pool", 0, 0) == {}


@pytest.mark.parametrize(("taken", "said"), [(1, "1 seat is taken"), (7, "7 seats are taken")])
def test_what_is_taken_stays(taken: int, said: str) -> None:
    with pytest.raises(SeatsTaken, match=said):
        spreading.taken_back({"0": 3, "pool": 2}, "pool", 6, taken)


def test_what_the_pool_owes_is_not_free_elsewhere() -> None:
    with pytest.raises(SeatsTaken):
        spreading.taken_back({"0": 3, "pool": -2}, "pool", 2, 7)
