"""Two make the same pass at the same moment: a message that came twice, or the schedule."""

from __future__ import annotations

from typing import Any

import pytest

from app.conferences.rules import Conference
from app.entrypoints.context import entered
from app.notifications import service as notifications
from app.passes import service as passes
from app.registrations import service as registrations
from app.registrations.models import Registration
from tests import cast, holds
from tests.cast import KIM, LEE


@pytest.fixture
def number(conference: Conference) -> int:
    """Somebody who is owed a pass and a mail."""
    return int(cast.sign_up(conference, KIM).registration_id)


def while_drawing(patch: pytest.MonkeyPatch, act: Any) -> None:
    """Let something happen while the first picture is drawn."""
    draw = passes._draw

    def slowly(registration: Registration, conference: Conference) -> bytes:
        patch.setattr(passes, "_draw", draw)
        act()
        return draw(registration, conference)

    patch.setattr(passes, "_draw", slowly)


def test_the_slower_does_not_take_the_faster_ones_pass_away(
    number: int, conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail that went out meanwhile changes nothing in the picture."""

    def make_and_mail() -> None:
        assert passes.issue(number)
        assert notifications.send_owed(number)

    while_drawing(monkeypatch, make_and_mail)
    with entered():
        passes.issue(number)
    assert holds.unsettled(conference) == []


def test_a_picture_of_what_has_changed_meanwhile_is_not_kept(
    number: int, conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rename() -> None:
        registration = registrations.find(number)
        assert registration
        registrations.edit(registration, LEE)

    while_drawing(monkeypatch, rename)
    with entered():
        assert not passes.issue(number)
        assert holds.images() == set()
        assert passes.issue(number)
    assert holds.images() == {f"passes/{number}/2.png"}
