"""Random sequences of what can happen, against the model.

The same sequences every time, within a minute; LANYARD_EXAMPLES=2000 makes up as many new ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.core import cache, clock
from app.local.cloud import EphemeralCloud
from tests.model.machine import Registrations
from tests.model.world import World

NEW_ONES = int(os.environ.get("LANYARD_EXAMPLES", "0"))
SETTINGS = settings(
    max_examples=NEW_ONES or 25,
    stateful_step_count=20,
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
