"""Two do something at the same moment: what one of them has read is not true any more."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial

import pytest

from app.conferences import service as conferences
from app.conferences.models import SeatItem
from app.conferences.rules import Conference
from app.registrations import records, service, waiting
from app.registrations.models import AddressLock, Registration, WaitingPlace
from app.registrations.rules import State
from app.registrations.service import Found, Outcome
from tests import cast, holds
from tests.cast import ADA, KIM, LEE
from tests.races.guards import at_once, meet, off

Full = tuple[Conference, Registration, Registration]

WORKSHOP, SEATS = 2, 2
MANY = 8


@pytest.fixture
def full(cloud: object) -> Full:
    """A conference whose workshop is full; who sits in it."""
    conference = cast.make_conference()
    first, second = (cast.sign_up(conference, cast.person(n), WORKSHOP) for n in range(SEATS))
    return conference, first, second


def again(registration: Registration) -> Registration:
    """The registration as another process has read it."""
    return Registration.get(registration.registration_id, consistent_read=True)


def kinds(results: list[object]) -> Counter[str]:
    """How often each thing came of it."""
    return Counter(type(one).__name__ for one in results)


def who_waits(conference: Conference) -> list[str]:
    """Their names."""
    return [one.name for one in holds.registrations(conference) if one.state == State.WAITING]


# The last seat


@pytest.fixture
def one_seat(cloud: object) -> Conference:
    """A conference of one seat."""
    return cast.make_conference(ticket_types=(cast.ticket_type("일반", "Full pass", 1),))


def everybody_wants_it(conference: Conference, patch: pytest.MonkeyPatch) -> None:
    meet(patch, MANY)
    at_once(*(partial(cast.sign_up, conference, cast.person(n)) for n in range(MANY)))


def test_one_gets_the_last_seat(
    one_seat: Conference, anyhow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody_wants_it(one_seat, monkeypatch)
    states = Counter(one.state for one in holds.registrations(one_seat))
    assert states == {State.CONFIRMED: 1, State.WAITING: MANY - 1}
    assert holds.broken(one_seat) == []


def test_without_the_guard_on_the_seat_all_get_it(
    one_seat: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch, SeatItem)
    everybody_wants_it(one_seat, monkeypatch)
    assert f"type 1: oversold by {MANY - 1}" in holds.broken(one_seat)


# The same form, and the same address


def the_same_form_many_times(
    conference: Conference, patch: pytest.MonkeyPatch, key: str | None
) -> list[Found]:
    keys = [key or f"{n:022}" for n in range(MANY)]
    attempts = [cast.attempt(conference, KIM, key=one) for one in keys]
    meet(patch, MANY)
    outcomes = at_once(*(partial(service.register, one) for one in attempts))
    return [one.found for one in outcomes if isinstance(one, Outcome)]


@pytest.mark.parametrize(("key", "others"), [("k" * 22, Found.SAME), (None, Found.KNOWN)])
def test_one_address_is_one_registration(
    conference: Conference,
    anyhow: None,
    monkeypatch: pytest.MonkeyPatch,
    key: str | None,
    others: Found,
) -> None:
    found = the_same_form_many_times(conference, monkeypatch, key)
    assert Counter(found) == {Found.NEW: 1, others: MANY - 1}
    assert len(holds.registrations(conference)) == 1
    assert holds.broken(conference) == []


def test_without_the_guard_on_the_address_it_is_many(
    conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch, AddressLock)
    found = the_same_form_many_times(conference, monkeypatch, "k" * 22)
    assert found == [Found.NEW] * MANY
    assert f"{MANY - 1} live without the lock of their address" in holds.broken(conference)


def both_move_to_one_address(conference: Conference, patch: pytest.MonkeyPatch) -> Counter[str]:
    kim, lee = (cast.sign_up(conference, who) for who in (KIM, LEE))
    meet(patch, 2)
    results = at_once(
        partial(service.edit, kim, replace(KIM, email=ADA.email)),
        partial(service.edit, lee, replace(LEE, email=ADA.email)),
    )
    return kinds([*results])


def test_one_moves_to_an_address(
    conference: Conference, anyhow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = both_move_to_one_address(conference, monkeypatch)
    assert results == {"Registration": 1, "AlreadyRegistered": 1}
    assert holds.broken(conference) == []


def test_without_the_guard_on_the_address_two_do(
    conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch, AddressLock)
    results = both_move_to_one_address(conference, monkeypatch)
    assert results == {"Registration": 2}
    assert "1 live without the lock of their address" in holds.broken(conference)


# Leaving


def one_leaves_twice(conference: Conference, patch: pytest.MonkeyPatch) -> Counter[str]:
    here = cast.sign_up(conference, KIM)
    there = again(here)
    meet(patch, 2)
    results = at_once(partial(service.cancel, here), partial(service.cancel, there))
    return kinds([*results])


def test_who_leaves_twice_frees_one_seat(
    conference: Conference, anyhow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = one_leaves_twice(conference, monkeypatch)
    assert results == {"Registration": 1, "ChangedMeanwhile": 1}
    assert holds.broken(conference) == []


def test_without_the_guard_on_the_registration_it_is_two(
    conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch, Registration)
    one_leaves_twice(conference, monkeypatch)
    assert "type 1: -1 seats taken, 0 hold one" in holds.broken(conference)


# Moving up


@pytest.fixture
def added(full: Full) -> Conference:
    """One seat was added to the workshop; two wait, and nobody has looked yet."""
    conference, *_ = full
    for who in (KIM, LEE):
        cast.sign_up(conference, who, WORKSHOP)
    conferences.change_capacity(conference.conference_id, WORKSHOP, SEATS + 1)
    return conference


def two_promote(conference: Conference, patch: pytest.MonkeyPatch) -> None:
    """A message, and the schedule."""
    meet(patch, 2)
    promote = partial(waiting.promote, conference.conference_id, WORKSHOP)
    at_once(promote, promote)


def test_two_promoters_promote_one(
    added: Conference, anyhow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_promote(added, monkeypatch)
    assert who_waits(added) == [LEE.name]
    assert holds.broken(added) == []


def test_without_the_guards_one_is_promoted_twice(
    added: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch, SeatItem, WaitingPlace, Registration)
    two_promote(added, monkeypatch)
    assert "type 2: 4 seats taken, 3 hold one" in holds.broken(added)


def one_leaves_while_promoted(
    conference: Conference, patch: pytest.MonkeyPatch
) -> tuple[Registration, Counter[str]]:
    """The head of the queue gives up at the moment at which it is confirmed."""
    [waits] = records.of_address(KIM.email)
    meet(patch, 2)
    leaves, _ = at_once(
        partial(service.cancel, waits),
        partial(waiting.promote, conference.conference_id, WORKSHOP),
    )
    return again(waits), kinds([leaves])


def test_who_leaves_while_promoted_has_left_or_is_told_to_look_again(
    added: Conference, anyhow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration, told = one_leaves_while_promoted(added, monkeypatch)
    told_to_have_left = told == {"Registration": 1}
    assert told_to_have_left or told == {"ChangedMeanwhile": 1}
    expected = State.CANCELLED if told_to_have_left else State.CONFIRMED
    assert registration.state == expected
    assert holds.broken(added) == []


def test_without_the_guards_a_seat_is_lost(
    added: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch, WaitingPlace, Registration)
    _, told = one_leaves_while_promoted(added, monkeypatch)
    assert told == {"Registration": 1}
    assert holds.broken(added) != []


def both_leave(full: Full, patch: pytest.MonkeyPatch) -> Conference:
    """Both seats come free at once while three wait, and both who leave find the same first."""
    conference, first, second = full
    for who in (KIM, LEE, ADA):
        cast.sign_up(conference, who, WORKSHOP)
    meet(patch, 2, at=2)
    at_once(partial(service.cancel, first), partial(service.cancel, second))
    return conference


def test_two_leave_and_two_move_up(
    full: Full, anyhow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    conference = both_leave(full, monkeypatch)
    assert who_waits(conference) == [ADA.name]
    assert holds.broken(conference) == []


def test_without_the_guards_two_leave_and_one_moves_up_twice(
    full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch, WaitingPlace, Registration)
    conference = both_leave(full, monkeypatch)
    assert "type 2: 2 seats taken, 1 hold one" in holds.broken(conference)


# Coming too late for a seat, and too early for the next


def one_comes_while_one_leaves(full: Full, patch: pytest.MonkeyPatch) -> Conference:
    """A newcomer has found no seat and does not stand in the queue yet; who leaves meanwhile
    finds nobody in the queue."""
    conference, leaves, _ = full
    next_place = waiting.next_place

    def after_somebody_left(*args: object) -> int:
        service.cancel(again(leaves))
        return next_place(*args)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as once:
        once.setattr(waiting, "next_place", after_somebody_left)
        cast.sign_up(conference, KIM, WORKSHOP)
    return conference


def test_no_seat_and_no_newcomer_miss_each_other(
    full: Full, anyhow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    conference = one_comes_while_one_leaves(full, monkeypatch)
    assert not [one for one in holds.unsettled(conference) if "free seat" in one]
    assert holds.broken(conference) == []


def test_without_a_look_at_the_pool_afterwards_they_would(
    full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "promote_at_once", lambda *args, **kwargs: 0)
    conference = one_comes_while_one_leaves(full, monkeypatch)
    assert "type 2: people wait beside a free seat" in holds.unsettled(conference)
