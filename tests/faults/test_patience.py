"""When the cloud fails for longer than anybody waits: what the visitor reads, and what is true."""

from __future__ import annotations

import pytest

from app.aws import tables
from app.conferences.rules import Conference
from app.registrations import records
from app.registrations.rules import State
from tests import cast, holds
from tests.cast import KIM
from tests.faults import faults
from tests.faults.faults import Rule, only
from tests.faults.injector import Injector
from tests.pages import PageClient

WRITE = "TransactWriteItems"
FORM = cast.form(KIM, submission="k" * 22)


@pytest.fixture
def hasty(injector: Injector, monkeypatch: pytest.MonkeyPatch) -> Injector:
    """Patience for a few attempts only."""
    monkeypatch.setattr(tables, "PATIENCE_SECONDS", tables.ANSWER_SECONDS + 0.1)
    return injector


@pytest.mark.parametrize("fault", [only(WRITE, *faults.throttled(1)), faults.conflicting(1)])
def test_nothing_is_taken_and_the_visitor_is_told_so(
    hasty: Injector, conference: Conference, client: PageClient, fault: list[Rule]
) -> None:
    hasty.inject(*fault)
    answer = client.send("/c/garam/register?lang=en", **FORM)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Very many people are here right now" in answer.text
    hasty.stop()
    assert holds.registrations(conference) == []
    assert holds.broken(conference) == []
    assert client.send("/c/garam/register?lang=en", **FORM).status_code == 303


def test_a_reply_that_is_lost_every_time_is_read_back(
    hasty: Injector, conference: Conference, client: PageClient
) -> None:
    hasty.inject(*only(WRITE, faults.reply_lost(1)))
    assert client.send("/c/garam/register?lang=en", **FORM).status_code == 303
    hasty.stop()
    [kept] = records.of_address(KIM.email)
    assert kept.state == State.CONFIRMED
    assert holds.broken(conference) == []


def test_what_cannot_be_read_back_is_found_by_the_same_form(
    hasty: Injector, conference: Conference, client: PageClient
) -> None:
    """No answer to any write, and none to any read after it: nobody can know."""
    client.get("/c/garam")  # the conference is known
    lost = only(WRITE, faults.reply_lost(1))
    hasty.inject(*lost, *only("GetItem", *faults.throttled(1)))
    answer = client.send("/c/garam/register?lang=en", **FORM)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Sending the same form again finds it" in answer.text
    hasty.stop()
    assert client.send("/c/garam/register?lang=en", **FORM).status_code == 303
    assert len(holds.registrations(conference)) == 1
    assert holds.broken(conference) == []
