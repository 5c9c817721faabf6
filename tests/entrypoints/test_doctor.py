"""`flask doctor`: what is amiss, in sentences."""

from __future__ import annotations

import json

import pytest
from click.testing import Result
from flask import Flask

from app.conferences.models import SeatItem, counter_key
from app.conferences.rules import Conference
from app.core import clock
from app.core.clock import HOUR, MINUTE, now_ms
from app.registrations.models import AddressLock
from tests import cast, holds
from tests.cast import KIM, LEE


@pytest.fixture
def examined(app: Flask, conference: Conference) -> Conference:
    """One of two conferences, in which nothing has moved for an hour."""
    cast.make_conference(slug="harbour", starts_at=conference.starts_at + 1)
    cast.sign_up(conference, KIM)
    later = now_ms() + HOUR
    clock.set_source(lambda: later)
    return conference


def doctor(app: Flask, *options: str) -> Result:
    result = app.test_cli_runner().invoke(args=["doctor", *options])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def lose_seats(conference: Conference, seats: int) -> None:
    counter = SeatItem(counter_key(conference.conference_id, 1, 0))
    counter.update(actions=[SeatItem.left.add(-seats)])


def test_nothing_is_amiss(app: Flask, examined: Conference) -> None:
    well = doctor(app)
    assert well.exit_code == 0
    assert well.stdout == "garam: nothing is amiss.\nharbour: nothing is amiss.\n"
    assert json.loads(doctor(app, "--json").stdout) == []


def a_minute_later(app: Flask) -> None:
    """After a first look, which is not certain."""
    assert doctor(app).exit_code == 1
    later = now_ms() + MINUTE
    clock.set_source(lambda: later)


def test_it_tells_and_changes_nothing(app: Flask, examined: Conference) -> None:
    lose_seats(examined, 2)
    a_minute_later(app)
    for _ in range(2):
        told = doctor(app)
        assert told.exit_code == 1
        assert told.stdout == (
            "garam: Ticket type 1: 3 of 20 seats are taken; 1 of 20 should be. --fix mends it.\n"
            "harbour: nothing is amiss.\n"
        )
    assert holds.broken(examined) != []


def test_it_mends(app: Flask, examined: Conference) -> None:
    lose_seats(examined, 2)
    a_minute_later(app)
    next(iter(AddressLock.scan())).delete()
    mended = doctor(app, "--fix", "--json")
    assert mended.exit_code == 0
    assert [(row["slug"], row["outcome"]) for row in json.loads(mended.stdout)] == [
        ("garam", "Mended."),
        ("garam", "Mended."),
    ]
    assert holds.broken(examined) == []
    assert doctor(app).exit_code == 0


def test_what_is_not_certain_is_said_and_not_mended(app: Flask, examined: Conference) -> None:
    lose_seats(examined, 1)
    cast.sign_up(examined, LEE)
    told = doctor(app, "--fix")
    assert told.exit_code == 1
    assert "That is not certain yet: look again in a minute." in told.stdout


def test_what_a_person_has_to_decide_is_left(app: Flask, examined: Conference) -> None:
    lee = cast.sign_up(examined, LEE)
    lee.update(actions=[type(lee).email.set(KIM.email)])
    clock.set_source(lambda: examined.starts_at)
    told = doctor(app, "--fix")
    assert told.exit_code == 1
    assert "A person has to decide." in told.stdout
    assert KIM.email not in told.stdout
