"""A button pressed twice: two forms at the same moment, of which only one finds what it read. The
visitor sees the answer to the second, and it is how things stand, not an error."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask

from app.registrations import links
from tests.pages import ORIGIN
from tests.races.guards import at_once, meet
from tests.standings import Maker

BUTTONS = {
    "offered": ("accept", {}),
    "held": ("confirm", {}),
    "waiting": ("cancel", {}),
    "pending": ("cancel", {}),
    "confirmed": ("edit", {"name": "Ada N", "email": "ada@example.com"}),
}
ENDS = {"offered": "confirmed", "held": "confirmed", "confirmed": "confirmed"}


@pytest.mark.parametrize("standing", BUTTONS)
def test_pressed_twice_is_pressed_once(
    app: Flask, cloud: object, monkeypatch: pytest.MonkeyPatch, standing: str
) -> None:
    registration = getattr(Maker("en"), standing)()
    part, fields = BUTTONS[standing]
    path = f"/passes/{links.secret_of(registration)}/{part}"
    press = partial(app.test_client().post, path, data=fields, headers={"Origin": ORIGIN})
    meet(monkeypatch, 2)

    answers = at_once(press, press)

    assert [getattr(one, "status_code", one) for one in answers] == [303, 303]
    registration.refresh(consistent_read=True)
    assert registration.state == ENDS.get(standing, "cancelled")
