"""Several processes sign people up at once: what one of them knows, the others do not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass

import pytest

from app.conferences.rules import Conference
from app.local.venv import ROOT
from app.registrations.rules import State
from tests import cast, holds

PROCESSES, PEOPLE_EACH, SEATS = 3, 30, 50
COUNTERS = 2


@dataclass(frozen=True)
class Visit:
    """When somebody asked and was answered (s, one clock for all), and what was said."""

    sent: float
    answered: float
    number: int
    state: str


@pytest.fixture
def rush(cloud: object) -> Conference:
    """Fewer seats than people, on two counters."""
    return cast.make_conference(
        sign_ups_a_second=COUNTERS * 250,
        ticket_types=(cast.ticket_type("일반", "Full pass", SEATS),),
    )


def everybody(conference: Conference, *how: str) -> list[Visit]:
    """All processes begin as soon as all are ready."""
    crowds = [_crowd(conference, number * PEOPLE_EACH, *how) for number in range(PROCESSES)]
    for crowd in crowds:
        assert crowd.stdout
        assert crowd.stdout.readline() == "ready\n"
    for crowd in crowds:
        assert crowd.stdin
        crowd.stdin.write("go\n")
        crowd.stdin.flush()
    answers = [crowd.communicate(timeout=60)[0] for crowd in crowds]
    return [Visit(**one) for answer in answers for one in json.loads(answer)]


def _crowd(conference: Conference, first: int, *how: str) -> subprocess.Popen[str]:
    numbers = [conference.conference_id, first, PEOPLE_EACH]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.races.crowd", *map(str, numbers), *how],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_without_the_guard_they_oversell(rush: Conference) -> None:
    everybody(rush, "unguarded")
    assert f"type 1: oversold by {PROCESSES * PEOPLE_EACH - SEATS}" in holds.broken(rush)


def test_exactly_the_seats_are_given_and_in_order(rush: Conference, anyhow: None) -> None:
    visits = everybody(rush)
    people = PROCESSES * PEOPLE_EACH
    told = Counter(one.state for one in visits)
    assert told == {State.CONFIRMED: SEATS, State.WAITING: people - SEATS}
    kept = {int(one.registration_id): one for one in holds.registrations(rush)}
    assert {one.number: one.state for one in visits} == {n: one.state for n, one in kept.items()}
    assert holds.broken(rush) == []
    ranks = {number: int(one.place or 0) for number, one in kept.items()}  # a seat is before all
    assert [pair for pair in pairs(visits) if overtook(*pair, ranks)] == []


def pairs(visits: list[Visit]) -> list[tuple[Visit, Visit]]:
    """One who had the answer before the other asked, and the other."""
    return [(one, other) for one in visits for other in visits if one.answered < other.sent]


def overtook(early: Visit, late: Visit, ranks: dict[int, int]) -> bool:
    """Whether who came later stands before who came earlier."""
    return ranks[late.number] < ranks[early.number]
