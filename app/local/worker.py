"""Stands in for Lambda on a laptop: brings messages, uploads and schedules to the entry points.

Messages come from the real SNS of the embedded cloud through a queue, so that they wait while
nobody listens and are repeated when a handler fails; the payload is rebuilt as Lambda gets it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import signal
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from app import config
from app.aws.clients import client
from app.config import Settings
from app.local import provision

log = logging.getLogger(__name__)

Event = Mapping[str, Any]
Handler = Callable[[Event, "Context"], object]

BATCH = 10
SIDE_BY_SIDE = 8  # messages, as Lambda too handles several
# A worker shares its computer with the visitors. In a rush it rests, after each batch, so many
# times as long as the batch took; but not once people have waited that long for it.
REST = 8.0
PATIENCE_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 5  # the client stops reading after 10
RETRY_SECONDS = 5
OUTAGE_SECONDS = 1.0
FIVE_MINUTES = 300.0
HOUR = 3600.0

# What brings work, and the function that Lambda calls for it.
ENTRY_POINTS = {
    "sns": "app.entrypoints.sns.handle",
    "uploads": "app.entrypoints.uploads.handle",
    "every_five_minutes": "app.entrypoints.schedule.every_five_minutes",
    "every_hour": "app.entrypoints.schedule.every_hour",
}


@dataclass(frozen=True)
class Context:
    """What Lambda passes beside the event."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "512"
    log_group_name: str = "local"
    log_stream_name: str = "local"
    deadline: float = field(default_factory=lambda: time.monotonic() + 30)

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda would end the function."""
        return max(0, round((self.deadline - time.monotonic()) * 1000))


def context_for(settings: Settings) -> Context:
    """A fresh context, as one invocation gets it."""
    name = f"lanyard-{settings.stage}"
    arn = f"arn:aws:lambda:{settings.region}:{settings.account}:function:{name}"
    return Context(name, arn)


def sns_event(notification: Event, subscription_arn: str) -> Event:
    """Lambda's SNS payload, from the body that SNS puts into a queue.

    Lambda spells two of the keys differently (AWS Lambda developer guide, "Using AWS Lambda with
    Amazon SNS"), and always has a subject and attributes.
    """
    message = {key: value for key, value in notification.items() if not key.endswith("URL")}
    message["SigningCertUrl"] = notification.get("SigningCertURL", "")
    message["UnsubscribeUrl"] = notification.get("UnsubscribeURL", "")
    message.setdefault("Subject", None)
    message.setdefault("MessageAttributes", {})
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription_arn,
        "Sns": message,
    }
    return {"Records": [record]}


def scheduled_event(settings: Settings, name: str) -> Event:
    """EventBridge's payload of a rule that runs by the clock."""
    rule = f"rule/lanyard-{settings.stage}-{name}"
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": settings.account,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": settings.region,
        "resources": [f"arn:aws:events:{settings.region}:{settings.account}:{rule}"],
        "detail": {},
    }


class Timer:
    """Something that is due every so many seconds, the first time at once."""

    def __init__(self, name: str, seconds: float) -> None:
        self.name = name
        self._seconds = seconds
        self.due = time.monotonic()

    def take(self) -> bool:
        """Whether it is due; then the next time is set."""
        now = time.monotonic()
        if now < self.due:
            return False
        self.due = now + self._seconds
        return True


