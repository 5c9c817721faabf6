"""The schedule that runs every five minutes costs next to nothing where nothing is due."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from flask import Flask
from pynamodb.connection import Connection

from app.conferences import service as conferences
from app.conferences.rules import Conference
from app.core import cache, clock
from app.core.clock import HOUR, now_ms
from app.entrypoints import schedule
from app.registrations import models, service
from app.registrations.rules import State
from tests import cast
from tests.cast import KIM

WORKSHOP = 2


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """What DynamoDB is asked, by operation and kind of record."""
    counted: Counter[tuple[str, str]] = Counter()
    real = Connection.dispatch

    def counting(self: Connection, operation: str, kwargs: dict[str, Any]) -> Any:
        counted[operation, str(kwargs.get("TableName")).rpartition("-")[2]] += 1
        return real(self, operation, kwargs)

    monkeypatch.setattr(Connection, "dispatch", counting)
    return counted


def five_minutes(after: int) -> dict[str, int]:
    cache.clear_all()
    clock.set_source(lambda: after)
    return schedule.every_five_minutes({}, None)


def test_conferences_that_have_nothing_to_do_are_not_read(
    app: Flask, conference: Conference, asked: Counter[tuple[str, str]]
) -> None:
    for number in range(4):
        cast.make_conference(slug=f"other{number}")
    cast.sign_up(conference, KIM)
    moment = now_ms() + HOUR
    five_minutes(moment)  # all is done
    asked.clear()
    assert not any(five_minutes(moment + HOUR).values())
    assert asked == {
        ("Query", "registrations"): models.DUE_SHARDS,
        ("Scan", "slugs"): 1,
        ("Scan", "seats"): 1,
        ("Query", "access"): 1,
    }


def test_a_pool_that_somebody_waits_for_is_found(app: Flask, conference: Conference) -> None:
    full = [cast.sign_up(conference, cast.person(number), WORKSHOP) for number in range(2)]
    waits = cast.sign_up(conference, KIM, WORKSHOP)
    assert waits.state == State.WAITING
    assert conferences.pools_to_give() == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.registrations.waiting.promote_at_once", lambda *queue: 0)
        service.cancel(full[0])
    assert conferences.pools_to_give() == [(conference.conference_id, WORKSHOP)]
    assert five_minutes(now_ms() + HOUR)["promoted"] == 1
    assert conferences.pools_to_give() == []
