"""Every button at every standing: what the table of moves forbids changes nothing, whoever presses
it; the page says how things stand."""

from __future__ import annotations

import pytest

from app.registrations.rules import Move
from tests.cast import fresh, page_of
from tests.pages import PageClient
from tests.passes.test_standings import HEADINGS
from tests.standings import Maker

BUTTONS = {
    Move.ACCEPT: "/accept",
    Move.CONFIRM: "/confirm",
    Move.CANCEL: "/cancel",
    Move.EDIT: "/edit",
    Move.TRANSFER: "/transfer",
    Move.CHANGE_TYPE: "/ticket-type",
}
FIELDS = {"name": "Eve", "email": "eve@example.com", "sure": "yes", "ticket_type": "2"}
# What each standing is for; all others can be looked at only.
ALLOWED = {
    "confirmed": {Move.CANCEL, Move.EDIT, Move.TRANSFER, Move.CHANGE_TYPE},
    # A place given on approval is nobody else's, and there is no other type here.
    "approved": {Move.CANCEL, Move.EDIT},
    "waiting": {Move.CANCEL, Move.EDIT},
    "offered": {Move.CANCEL, Move.EDIT, Move.ACCEPT},
    "held": {Move.CANCEL, Move.CONFIRM},
    "pending": {Move.CANCEL, Move.EDIT},
}


@pytest.mark.parametrize("name", [one for one in HEADINGS if one != "promoted"])  # confirmed
def test_what_is_not_allowed_changes_nothing(client: PageClient, name: str) -> None:
    registration = fresh(getattr(Maker("en"), name)())
    before = registration.attribute_values
    for move in BUTTONS.keys() - ALLOWED.get(name, set()):
        answer = client.send(page_of(registration, BUTTONS[move]), **FIELDS)
        assert answer.status_code in (303, 409, 422), move
        assert fresh(registration).attribute_values == before, move


@pytest.mark.parametrize(
    ("name", "move"),
    [(name, move) for name, moves in ALLOWED.items() for move in BUTTONS if move in moves],
)
def test_what_is_allowed_is_done(client: PageClient, name: str, move: Move) -> None:
    registration = fresh(getattr(Maker("en"), name)())
    answer = client.send(page_of(registration, BUTTONS[move]), **FIELDS)
    assert answer.status_code == 303
    assert fresh(registration).revision == registration.revision + 1
