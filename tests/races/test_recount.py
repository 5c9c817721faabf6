"""A recount while people sign up: what it has read is not true any more when it mends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest

from app.conferences.models import SeatItem
from app.conferences.rules import Conference
from app.registrations import records, recount
from app.registrations.models import Registration
from tests import cast, holds
from tests.races.guards import at_once, off

PEOPLE = 12


@pytest.fixture
def somebody_signs_up_meanwhile(conference: Conference, monkeypatch: pytest.MonkeyPatch) -> None:
    """The seats are read by then, and the registrations are not."""
    listed, numbers = records.listed, iter(range(PEOPLE))

    def after_a_sign_up(conference: Conference) -> Iterator[Registration]:
        cast.sign_up(conference, cast.person(next(numbers)))
        return listed(conference)

    monkeypatch.setattr(records, "listed", after_a_sign_up)


@pytest.mark.usefixtures("somebody_signs_up_meanwhile")
def test_without_the_guard_on_the_seats_one_is_lost(
    conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch, SeatItem)
    assert recount.recount(conference) == 1
    assert holds.broken(conference) == ["type 1: 2 seats taken, 1 hold one"]


@pytest.mark.usefixtures("somebody_signs_up_meanwhile")
def test_what_has_moved_is_not_mended(conference: Conference) -> None:
    assert recount.recount(conference) == 0
    assert holds.broken(conference) == []


@pytest.fixture
def the_index_is_behind(conference: Conference, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not have the last who signed up."""
    cast.sign_up(conference, cast.person(0))
    before = list(records.listed(conference))
    cast.sign_up(conference, cast.person(1))
    monkeypatch.setattr(records, "listed", lambda conference: iter(before))


@pytest.mark.usefixtures("the_index_is_behind")
def test_without_waiting_for_the_index_a_seat_would_be_sold_twice(
    conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recount, "SETTLED", 0)
    assert recount.recount(conference) == 0
    assert recount.recount(conference) == 1
    assert holds.broken(conference) == ["type 1: 1 seats taken, 2 hold one"]


@pytest.mark.usefixtures("the_index_is_behind")
def test_seats_that_the_index_may_not_know_of_stay_taken(conference: Conference) -> None:
    assert [recount.recount(conference) for _ in range(3)] == [0] * 3
    assert holds.broken(conference) == []


def test_a_rush_and_a_recount_that_does_not_wait(
    conference: Conference, anyhow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written while it looks is never taken for amiss."""
    monkeypatch.setattr(recount, "SETTLED", 0)
    over = threading.Event()
    mended: list[int] = []

    def look() -> None:
        while not over.is_set():
            mended.append(recount.recount(conference))

    looking = threading.Thread(target=look)
    looking.start()
    at_once(*(partial(cast.sign_up, conference, cast.person(n), 2) for n in range(PEOPLE)))
    over.set()
    looking.join()
    assert mended
    assert not any(mended)
    assert holds.broken(conference) == []
