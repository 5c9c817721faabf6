"""kill -9 of the serving processes in the middle of a rush: nobody is lost, nobody there twice."""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlencode

import pytest

from app import config
from app.aws import parameters, sent
from app.aws.clients import client
from app.config import Settings
from app.core import cache, clock
from app.local import cloud
from app.local.provision import queue_name
from app.registrations import records
from app.registrations.rules import State
from tests import cast, holds
from tests.local.conftest import SpeakTo, Until, settings, speak_to, until
from tests.local.test_server import GUNICORN, Server, Start, start

__all__ = ["settings", "speak_to", "start", "until"]  # fixtures

SEATS, PEOPLE, AT_A_TIME = 20, 40, 8
KILLINGS = (8, 16, 24)  # after so many answers
PATIENCE = 50  # how often one presses again


class Rush:
    """Many people in their browsers, and what each was told."""

    def __init__(self, server: Server, slug: str) -> None:
        self.links: dict[int, str] = {}
        self.broken = 0
        self._server, self._slug = server, slug
        self._answered = threading.Condition()

    def run(self) -> None:
        """Everybody signs up, some at a time."""
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            list(pool.map(self._sign_up, range(PEOPLE)))

    def wait_for(self, answers: int) -> None:
        """Return when so many were answered."""
        with self._answered:
            assert self._answered.wait_for(lambda: len(self.links) >= answers, timeout=60)

    def _sign_up(self, number: int) -> None:
        """Press until there is an answer: the same form, after a broken connection too."""
        body = urlencode(cast.form(cast.person(number), submission=secrets.token_urlsafe(16)))
        for _ in range(PATIENCE):
            try:
                location = self._press(body)
            except (OSError, http.client.HTTPException):
                self.broken += 1
                continue
            if location:
                with self._answered:
                    self.links[number] = location.rpartition("/passes/")[2].partition("?")[0]
                    self._answered.notify_all()
                return
        raise AssertionError("no answer")

    def _press(self, body: str) -> str | None:
        host = f"127.0.0.1:{self._server.port}"
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://{host}",
        }
        with closing(http.client.HTTPConnection(host, timeout=20)) as connection:
            connection.request("POST", f"/c/{self._slug}/register", body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.getheader("Location") if answer.status == 303 else None


def kill(server: Server, until: Until) -> None:
    """Kill the two serving processes and the worker, and wait until there are others."""
    working = forked(server)
    assert len(working) == 3
    for pid in working:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(forked(server) - working) == 3, "other processes")


def forked(server: Server) -> set[int]:
    """All that came from gunicorn's own process but the cloud."""
    return server.processes_of("gunicorn") - {server.process.pid}


@pytest.fixture
def server(start: Start, settings: Settings, speak_to: SpeakTo) -> Iterator[Server]:
    """A running server, whose cloud is this process's too."""
    server = start(GUNICORN)
    running = cloud.attach(settings)
    assert running
    speak_to(running.endpoint, settings)
    forget()
    yield server
    running.stop()
    clock.set_source(None)
    forget()


def messages_left() -> int:
    """How many wait for the worker, or are with it."""
    queue = client("sqs").get_queue_url(QueueName=queue_name(config.settings))["QueueUrl"]
    kinds = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=kinds)
    return sum(map(int, found["Attributes"].values()))


def forget() -> None:
    """What this process knows of another cloud."""
    parameters.secret.cache_clear()
    cache.clear_all()


def test_killed_in_the_middle_of_a_rush(server: Server, until: Until) -> None:
    conference = cast.make_conference(
        slug="rush", ticket_types=(cast.ticket_type("일반", "Full pass", SEATS),)
    )
    rush = Rush(server, conference.slug)
    thread = threading.Thread(target=rush.run)
    thread.start()
    for answers in KILLINGS:
        rush.wait_for(answers)
        kill(server, until)
    thread.join()

    assert rush.broken > 0
    # The worker's clock is another than that of whoever settles: it would lose its claims.
    until(lambda: messages_left() == 0, "the worker has nothing to do", seconds=120)
    holds.settle()
    assert holds.broken(conference) == []
    assert holds.unsettled(conference) == []
    people = holds.registrations(conference)
    assert len(people) == len(rush.links) == PEOPLE
    for number, secret in rush.links.items():
        assert records.by_secret(secret).email == cast.person(number).email
    states = Counter(one.state for one in people)
    assert states == {State.CONFIRMED: SEATS, State.WAITING: PEOPLE - SEATS}
    addresses = {one.email for one in people}
    mails = Counter(mail.to for mail in sent.messages() if mail.to in addresses)
    assert set(mails) == addresses
    assert mails.total() - len(mails) <= len(KILLINGS)  # killed between SES and our note
