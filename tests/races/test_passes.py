"""Two make the same pass at the same moment: a message that came twice, or the schedule."""

from __future__ import annotations

from typing import Any

import pytest

from app.aws import sent
from app.conferences.rules import Conference
from app.core import clock
from app.core.clock import MINUTE, now_ms
from app.entrypoints.context import entered
from app.notifications import service as notifications
from app.passes import service as passes
from app.registrations import rules
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
    """One draws for longer than its claim holds; another does all that is owed meanwhile."""

    def another() -> None:
        late = now_ms() + 2 * MINUTE
        clock.set_source(lambda: late)
        notifications.pay(number)

    while_drawing(monkeypatch, another)
    with entered():
        assert not passes.settle(number)
    assert [mail.to for mail in sent.messages()] == [KIM.email]
    assert holds.unsettled(conference) == []


def two_pay(number: int, patch: pytest.MonkeyPatch) -> list[str]:
    """Who gets a mail when another begins while the picture is drawn."""
    while_drawing(patch, lambda: notifications.pay(number))
    with entered():
        notifications.pay(number)
    return [mail.to for mail in sent.messages()]


def test_two_do_not_pay_the_same_at_once(
    number: int, conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert two_pay(number, monkeypatch) == [KIM.email]
    assert holds.unsettled(conference) == []


def test_without_the_claim_both_do(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "CLAIM", -1)  # it is over before it begins
    assert two_pay(number, monkeypatch) == [KIM.email] * 2


def test_a_picture_of_what_has_changed_meanwhile_is_not_kept(
    number: int, conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rename() -> None:
        registration = registrations.find(number)
        assert registration
        registrations.edit(registration, LEE)

    while_drawing(monkeypatch, rename)
    with entered():
        assert not passes.settle(number)
        assert holds.images() == set()
        assert passes.settle(number)
    assert holds.images() == {f"passes/{number}/2.png"}
