"""Random sequences of what can happen, against the model.

The same sequences every time, within a minute; LANYARD_EXAMPLES=2000 makes up as many new ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.core import cache, clock
from app.local.cloud import EphemeralCloud
from app.registrations.rules import Move, Person
from tests.model.machine import Registrations
from tests.model.model import OFFER_HOURS, Habits
from tests.model.world import World

NEW_ONES = int(os.environ.get("LANYARD_EXAMPLES", "0"))
SETTINGS = settings(
    max_examples=NEW_ONES or 30,
    stateful_step_count=30,
    derandomize=not NEW_ONES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink] if NEW_ONES else [Phase.generate],  # within a minute
)


@pytest.fixture
def world(emulator: EphemeralCloud, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Where the sequences happen."""
    yield World(emulator, monkeypatch)
    clock.set_source(None)
    cache.clear_all()


def test_whatever_happens_all_invariants_hold(world: World) -> None:
    Registrations.world = world
    run_state_machine_as_test(Registrations, settings=SETTINGS)


Step = tuple[Callable[..., None], dict[str, Any]]
M = Registrations


def walk(habits: Habits, seats: tuple[int, ...], crowd: list[int], *steps: Step) -> None:
    """A sequence that is not random."""
    machine = Registrations()
    machine.open(seats=seats, habits=habits, crowd=crowd)
    for step, details in steps:
        step(machine, **details)
        machine.the_records_hold_and_are_as_the_model()
        machine.one_address_has_one_registration()
    machine.teardown()


def button(rule: Callable[..., None], which: int, number: int) -> Step:
    return rule, {"which": which, "button": number, "stale": False}


def test_every_move_is_as_in_the_model(world: World) -> None:
    """Random sequences make most of them, and none for certain."""
    Registrations.world = world
    walk(
        Habits(offers=True, confirms=False, on_request=3),
        (1, 2, 1),
        [1, 1, 1, 2, 3, 3, 3],
        button(M.decide, 0, 0),  # approve
        button(M.decide, 0, 1),  # approve, or let them wait
        button(M.decide, 0, 2),  # decline
        button(M.leave_or_reissue, 0, 1),
        button(M.leave_or_reissue, 0, 0),  # the next is offered the seat
        button(M.answer, 0, 0),
        (M.edit, {"which": 3, "person": Person("Eve", "d@example.com"), "stale": False}),
        (M.transfer, {"which": 3, "person": Person("Ada", "h@example.com"), "stale": False}),
        (M.change_type, {"which": 1, "type_id": 2, "stale": False}),
        (M.run_schedule, {"minutes": 60 * OFFER_HOURS}),  # the offer of the next runs out
        (M.move_the_conference, {"hall": 1}),
        (M.run_schedule, {"minutes": 5}),
    )
    walk(
        Habits(offers=False, confirms=True, on_request=3),
        (1, 0, 0),
        [1, 1],
        button(M.answer, 0, 0),  # the address is confirmed
        button(M.leave_or_reissue, 0, 0),
        button(M.answer, 0, 1),  # the offer is declined, and nobody waits
        (M.sign_up, {"person": Person("Eve", "c@example.com"), "type_id": 1, "stale": False}),
    )
    walk(
        Habits(offers=False, confirms=False, on_request=3),
        (1, 0, 0),
        [1, 1],
        button(M.leave_or_reissue, 0, 0),  # the next is promoted
    )
    assert set(world.moves) == set(Move)
