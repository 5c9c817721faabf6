"""The worker: messages, uploads and schedules arrive as Lambda would get them, with retries."""

from __future__ import annotations

import json
import logging
import select
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from app.aws.clients import client
from app.config import Settings
from app.local import provision, worker
from tests.local.conftest import Until


@dataclass
class Handlers:
    """Takes the place of the entry points: remembers, and fails as often as it is told."""

    calls: list[tuple[str, worker.Event, worker.Context]] = field(default_factory=list)
    failures: int = 0

    def __call__(self, name: str) -> worker.Handler:
        def handle(event: worker.Event, context: worker.Context) -> None:
            self.calls.append((name, event, context))
            if self.failures:
                self.failures -= 1
                raise ValueError("홍길동 hong@example.com")

        return handle

    def messages(self) -> list[str]:
        return [
            event["Records"][0]["Sns"]["Message"] for name, event, _ in self.calls if name == "sns"
        ]


@pytest.fixture
def provisioned(in_memory: Settings) -> Settings:
    """A cloud in memory with everything that a deployment has."""
    provision.ensure(in_memory)
    return in_memory


@pytest.fixture(autouse=True)
def _short_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sends anything while these tests wait."""
    monkeypatch.setattr(worker, "LONGEST_WAIT_SECONDS", 0)


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
def working(provisioned: Settings, handlers: Handlers) -> worker.Worker:
    """A worker that repeats what failed at once."""
    return worker.Worker(provisioned, handlers, timers=[], retry_seconds=0)


def publish(settings: Settings, text: str) -> str:
    published = client("sns").publish(TopicArn=settings.topic_arn, Message=text)
    return str(published["MessageId"])


def test_a_message_arrives_as_lambda_gets_it(
    working: worker.Worker, handlers: Handlers, provisioned: Settings
) -> None:
    message_id = publish(provisioned, '{"type": "registration.confirmed", "data": {}}')
    working.turn()
    [(name, event, context)] = handlers.calls
    assert name == "sns"
    [record] = event["Records"]
    assert record["EventSource"] == "aws:sns"
    assert record["EventVersion"] == "1.0"
    assert record["EventSubscriptionArn"].startswith(provisioned.topic_arn + ":")
    assert set(record["Sns"]) == {
        "Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion",
        "Signature", "SigningCertUrl", "UnsubscribeUrl", "MessageAttributes",
    }  # fmt: skip
    assert record["Sns"]["MessageId"] == message_id
    assert json.loads(record["Sns"]["Message"])["type"] == "registration.confirmed"
    assert context.aws_request_id
    assert 0 < context.get_remaining_time_in_millis() <= 30_000


def test_several_messages_are_handled_and_are_gone(
    working: worker.Worker, handlers: Handlers, provisioned: Settings
) -> None:
    texts = {f"message {number}" for number in range(25)}
    for text in sorted(texts):
        publish(provisioned, text)
    for _ in range(3):
        working.turn()
    assert sorted(handlers.messages()) == sorted(texts)
    assert waiting(provisioned) == (0, 0)


def rests(busy: worker.Worker, settings: Settings, messages: int) -> int:
    """How often it rests when so many messages came."""
    taken: list[float] = []
    busy.turn()  # what S3 sends when it is set up is out of the way
    busy._stopping.wait = taken.append  # type: ignore[method-assign,assignment]
    for number in range(messages):
        publish(settings, str(number))
    busy.turn()
    return len(taken)


def test_visitors_go_first_in_a_rush(working: worker.Worker, provisioned: Settings) -> None:
    assert rests(working, provisioned, worker.BATCH) == 1


def test_nobody_rests_when_no_more_are_waiting(
    working: worker.Worker, provisioned: Settings
) -> None:
    assert rests(working, provisioned, worker.BATCH - 1) == 0


def test_nobody_rests_when_they_have_waited_long(
    working: worker.Worker, provisioned: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PATIENCE_SECONDS", 0.0)
    assert rests(working, provisioned, worker.BATCH) == 0


def test_messages_are_handled_side_by_side(provisioned: Settings) -> None:
    """One that takes long keeps nobody waiting: here each waits for the others."""
    all_there = threading.Barrier(worker.SIDE_BY_SIDE, timeout=20)
    meeting = worker.Worker(provisioned, lambda _: lambda *_: all_there.wait(), timers=[])
    for number in range(worker.SIDE_BY_SIDE):
        publish(provisioned, str(number))
    meeting.turn()
    assert waiting(provisioned) == (0, 0)


def waiting(settings: Settings, name: str = "") -> tuple[int, int]:
    """Messages that wait, and those that somebody has received."""
    queue = client("sqs").get_queue_url(QueueName=name or provision.queue_name(settings))
    counts = client("sqs").get_queue_attributes(
        QueueUrl=queue["QueueUrl"],
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )["Attributes"]
    return (
        int(counts["ApproximateNumberOfMessages"]),
        int(counts["ApproximateNumberOfMessagesNotVisible"]),
    )


def test_a_message_comes_again_when_its_handler_failed(
    working: worker.Worker, handlers: Handlers, provisioned: Settings
) -> None:
    handlers.failures = 1
    publish(provisioned, "again")
    working.turn()
    working.turn()
    assert handlers.messages() == ["again", "again"]
    assert waiting(provisioned) == (0, 0)


def test_a_failure_is_not_repeated_before_its_time(
    provisioned: Settings, handlers: Handlers
) -> None:
    patient = worker.Worker(provisioned, handlers, timers=[], retry_seconds=60)
    handlers.failures = 1
    publish(provisioned, "later")
    patient.turn()
    assert waiting(provisioned) == (0, 1)


def test_what_fails_three_times_is_put_aside(
    working: worker.Worker, handlers: Handlers, provisioned: Settings, until: Until
) -> None:
    handlers.failures = 99
    publish(provisioned, "poison")
    publish(provisioned, "poison too")
    dead = provisioned.dead_letter_queues[0]

    def is_put_aside() -> bool:
        working.turn()
        return waiting(provisioned, dead)[0] == 2

    until(is_put_aside, "the dead letters")
    assert len(handlers.calls) == 6


def test_a_failure_is_logged_without_what_it_says(
    working: worker.Worker,
    handlers: Handlers,
    provisioned: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    handlers.failures = 1
    publish(provisioned, "secret")
    with caplog.at_level(logging.DEBUG, logger="app"):
        working.turn()
    assert "sns failed: ValueError in handle (" in caplog.text
    for secret in ("홍길동", "hong@example.com", "secret"):
        assert secret not in caplog.text


def test_an_upload_arrives_under_its_prefix_only(
    working: worker.Worker, handlers: Handlers, provisioned: Settings
) -> None:
    for key in ("results/list.csv", "uploads/참가자 list+1.csv"):
        client("s3").put_object(Bucket=provisioned.uploads_bucket, Key=key, Body=b"x")
    working.turn()
    working.turn()
    [(name, event, _)] = handlers.calls
    assert name == "uploads"
    [record] = event["Records"]
    assert record["eventSource"] == "aws:s3"
    assert record["s3"]["bucket"]["name"] == provisioned.uploads_bucket
    # keys are encoded as in a form
    assert record["s3"]["object"]["key"] == "uploads/%EC%B0%B8%EA%B0%80%EC%9E%90+list%2B1.csv"


def test_schedules_come_by_the_clock(provisioned: Settings, handlers: Handlers) -> None:
    timers = [worker.Timer("every_five_minutes", 0), worker.Timer("every_hour", 3600)]
    by_clock = worker.Worker(provisioned, handlers, timers)
    by_clock.turn()
    by_clock.turn()
    names = [name for name, _, _ in handlers.calls]
    assert names == ["every_five_minutes", "every_hour", "every_five_minutes"]
    event = handlers.calls[0][1]
    assert event["source"] == "aws.events"
    assert event["detail-type"] == "Scheduled Event"
    assert event["resources"][0].endswith(":rule/lanyard-local-every_five_minutes")


def test_an_outage_ends_with_the_next_attempt(
    working: worker.Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[int] = []

    def turn() -> None:
        turns.append(len(turns))
        if len(turns) == 1:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
        working.stop()

    monkeypatch.setattr(working, "turn", turn)
    monkeypatch.setattr(worker, "OUTAGE_SECONDS", 0)
    working.run()
    assert turns == [0, 1]


def test_a_stopped_worker_leaves_the_rest_in_the_queue(
    provisioned: Settings, handlers: Handlers
) -> None:
    stopping: list[worker.Worker] = []

    def stop_after_the_first(name: str) -> worker.Handler:
        stopping[0].stop()
        return handlers(name)

    stopping.append(worker.Worker(provisioned, stop_after_the_first, timers=[]))
    for number in range(worker.BATCH):
        publish(provisioned, str(number))
    stopping[0].run()
    begun = len(handlers.calls)
    assert 1 <= begun <= worker.SIDE_BY_SIDE
    assert sum(waiting(provisioned)) == worker.BATCH - begun


def test_every_entry_point_but_those_to_come_exists() -> None:
    for name in sorted(set(worker.ENTRY_POINTS) - {"uploads"}):
        assert callable(worker.entry_point(name))


def test_provisioning_twice_changes_nothing(provisioned: Settings) -> None:
    publish(provisioned, "stays")
    before = inventory(provisioned)
    provision.ensure(provisioned)
    assert inventory(provisioned) == before
    assert waiting(provisioned)[0] == 2  # and the test event of the bucket


def inventory(settings: Settings) -> dict[str, Any]:
    return {
        "tables": client("dynamodb").list_tables()["TableNames"],
        "buckets": [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]],
        "queues": client("sqs").list_queues()["QueueUrls"],
        "subscription": provision.subscription_arn(settings),
        "identities": client("ses").list_identities()["Identities"],
    }


def test_rows_that_expire_are_declared(provisioned: Settings) -> None:
    described = client("dynamodb").describe_time_to_live(TableName=provisioned.table("access"))
    assert described["TimeToLiveDescription"]["AttributeName"] == "expires_at"


def test_two_deployments_do_not_meet(provisioned: Settings, handlers: Handlers) -> None:
    other = replace(provisioned, stage="other")
    assert provision.queue_name(other) != provision.queue_name(provisioned)
    assert other.topic_arn != provisioned.topic_arn


@pytest.mark.parametrize("module", ["app.local.ministack_run", "app.local.worker"])
def test_a_child_ends_although_its_last_word_was_never_read(module: str) -> None:
    """Then its end of the socket is reset, where otherwise it would just end."""
    function = "die_with_parent" if module.endswith("ministack_run") else "_die_with_parent"
    program = (
        f"import os, signal, sys; from {module} import {function} as die; "
        "lifeline = int(sys.argv[1]); die(lifeline); os.write(lifeline, b'.'); signal.pause()"
    )
    ours, theirs = socket.socketpair()
    with theirs:
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(theirs.fileno())], pass_fds=(theirs.fileno(),)
        )
    with ours:
        select.select([ours], [], [], 30)
    assert child.wait(30) == -signal.SIGTERM
