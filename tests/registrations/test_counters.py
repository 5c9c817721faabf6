"""Many counters: every seat is given, nobody waits beside a free one."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from app.aws import tables
from app.conferences import service as conferences
from app.conferences.models import SeatItem
from app.conferences.rules import Conference
from app.core import cache
from app.registrations import counters, service, waiting
from app.registrations.models import Registration
from app.registrations.rules import State
from tests import cast
from tests.cast import KIM, LEE


def make(capacity: int, per_second: int = 1_000) -> Conference:
    """As many seats, on up to 4 counters."""
    return cast.make_conference(
        sign_ups_a_second=per_second,
        ticket_types=(cast.ticket_type("일반", "Full pass", capacity),),
    )


def rush(conference: Conference, people: int) -> list[Registration]:
    """Everybody at once, eight at a time."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda n: cast.sign_up(conference, cast.person(n)), range(people)))


def change(conference: Conference, capacity: int) -> None:
    conferences.change_capacity(conference.conference_id, 1, capacity)


def test_a_rush_takes_the_last_seat_of_every_counter(cloud: object) -> None:
    conference = make(100)
    states = [one.state for one in rush(conference, 130)]
    assert (states.count(State.CONFIRMED), states.count(State.WAITING)) == (100, 30)
    assert cast.seats(conference, 1) == {**{str(n): (25, 0) for n in range(4)}, "pool": (0, 0)}


def test_an_empty_counter_is_asked_once_by_a_process(
    cloud: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    conference = make(50, per_second=500)
    rush(conference, 50)
    asked: list[str] = []
    real = counters._one_less

    def noting(counter: str) -> tables.Update:
        asked.append(counter)
        return real(counter)

    monkeypatch.setattr(counters, "_one_less", noting)
    assert cast.sign_up(conference, KIM).state == State.WAITING
    asked.clear()
    assert cast.sign_up(conference, LEE).state == State.WAITING
    assert asked == []


def test_processes_out_of_one_picture_begin_with_different_counters() -> None:
    many = replace(cast.ticket_type("일반", "Full pass", 0), counters=64)
    picture = random.getstate()

    def begin_with() -> list[str]:
        random.setstate(picture)
        return [next(counters._in_random_order(1, many)) for _ in range(20)]

    assert begin_with() != begin_with()


def sign_up_with_stale_knowledge(conference: Conference, capacity: int) -> Registration:
    """Somebody takes the last seat this process knows; then the seats are spread anew."""
    attempt = cast.attempt(conference, KIM)  # read before, kept for 2 seconds
    change(conference, capacity)
    return service.register(attempt).registration


def test_seats_that_were_spread_anew_meanwhile_are_found(cloud: object) -> None:
    assert sign_up_with_stale_knowledge(make(0), 100).state == State.CONFIRMED


def test_counters_that_are_gone_are_empty(cloud: object) -> None:
    conference = make(100)
    attempts = [cast.attempt(conference, cast.person(n)) for n in range(40)]
    change(conference, 30)
    states = [service.register(one).registration.state for one in attempts]
    assert states == [State.CONFIRMED] * 30 + [State.WAITING] * 10
    assert cast.seats(conference, 1) == {"0": (30, 0), "pool": (0, 0)}


def test_seats_spread_between_being_refused_and_waiting_are_found(
    cloud: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    conference = make(0)
    spread_after_refusal(conference, monkeypatch)
    assert cast.sign_up(conference, KIM).state == State.CONFIRMED
    assert cast.sign_up(conference, LEE).state == State.CONFIRMED


def test_without_the_condition_one_would_wait_beside_free_seats(
    cloud: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race is there: the place in the queue is taken though seats were just spread."""
    conference = make(0)
    spread_after_refusal(conference, monkeypatch)

    def unguarded(record: Any, condition: object, *args: Any, **kwargs: Any) -> None:
        tables.change(record, SeatItem.seat.exists(), *args, **kwargs)

    monkeypatch.setattr(waiting, "change", unguarded)
    assert cast.sign_up(conference, KIM).state == State.WAITING
    assert conferences.read_seats(conference)[1].left == 20


def spread_after_refusal(conference: Conference, monkeypatch: pytest.MonkeyPatch) -> None:
    """The organiser gives 20 seats just after the empty counter has refused, once."""
    real, capacities = waiting.next_place, [20]

    def next_place(*args: Any) -> int:
        if capacities:
            change(conference, capacities.pop())
        return real(*args)

    monkeypatch.setattr(waiting, "next_place", next_place)


def test_added_seats_go_to_those_who_wait(app: object, cloud: object) -> None:
    conference = make(1)
    cast.sign_up(conference, KIM)
    waits = cast.sign_up(conference, LEE)
    change(conference, 3)
    waiting.promote(conference.conference_id, 1)
    waits.refresh(consistent_read=True)
    assert waits.state == State.CONFIRMED
    assert cast.seats(conference, 1) == {"0": (1, 0), "pool": (2, 1)}


def test_everybody_is_listed_whatever_part_of_the_index_they_stand_in(cloud: object) -> None:
    conference = make(200, per_second=2_000)
    assert conference.change_shards == 4
    signed_up = {int(cast.sign_up(conference, cast.person(n)).registration_id) for n in range(12)}
    shards = {row.change_shard for row in Registration.scan()}
    cache.clear_all()
    assert {int(row.registration_id) for row in service.listed(conference)} == signed_up
    assert len(shards) > 1
