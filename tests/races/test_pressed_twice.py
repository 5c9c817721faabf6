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

ADA = {"name": "Ada N", "email": "ada@example.com"}
BUTTONS = [
    ("offered", "accept", {}),
    ("held", "confirm", {}),
    ("waiting", "cancel", {}),
    ("pending", "cancel", {}),
    ("confirmed", "edit", ADA),
    ("confirmed", "ticket-type", {"ticket_type": "2"}),
    ("confirmed", "transfer", {**ADA, "sure": "yes", "submission": "A" * 22}),
]
ENDS = {"offered": "confirmed", "held": "confirmed", "confirmed": "confirmed"}


@pytest.mark.parametrize("button", BUTTONS, ids=lambda button: button[1])
def test_pressed_twice_is_pressed_once(
    app: Flask,
    cloud: object,
    monkeypatch: pytest.MonkeyPatch,
    button: tuple[str, str, dict[str, str]],
) -> None:
    standing, part, fields = button
    registration = getattr(Maker("en"), standing)()
    path = f"/passes/{links.secret_of(registration)}/{part}"
    press = partial(app.test_client().post, path, data=fields, headers={"Origin": ORIGIN})
    meet(monkeypatch, 2)

    answers = at_once(press, press)

    assert [getattr(one, "status_code", one) for one in answers] == [303, 303]
    registration.refresh(consistent_read=True)
    assert registration.state == ENDS.get(standing, "cancelled")
