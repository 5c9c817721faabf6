"""A button pressed twice: two forms at the same moment, of which only one finds what it read. The
visitor sees the answer to the second, and it is how things stand, not an error."""

from __future__ import annotations

import inspect
from functools import partial

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.registrations import links
from app.registrations.models import Registration
from tests.pages import ORIGIN
from tests.races.guards import at_once, meet
from tests.standings import Maker

Button = tuple[str, str, dict[str, str]]

ADA = {"name": "Ada N", "email": "ada@example.com"}
BUTTONS: list[Button] = [
    ("offered", "accept", {}),
    ("held", "confirm", {}),
    ("waiting", "cancel", {}),
    ("pending", "cancel", {}),
    ("confirmed", "edit", ADA),
    ("confirmed", "ticket-type", {"ticket_type": "2"}),
    ("confirmed", "transfer", {**ADA, "sure": "yes", "submission": "A" * 22}),
]
ENDS = {"offered": "confirmed", "held": "confirmed", "confirmed": "confirmed"}


def answers(
    app: Flask, patch: pytest.MonkeyPatch, registration: Registration, button: Button
) -> list[int]:
    """What both presses are answered with."""
    _, part, fields = button
    path = f"/passes/{links.secret_of(registration)}/{part}"
    press = partial(app.test_client().post, path, data=fields, headers={"Origin": ORIGIN})
    meet(patch, 2)
    return sorted(one.status_code for one in at_once(press, press) if isinstance(one, TestResponse))


@pytest.mark.parametrize("button", BUTTONS, ids=lambda button: button[1])
def test_pressed_twice_is_pressed_once(
    app: Flask, cloud: object, monkeypatch: pytest.MonkeyPatch, button: Button
) -> None:
    standing = button[0]
    registration = getattr(Maker("en"), standing)()
    assert answers(app, monkeypatch, registration, button) == [303, 303]
    registration.refresh(consistent_read=True)
    assert registration.state == ENDS.get(standing, "cancelled")


@pytest.mark.parametrize("button", BUTTONS, ids=lambda button: button[1])
def test_without_another_look_one_press_is_an_error(
    app: Flask, cloud: object, monkeypatch: pytest.MonkeyPatch, button: Button
) -> None:
    standing, part, _ = button
    endpoint = f"passes.{part.replace('-', '_')}"
    once = inspect.unwrap(app.view_functions[endpoint])
    monkeypatch.setitem(app.view_functions, endpoint, once)
    registration = getattr(Maker("en"), standing)()
    assert answers(app, monkeypatch, registration, button) == [303, 409]
