"""Transactions when the network or DynamoDB is having a bad moment."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from pynamodb.connection import Connection
from pynamodb.exceptions import (
    CancellationReason,
    TransactWriteError,
    UpdateError,
    VerboseClientError,
)

from app.aws import tables
from app.aws.tables import Update, commit
from app.conferences.models import SeatItem, counter_key
from app.conferences.rules import Conference
from app.core.errors import Busy, Refusal
from app.registrations import records
from app.registrations.rules import State
from tests import cast
from tests.cast import KIM

Fault = Callable[[Callable[[], Any]], Any]


class NoSeat(Refusal):
    """The counter is empty."""


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Fault]]:
    """Faults to come, one for each transaction that is sent; none when the list is used up."""
    coming: list[Fault] = []
    real = Connection.transact_write_items

    def faulty(self: Connection, *args: Any, **kwargs: Any) -> Any:
        if coming:
            return coming.pop(0)(lambda: real(self, *args, **kwargs))
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Connection, "transact_write_items", faulty)
    yield coming
    assert coming == []


def lost_reply(send: Callable[[], Any]) -> Any:
    """It is written, but the answer never comes."""
    send()
    raise TransactWriteError("", ReadTimeoutError(endpoint_url="x"))


def never_sent(send: Callable[[], Any]) -> Any:
    """The connection is refused."""
    raise TransactWriteError("", EndpointConnectionError(endpoint_url="x"))


def conflict(send: Callable[[], Any]) -> Any:
    """Another transaction had one of the items; nothing is written."""
    raise TransactWriteError(
        "", _client_error("TransactionCanceledException", "TransactionConflict")
    )


def throttled(send: Callable[[], Any]) -> Any:
    """Too much at once; nothing is written."""
    raise TransactWriteError("", _client_error("ThrottlingException"))


def forbidden(send: Callable[[], Any]) -> Any:
    """The role may not do this."""
    raise TransactWriteError("", _client_error("AccessDeniedException"))


def _client_error(code: str, *reasons: str) -> VerboseClientError:
    return VerboseClientError(
        {"Error": {"Code": code, "Message": ""}},
        "TransactWriteItems",
        cancellation_reasons=[CancellationReason(code=reason) for reason in reasons],
    )


def take(conference: Conference) -> None:
    counter = SeatItem(counter_key(conference.conference_id, 1, 0))
    commit(Update(counter, SeatItem.left > 0, NoSeat, actions=[SeatItem.left.add(-1)]))


def left(conference: Conference) -> int:
    key = counter_key(conference.conference_id, 1, 0)
    return int(SeatItem.get(key, consistent_read=True).left)


@pytest.mark.parametrize("fault", [lost_reply, never_sent, conflict, throttled])
def test_a_fault_is_got_over_and_the_write_counts_once(
    conference: Conference, faults: list[Fault], fault: Fault
) -> None:
    faults.append(fault)
    take(conference)
    assert left(conference) == 19


def test_a_lost_reply_of_a_plain_update_would_count_twice(conference: Conference) -> None:
    """What the token is for: without one, sending again takes a second seat."""
    seat = SeatItem(counter_key(conference.conference_id, 1, 0))
    for _ in range(2):
        seat.update(actions=[SeatItem.left.add(-1)])
    assert left(conference) == 18


def test_throttled_after_a_lost_reply_is_no_answer_either(
    conference: Conference, faults: list[Fault]
) -> None:
    """With a new token in between, the second attempt would take a second seat."""
    faults += [lost_reply, throttled]
    take(conference)
    assert left(conference) == 19


def test_many_faults_in_a_row(conference: Conference, faults: list[Fault]) -> None:
    faults += [conflict, lost_reply, throttled, never_sent, lost_reply]
    registration = cast.sign_up(conference, KIM)
    assert registration.state == State.CONFIRMED
    assert left(conference) == 19


def test_patience_ends(
    conference: Conference, faults: list[Fault], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "PATIENCE_SECONDS", 0.0)
    faults.append(conflict)
    with pytest.raises(Busy):
        take(conference)
    assert left(conference) == 20


def test_patience_is_one_for_all_counters(
    conference: Conference, faults: list[Fault], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is taken, and the visitor is told before they give up."""
    monkeypatch.setattr(tables, "PATIENCE_SECONDS", tables.ANSWER_SECONDS + 0.2)
    endless = [conflict] * 50
    faults += endless
    began = time.monotonic()
    with pytest.raises(Busy):
        cast.sign_up(conference, KIM)
    assert time.monotonic() - began < 0.5
    assert 1 < len(faults) < len(endless)
    faults.clear()
    assert left(conference) == 20
    assert records.of_address(KIM.email) == []


def test_processes_out_of_one_picture_wait_differently(
    conference: Conference, faults: list[Fault], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or they would meet again after each conflict."""
    waited: list[float] = []
    picture = random.getstate()
    monkeypatch.setattr(time, "sleep", waited.append)
    for _ in range(2):
        random.setstate(picture)
        faults.append(conflict)
        take(conference)
    assert waited[0] != waited[1]


@pytest.mark.parametrize("code", ["TransactionConflictException", "ThrottlingException"])
def test_a_plain_update_waits_for_the_transaction_that_has_the_item(
    conference: Conference, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """DynamoDB refuses it then, and the SDK does not try again by itself."""
    coming = [UpdateError("", _client_error(code))] * 2
    real = Connection.update_item

    def faulty(self: Connection, *args: Any, **kwargs: Any) -> Any:
        if coming:
            raise coming.pop()
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Connection, "update_item", faulty)
    seat = SeatItem(counter_key(conference.conference_id, 1, 0))
    tables.change(seat, SeatItem.left > 0, [SeatItem.left.add(-1)])
    assert (left(conference), coming) == (19, [])


def test_what_the_role_may_not_do_is_no_full_house(
    conference: Conference, faults: list[Fault]
) -> None:
    faults.append(forbidden)
    with pytest.raises(TransactWriteError):
        take(conference)
