"""People sign up, change and cancel while the cloud fails them; nothing is lost, nothing twice."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask

from app import config
from app.aws import sent
from app.aws.clients import client
from app.conferences.rules import Conference
from app.core import cache
from app.local import provision
from app.local.worker import Timer, Worker, entry_point
from app.registrations import links, records
from app.registrations.rules import State
from tests import cast, holds
from tests.faults import faults
from tests.faults.faults import S3, SES, SNS, Rule
from tests.faults.injector import Injector
from tests.faults.people import Visitor, at_once

SEATS, PEOPLE, CANCEL, CHANGE = 12, 24, 8, 4
LONGEST = 6.0  # seconds

BAD_DAYS: dict[str, list[Rule]] = {
    "throttles": faults.throttled(0.2),
    "conflicts": faults.conflicting(0.3),
    "replies lost": [faults.reply_lost(0.15), faults.reply_lost(0.3, SES)],
    "SNS and S3 fail": [*[faults.failing(one, 0.4) for one in (SNS, S3, SES)]],
    "slow answers": [faults.slow(0.2), faults.slow(0.2, S3), faults.slow(0.2, SES)],
    "all of it": [
        *faults.throttled(0.07),
        *faults.conflicting(0.1),
        faults.reply_lost(0.05),
        faults.slow(0.1),
        *[faults.failing(one, 0.15) for one in (SNS, S3, SES)],
        *[faults.reply_lost(0.15, one) for one in (SNS, S3, SES)],
    ],
}


@contextlib.contextmanager
def reactions() -> Iterator[None]:
    """What Lambda does meanwhile: messages as they come, and the schedule every second."""
    worker = Worker(config.settings, entry_point, [Timer("every_five_minutes", 1)], retry_seconds=0)
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            worker.turn()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("day", BAD_DAYS)
def test_a_bad_day(
    app: Flask, injector: Injector, day: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A read that is throttled four times in a row is a page that says so, as it is for people.
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    conference = cast.make_conference(ticket_types=(cast.ticket_type("일반", "Full pass", SEATS),))
    everybody = [Visitor(app, number) for number in range(PEOPLE)]
    leave, rename, move = (
        everybody[:CANCEL],
        everybody[CANCEL : CANCEL + CHANGE],
        everybody[CANCEL + CHANGE : CANCEL + 2 * CHANGE],
    )
    links.hashed_address("")  # the secrets are there before
    with reactions():
        injector.inject(*BAD_DAYS[day])
        at_once(everybody, lambda one: one.sign_up(conference.slug))
        at_once(leave, Visitor.cancel)
        at_once(rename, Visitor.rename)
        at_once(move, Visitor.move)
        until_heard()
        injector.stop()
    assert injector.injected().total() > 10

    cache.clear_all()
    holds.settle()

    assert holds.broken(conference) == []
    assert holds.unsettled(conference) == []
    everybody_stands_as_told(conference, everybody, leave)
    every_mail_was_sent(everybody, rename, injector.replies_lost(SES))


def until_heard() -> None:
    """Wait until most messages have been reacted to, the faults going on; those that fail come
    again and again, so not for ever."""
    sqs, name = client("sqs"), provision.queue_name(config.settings)
    queue, until = sqs.get_queue_url(QueueName=name)["QueueUrl"], time.monotonic() + LONGEST
    waiting = "ApproximateNumberOfMessages"
    while time.monotonic() < until:
        about = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[waiting])
        if about["Attributes"][waiting] == "0":
            return
        time.sleep(0.1)  # a queue tells of its end to nobody


def everybody_stands_as_told(
    conference: Conference, everybody: list[Visitor], left: list[Visitor]
) -> None:
    people = {int(one.registration_id): one for one in holds.registrations(conference)}
    assert len(people) == len(everybody)
    for visitor in everybody:
        kept = records.by_secret(visitor.secret)
        assert (kept.name, kept.email) == (visitor.person.name, visitor.person.email)
        assert (kept.state == State.CANCELLED) == (visitor in left)
    states = Counter(one.state for one in people.values())
    assert states == {
        State.CONFIRMED: SEATS,
        State.WAITING: PEOPLE - SEATS - CANCEL,
        State.CANCELLED: CANCEL,
    }


def every_mail_was_sent(
    everybody: list[Visitor], renamed: list[Visitor], replies_lost: int
) -> None:
    """At least one to each; a second copy only where a reply was lost."""
    copies = Counter((mail.to, mail.subject, mail.text) for mail in sent.messages())
    assert {one.person.email for one in everybody} <= {to for to, _, _ in copies}
    again = copies - Counter(set(copies))
    # Who took another name while the first was on its way is told of the place once more.
    meant = {to for to, _, _ in again} & {one.person.email for one in renamed}
    assert again.total() - len(meant) <= replies_lost
