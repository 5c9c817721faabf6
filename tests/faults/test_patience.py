"""When the cloud fails for longer than anybody waits: what the visitor reads, and what is true."""

from __future__ import annotations

import pytest

from app.aws import tables, topic
from app.conferences.rules import Conference
from app.core import cache
from app.registrations import links, records
from app.registrations.rules import State
from tests import cast, holds
from tests.cast import KIM
from tests.faults import faults
from tests.faults.faults import Rule, only
from tests.faults.injector import Injector
from tests.pages import PageClient

WRITE = "TransactWriteItems"
READS = ("GetItem", "BatchGetItem", "Query", "Scan")
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


@pytest.mark.parametrize("page", ["/", "/c/garam", "/passes/{secret}"])
@pytest.mark.parametrize("fault", [faults.throttled(1), [faults.reply_lost(1)]])
def test_a_page_that_cannot_be_read_asks_to_come_again(
    hasty: Injector, conference: Conference, client: PageClient, page: str, fault: list[Rule]
) -> None:
    address = page.format(secret=links.secret_of(cast.sign_up(conference, KIM)))
    cache.clear_all()
    hasty.inject(*(one for reads in READS for one in only(reads, *fault)))
    answer = client.get(f"{address}?lang=en")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Very many people are here right now" in answer.text
    hasty.stop()
    assert client.get(f"{address}?lang=en").status_code == 200


def test_what_is_done_but_cannot_be_read_again_is_not_said_to_be_undone(
    hasty: Injector, conference: Conference, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = links.secret_of(cast.sign_up(conference, KIM))

    def publish(*args: object, **ids: object) -> None:
        """It is written by now."""
        hasty.inject(*only("GetItem", *faults.throttled(1)))

    monkeypatch.setattr(topic, "publish", publish)
    answer = client.send(f"/passes/{secret}/cancel?lang=en")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Nothing was lost or taken" not in answer.text
    assert "If it did, a mail tells you" in answer.text
    hasty.stop()
    assert records.by_secret(secret).state == State.CANCELLED