class Worker:
    """One queue, some timers, and the handlers."""

    def __init__(
        self,
        settings: Settings,
        handler: Callable[[str], Handler],
        timers: list[Timer],
        retry_seconds: int = RETRY_SECONDS,
    ) -> None:
        self._settings = settings
        self._handler = handler
        self._timers = timers
        self._retry_seconds = retry_seconds
        self._sqs = client("sqs")
        self._queue = self._sqs.get_queue_url(QueueName=provision.queue_name(settings))["QueueUrl"]
        self._subscription = provision.subscription_arn(settings)
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE)
        self._stopping = threading.Event()
        self._idle = False

    def run(self) -> None:
        """Work until stopped. A cloud that does not answer is asked again a second later."""
        while not self._stopping.is_set():
            try:
                self.turn()
            except (BotoCoreError, ClientError) as error:
                log.warning("the cloud does not answer: %s", type(error).__name__)
                self._stopping.wait(OUTAGE_SECONDS)

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """End after the messages at hand; at once when there are none."""
        self._stopping.set()
        if self._idle:
            raise SystemExit

    def turn(self) -> None:
        """Do what is due by the clock, then wait for messages and handle them."""
        for timer in self._timers:
            if timer.take():
                self._call(timer.name, scheduled_event(self._settings, timer.name))
        messages = self._receive()
        began = time.monotonic()
        list(self._pool.map(self._process, messages))
        if _is_rush(messages):
            self._stopping.wait(REST * (time.monotonic() - began))

    def _receive(self) -> list[Event]:
        self._idle = True
        try:
            answer = self._sqs.receive_message(
                QueueUrl=self._queue,
                MaxNumberOfMessages=BATCH,
                WaitTimeSeconds=self._patience(),
                AttributeNames=["SentTimestamp"],
            )
        finally:
            self._idle = False
        messages: list[Event] = answer.get("Messages", [])
        return messages

    def _patience(self) -> int:
        """Whole seconds to wait for messages: no longer than until a timer is due."""
        nearest = min((timer.due for timer in self._timers), default=float("inf"))
        return round(max(0, min(LONGEST_WAIT_SECONDS, nearest - time.monotonic())))

    def _process(self, message: Event) -> None:
        """Handle one message: it is gone after success, and comes again after a failure.

        SQS counts the attempts and puts it aside after the third.
        """
        if self._stopping.is_set():
            return
        receipt = {"QueueUrl": self._queue, "ReceiptHandle": message["ReceiptHandle"]}
        if self._deliver(json.loads(message["Body"])):
            self._sqs.delete_message(**receipt)
        else:
            self._sqs.change_message_visibility(**receipt, VisibilityTimeout=self._retry_seconds)

    def _deliver(self, body: Event) -> bool:
        if body.get("Type") == "Notification":
            return self._call("sns", sns_event(body, self._subscription))
        if "Records" in body:
            return self._call("uploads", body)
        return True  # s3:TestEvent, which comes when the notification is set

    def _call(self, entry_point: str, event: Event) -> bool:
        try:
            self._handler(entry_point)(event, context_for(self._settings))
        except Exception as error:  # noqa: BLE001  as in Lambda a handler may fail in any way
            log.error("%s failed: %s", entry_point, describe(error))  # noqa: TRY400  see describe
            return False
        return True


def _is_rush(messages: Sequence[Event]) -> bool:
    """Whether there are more messages than these, and they have not waited for long."""
    sent = [int(message["Attributes"]["SentTimestamp"]) for message in messages]  # ms UTC
    return len(sent) == BATCH and time.time() - min(sent) / 1000 < PATIENCE_SECONDS


def describe(error: BaseException) -> str:
    """What failed and where, without the error's text: it may hold somebody's name."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in frames[::-1])
    return f"{type(error).__name__} in {places}"


def entry_point(name: str) -> Handler:
    """The function that Lambda would call, imported when first needed."""
    module, _, function = ENTRY_POINTS[name].rpartition(".")
    handler: Handler = getattr(importlib.import_module(module), function)
    return handler


def run(lifeline: int) -> None:
    """Work until SIGTERM, or until the process at the other end of the lifeline is gone."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    every = float(os.environ.get("LANYARD_SCHEDULE_SECONDS") or FIVE_MINUTES)
    timers = [Timer("every_five_minutes", every), Timer("every_hour", HOUR)]
    worker = Worker(config.settings, entry_point, timers)
    signal.signal(signal.SIGTERM, worker.stop)
    _die_with_parent(lifeline)
    os.write(lifeline, b"\n")
    worker.run()


def _die_with_parent(lifeline: int) -> None:
    def wait() -> None:
        # Reset, not ended, if our own byte was never read there.
        with contextlib.suppress(ConnectionResetError):
            while os.read(lifeline, 1):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


if __name__ == "__main__":
    run(int(sys.argv[1]))
