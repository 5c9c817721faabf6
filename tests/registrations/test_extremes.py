"""Unusual numbers, people and clocks: what the records say, and the sentence the visitor reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.conferences.rules import Conference
from app.core import clock
from app.core.clock import DAY, HOUR, now_ms
from app.entrypoints import schedule
from app.registrations import service
from app.registrations.models import Registration
from app.registrations.rules import Person, State
from tests import cast, holds
from tests.cast import ADA, KIM, LEE
from tests.pages import PageClient

CROWD, AT_A_TIME = 2_000, 8


def make(capacity: int, per_second: int = 250) -> Conference:
    """A conference with one ticket type."""
    return cast.make_conference(
        sign_ups_a_second=per_second,
        ticket_types=(cast.ticket_type("일반", "Full pass", capacity),),
    )


def sign_up(client: PageClient, who: Person = KIM) -> str:
    """The address of the pass page."""
    answer = client.send("/c/garam/register?lang=en", **cast.form(who))
    assert answer.status_code == 303
    return str(answer.location)


def read(client: PageClient, address: str) -> str:
    """What the page says, in one line."""
    return " ".join(client.get(address).text.split())


@pytest.mark.parametrize(
    ("capacity", "sentence"),
    [
        (0, "You are on the waiting list"),
        (1, "You are coming"),
        (1_000_000, "You are coming"),
    ],
)
def test_any_capacity(client: PageClient, capacity: int, sentence: str) -> None:
    conference = make(capacity, per_second=50_000)
    assert sentence in read(client, sign_up(client))
    assert holds.broken(conference) == []


def test_a_conference_without_seats_only_has_a_waiting_list(client: PageClient) -> None:
    make(0)
    assert "Join the waiting list" in read(client, "/c/garam?lang=en")
    assert "No. <b>1</b>" in read(client, sign_up(client))


def test_two_thousand_want_the_last_seat(cloud: object) -> None:
    """As they press the button: some at a time, nobody later than 5 seconds."""
    conference = make(1)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        told = list(
            pool.map(lambda n: cast.sign_up(conference, cast.person(n)).state, range(CROWD))
        )
    assert Counter(told) == {State.CONFIRMED: 1, State.WAITING: CROWD - 1}
    assert holds.broken(conference) == []
    places = sorted(int(one.place or 0) for one in holds.registrations(conference))
    assert places == list(range(CROWD))  # nobody's twice, none left out; 0 has the seat


def test_cancelling_twice(client: PageClient, conference: Conference) -> None:
    address = sign_up(client)
    secret = address.rpartition("/passes/")[2].partition("?")[0]
    for _ in range(2):
        answer = client.send(f"/passes/{secret}/cancel?lang=en")
        assert answer.status_code == 303
        assert "Your registration is cancelled" in read(client, f"/passes/{secret}?lang=en")
    assert holds.broken(conference) == []
    assert cast.seats(conference, 1)["pool"] == (0, 1)


def at(moment: int) -> None:
    """It is that time (ms UTC) now."""
    clock.set_source(lambda: moment)


@pytest.fixture
def closed(cloud: object) -> tuple[Conference, Registration, Registration]:
    """Registration has closed: one has the seat, one waits."""
    conference = make(1)
    holder, waits = cast.sign_up(conference, LEE), cast.sign_up(conference, ADA)
    at(conference.closes_at)
    return conference, holder, waits


Closed = tuple[Conference, Registration, Registration]


def test_after_closing_the_waiting_list_goes_on_and_nobody_joins_it(
    client: PageClient, closed: Closed
) -> None:
    conference, holder, _ = closed
    answer = client.send("/c/garam/register?lang=en", **cast.form(KIM))
    assert answer.status_code == 409
    assert "Registration closed" in answer.text
    service.cancel(holder)
    assert [one.state for one in service.of_address(ADA.email)] == [State.CONFIRMED]
    assert holds.broken(conference) == []


def test_once_the_conference_has_begun_nobody_moves_up(cloud: object, closed: Closed) -> None:
    conference, holder, _ = closed
    at(conference.starts_at)
    service.cancel(holder)
    schedule.every_five_minutes({}, None)
    assert [one.state for one in service.of_address(ADA.email)] == [State.WAITING]
    assert holds.broken(conference) == []


def test_when_it_is_over_the_page_of_who_waited_says_so(
    client: PageClient, conference: Conference
) -> None:
    address = sign_up(client)
    at(conference.ends_at)
    assert "The conference is over" in read(client, address)


JUMPS: dict[str, Callable[[Conference], int]] = {
    "a day back": lambda conference: now_ms() - DAY,
    "an hour back": lambda conference: now_ms() - HOUR,
    "three days on": lambda conference: now_ms() + 3 * DAY,
    "before the opening": lambda conference: conference.opens_at - 1,
}


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps(client: PageClient, jump: str) -> None:
    """Nothing breaks; once it is right again and an hour on, everybody has what they are owed."""
    conference = make(1)
    began = now_ms()
    holder, _ = cast.sign_up(conference, LEE), cast.sign_up(conference, ADA)
    at(JUMPS[jump](conference))
    schedule.every_five_minutes({}, None)
    service.cancel(holder)
    assert [one.state for one in service.of_address(ADA.email)] == [State.CONFIRMED]
    assert holds.broken(conference) == []
    at(max(began, now_ms()) + HOUR)
    holds.settle()
    assert holds.broken(conference) == []
    assert holds.unsettled(conference) == []


def test_before_the_opening_by_a_clock_that_went_back(
    client: PageClient, conference: Conference
) -> None:
    at(conference.opens_at - 1)
    answer = client.send("/c/garam/register?lang=en", **cast.form(KIM))
    assert answer.status_code == 409
    assert holds.registrations(conference) == []
