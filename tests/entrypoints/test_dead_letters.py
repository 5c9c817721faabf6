"""Events that failed for good come back when an operator says so."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from app import config
from app.aws.clients import client
from app.conferences.rules import Conference
from app.core import messages
from app.entrypoints import dead_letters
from app.local import demo
from app.passes import service as passes
from app.registrations.models import Registration
from tests import cast
from tests.cast import KIM
from tests.entrypoints.test_sns import event
from tests.entrypoints.test_uploads import put

ENVELOPES = {
    "Lambda's bare event": lambda found: found,
    "the emulator's envelope": lambda found: {"requestContext": {}, "requestPayload": found},
    "SNS's notification": lambda found: found["Records"][0]["Sns"],
}


def lay(body: object) -> None:
    """Put an event where dead letters lie."""
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName=config.settings.dead_letter_queues[0])["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))


def left() -> int:
    return sum(dead_letters.waiting().values())


@pytest.fixture
def registration(app: Flask, conference: Conference) -> Registration:
    """Kim has signed up, and the message failed for good."""
    return cast.sign_up(conference, KIM)


@pytest.mark.parametrize("envelope", ENVELOPES.values(), ids=ENVELOPES.keys())
def test_a_dead_message_is_handled_after_all(
    app: Flask, registration: Registration, envelope: object
) -> None:
    number = int(registration.registration_id)
    found = event(messages.REGISTRATION_CONFIRMED, registration_id=number)
    lay(envelope(found) if callable(envelope) else found)
    assert left() == 1

    result = app.test_cli_runner().invoke(args=["dead-letters", "replay", "--json"])
    assert json.loads(result.stdout) == [{"handled": 1}]
    registration.refresh(consistent_read=True)
    assert passes.read_image(registration) is not None
    assert left() == 0


def test_a_dead_upload(app: Flask, conference: Conference) -> None:
    lay({"Records": [put("uploads/garam/logo/x.png", demo.LOGO.read_bytes())]})
    assert dead_letters.replay() == (1, [])


def test_a_dead_schedule_is_let_go(app: Flask, conference: Conference) -> None:
    lay({"source": "aws.events", "detail-type": "Scheduled Event"})
    assert dead_letters.replay() == (1, [])
    assert left() == 0


def test_what_fails_again_stays(
    app: Flask, registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = int(registration.registration_id)
    lay(event(messages.REGISTRATION_CONFIRMED, registration_id=number))

    def broken(*args: object) -> bytes:
        raise OSError

    monkeypatch.setattr(passes, "_draw", broken)
    lay({"source": "aws.events"})
    result = app.test_cli_runner().invoke(args=["dead-letters", "replay", "--json"])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert json.loads(result.stdout) == [{"handled": 1}]
    assert result.stderr == (
        "registration.confirmed was refused again (ExceptionGroup of OSError), and stays.\n"
    )
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName=config.settings.dead_letter_queues[0])["QueueUrl"]
    hidden = "ApproximateNumberOfMessagesNotVisible"
    kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[hidden])["Attributes"]
    assert kept[hidden] == "1"


@pytest.mark.parametrize("body", [[], {"Records": [{"Sns": {"Message": "{}"}}]}, "no event"])
def test_what_is_no_event_is_told_in_a_sentence(
    app: Flask, conference: Conference, body: object
) -> None:
    lay(body)
    handled, [sentence] = dead_letters.replay()
    assert handled == 0
    assert sentence.startswith("What is no event was refused again (")
