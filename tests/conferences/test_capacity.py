"""Changing how many seats there are, before the first sign-up and after it."""

from __future__ import annotations

import pytest

from app.aws.tables import Put
from app.conferences import seats
from app.conferences import service as conferences
from app.conferences.rules import Conference, Seats
from app.core.errors import Invalid, NotFound, SeatsTaken
from app.registrations import service
from app.registrations.rules import State
from tests import cast
from tests.cast import KIM, LEE

RUSH = 1_000  # sign-ups a second: up to 4 counters


@pytest.fixture
def rushed(cloud: object) -> Conference:
    """A conference that expects a rush: 4 counters of 25 seats."""
    return cast.make_conference(
        sign_ups_a_second=RUSH, ticket_types=(cast.ticket_type("일반", "Full pass", 100),)
    )


def stock(conference: Conference) -> dict[str, tuple[int, int]]:
    return cast.seats(conference, 1)


def change(conference: Conference, capacity: int) -> None:
    conferences.change_capacity(conference.conference_id, 1, capacity)


def fresh(conference: Conference) -> Conference:
    return conferences.by_id(conference.conference_id)


def test_the_seats_of_a_rush_stand_on_several_counters(rushed: Conference) -> None:
    assert stock(rushed) == {**{str(n): (25, 25) for n in range(4)}, "pool": (0, 0)}
    assert (rushed.ticket_types[0].counters, rushed.change_shards) == (4, 2)


@pytest.mark.parametrize("capacity", [0, 1, 1_000_000])
def test_any_capacity_can_be_had(cloud: object, capacity: int) -> None:
    made = cast.make_conference(
        sign_ups_a_second=50_000, ticket_types=(cast.ticket_type("일반", "Full pass", capacity),)
    )
    assert sum(total for total, _ in stock(made).values()) == capacity
    assert len(stock(made)) == (65 if capacity > 1 else 2)
    assert conferences.read_seats(made)[1].left == capacity
    first, second = cast.sign_up(made, KIM), cast.sign_up(made, LEE)
    confirmed = [first.state, second.state].count(State.CONFIRMED)
    assert confirmed == min(capacity, 2)


def test_before_the_first_sign_up_seats_are_spread_anew(rushed: Conference) -> None:
    change(rushed, 53)
    assert stock(rushed) == {"0": (27, 27), "1": (26, 26), "pool": (0, 0)}
    assert fresh(rushed).ticket_types[0].capacity == 53
    assert fresh(rushed).change_shards == 2  # what stands in the index stays findable


def test_another_rush_spreads_anew_what_nobody_has_taken(rushed: Conference) -> None:
    other = conferences.add_ticket_type(
        rushed.conference_id, cast.ticket_type("워크숍", "Workshop", 50)
    )
    cast.sign_up(fresh(rushed), KIM, other.type_id)
    changed = conferences.change(rushed.conference_id, sign_ups_a_second=500)
    assert [one.counters for one in changed.ticket_types] == [2, 2]
    assert len(stock(changed)) == 3
    changed = conferences.change(rushed.conference_id, sign_ups_a_second=1)
    assert [one.counters for one in changed.ticket_types] == [1, 2]


def test_after_it_added_seats_go_to_the_pool(rushed: Conference) -> None:
    cast.sign_up(rushed, KIM)
    change(rushed, 110)
    assert stock(rushed)["pool"] == (10, 10)
    assert conferences.read_seats(rushed)[1] == Seats(110, 109)


def test_fewer_seats_are_taken_from_what_is_free(rushed: Conference) -> None:
    cast.sign_up(rushed, KIM)
    service.cancel(cast.sign_up(rushed, LEE))
    change(rushed, 98)
    assert stock(rushed)["pool"] == (-1, 0)
    assert conferences.read_seats(rushed)[1] == Seats(98, 97)
    change(rushed, 1)
    assert conferences.read_seats(rushed)[1] == Seats(1, 0)
    with pytest.raises(SeatsTaken) as refused:
        change(rushed, 0)
    assert refused.value.taken == 1
    assert fresh(rushed).ticket_types[0].capacity == 1


@pytest.mark.parametrize("capacity", [-1, 1_000_001])
def test_what_is_no_capacity_is_said(rushed: Conference, capacity: int) -> None:
    with pytest.raises(Invalid):
        change(rushed, capacity)
    with pytest.raises(NotFound):
        conferences.change_capacity(rushed.conference_id, 9, 5)


def test_a_type_may_be_renamed_and_keeps_its_counters(rushed: Conference) -> None:
    change(rushed, 60)
    conferences.change_ticket_type(rushed.conference_id, 1, order=3)
    kept = fresh(rushed).ticket_types[0]
    assert (kept.counters, kept.spread, kept.capacity, kept.order) == (2, 1, 60, 3)


def lower_while_signing_up(rushed: Conference) -> None:
    """One takes the seats, one wants them back: both have read the counters as untouched."""
    change(rushed, 1)  # one counter
    read = seats.changed

    def read_and_wait(*args: object) -> object:
        changed = read(*args)  # type: ignore[arg-type]
        if conferences.read_seats(rushed)[1].left:
            cast.sign_up(fresh(rushed), KIM)
        return changed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seats, "changed", read_and_wait)
        change(rushed, 0)


def test_a_seat_that_is_taken_meanwhile_is_not_spread_away(rushed: Conference) -> None:
    with pytest.raises(SeatsTaken):
        lower_while_signing_up(rushed)
    assert stock(rushed) == {"0": (1, 0), "pool": (0, 0)}


def test_without_the_condition_it_would_be(
    rushed: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race is there: a person sits where there is no seat."""
    monkeypatch.setattr(seats, "_replaced", lambda before, after: Put(after or before))
    lower_while_signing_up(rushed)
    assert stock(rushed)["0"] == (0, 0)


def test_many_counters_are_read_a_hundred_at_a_time(cloud: object) -> None:
    made = cast.make_conference(
        sign_ups_a_second=50_000,
        ticket_types=tuple(cast.ticket_type("일반", f"Pass {n}", 1600 + n) for n in range(3)),
    )
    assert [one.capacity for one in conferences.read_seats(made).values()] == [1600, 1601, 1602]
