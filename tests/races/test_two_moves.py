"""Two different moves of one registration at the same moment: one of them is made, the other finds
that things have changed. And two who want the last seat out of turn, or while there are fewer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from app.conferences import service as conferences
from app.conferences.models import SeatItem
from app.conferences.rules import Conference
from app.core.errors import Refusal
from app.registrations import changing, service
from app.registrations.models import Registration
from app.registrations.rules import Mail, Move
from tests import cast, holds
from tests.cast import ADA, KIM, LEE
from tests.races.guards import at_once, meet, off
from tests.standings import Maker

Act = Callable[[Registration], object]

HAND_ON: Act = partial(service.transfer, person=LEE)
CHANGE: Act = partial(service.change_type, type_id=2)
# As holding.run_out, which has found that the time is up.
RUN_OUT: Act = partial(changing.make, move=Move.RUN_OUT, mail=Mail.RUN_OUT)

PAIRS: dict[str, tuple[str, Act, Act]] = {
    "accepted and declined": ("offered", service.accept, service.cancel),
    "accepted and run out": ("offered", service.accept, RUN_OUT),
    "confirmed and run out": ("held", service.confirm_address, RUN_OUT),
    "approved and declined": ("pending", service.approve, service.decline),
    "approved and withdrawn": ("pending", service.approve, service.cancel),
    "approved twice": ("pending", service.approve, service.approve),
    "handed on and given back": ("confirmed", HAND_ON, service.cancel),
    "changed and given back": ("confirmed", CHANGE, service.cancel),
    "changed twice": ("confirmed", CHANGE, CHANGE),
}


def both(standing: str, acts: Sequence[Act], patch: pytest.MonkeyPatch) -> tuple[int, list[str]]:
    """How many of the moves were made, and what does not hold then."""
    seats = cast.ticket_type("일반", "Full pass", 2)  # enough for both, if nothing keeps them
    registration = getattr(Maker("en", ticket_types=(seats, seats)), standing)()
    conference = conferences.by_id(int(registration.conference_id))
    with patch.context() as together:
        meet(together, len(acts))
        pages = [cast.fresh(registration) for _ in acts]
        done = at_once(*(partial(act, page) for act, page in zip(acts, pages, strict=True)))
    return sum(not isinstance(one, Refusal) for one in done), holds.broken(conference)


@pytest.mark.parametrize("pair", PAIRS)
def test_one_of_two_moves_is_made(
    cloud: object, anyhow: None, monkeypatch: pytest.MonkeyPatch, pair: str
) -> None:
    standing, *acts = PAIRS[pair]
    assert both(standing, acts, monkeypatch) == (1, [])


@pytest.mark.parametrize("pair", PAIRS)
def test_without_the_guard_on_the_registration_both_are(
    cloud: object, monkeypatch: pytest.MonkeyPatch, pair: str
) -> None:
    standing, *acts = PAIRS[pair]
    off(monkeypatch, Registration)
    made, _ = both(standing, acts, monkeypatch)
    assert made == 2


# A seat less, at the moment at which it is taken


@pytest.fixture(params=["untouched", "one is taken"])
def last_seat(request: pytest.FixtureRequest, cloud: object) -> Conference:
    """A conference with one free seat, which nobody or somebody else took before."""
    taken = 0 if request.param == "untouched" else 1
    types = (cast.ticket_type("일반", "Full pass", taken + 1),)
    conference = cast.make_conference(ticket_types=types)
    if taken:
        cast.sign_up(conference, KIM)
    return conference


def taken_and_taken_back(conference: Conference, patch: pytest.MonkeyPatch) -> list[str]:
    fewer = conference.require_type(1).capacity - 1
    meet(patch, 2)
    at_once(
        partial(cast.sign_up, conference, ADA),
        partial(conferences.change_capacity, conference.conference_id, 1, fewer),
    )
    return holds.broken(conference)


def test_a_seat_is_taken_or_taken_back(
    last_seat: Conference, anyhow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert taken_and_taken_back(last_seat, monkeypatch) == []


def test_without_the_guard_on_the_seat_it_is_both(
    last_seat: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch, SeatItem)
    assert taken_and_taken_back(last_seat, monkeypatch) != []


# The last seat out of turn


def two_are_approved(patch: pytest.MonkeyPatch) -> tuple[Counter[str], list[str]]:
    first = Maker("en").pending()
    conference = conferences.by_id(int(first.conference_id))
    second = cast.sign_up(conference, LEE)
    with patch.context() as together:
        meet(together, 2)
        done = at_once(*(partial(service.approve, one) for one in (first, second)))
    return Counter(type(one).__name__ for one in done), holds.broken(conference)


def test_the_last_seat_is_given_to_one_of_two_requests(
    cloud: object, anyhow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert two_are_approved(monkeypatch) == ({"Registration": 1, "Full": 1}, [])


def test_without_the_guard_on_the_seat_both_get_it(
    cloud: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch, SeatItem)
    done, broken = two_are_approved(monkeypatch)
    assert done == {"Registration": 2}
    assert "type 1: oversold by 1" in broken
