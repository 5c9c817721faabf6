"""Events that failed for good, given to their handlers once more."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from app import config
from app.aws import queues
from app.aws.queues import Letter
from app.core.messages import Message
from app.entrypoints import sns, uploads
from app.entrypoints.context import kind_of

Event = dict[str, Any]


class Replayed(NamedTuple):
    """How many were handled after all; and why others were not, a sentence for each."""

    handled: int
    refused: list[str]


def waiting() -> dict[str, int]:
    """About how many lie in each queue."""
    return {name: queues.depth(name) for name in config.settings.dead_letter_queues}


def replay() -> Replayed:
    """Handle everything that lies there once more; what fails again stays."""
    letters = (one for name in config.settings.dead_letter_queues for one in queues.take(name))
    refused = [_again(letter) for letter in letters]
    return Replayed(refused.count(None), [sentence for sentence in refused if sentence])


def _again(letter: Letter) -> str | None:
    """None, or why it stays; each has its turn, whatever befell the one before."""
    try:
        _dispatch(event_in(letter.body))
    except Exception as failure:  # noqa: BLE001  nothing is swallowed: it is told, and stays
        return f"{_name(letter)} was refused again ({kind_of(failure)}), and stays."
    queues.remove(letter)
    return None


def _name(letter: Letter) -> str:
    """What it is about, without what may be personal."""
    try:
        event = event_in(letter.body)
        record = (event.get("Records") or [{}])[0]
        return Message.from_json(record["Sns"]["Message"]).type if "Sns" in record else "A file"
    except (ValueError, LookupError, TypeError, AttributeError):
        return "What is no event"


def event_in(body: str) -> Event:
    """The event that a handler gets, out of what lies in a queue: Lambda puts the bare event
    there (AWS Lambda developer guide, asynchronous invocation), its destinations and the emulator
    an envelope with `requestPayload`, and SNS the notification that it could not deliver."""
    content: Event = json.loads(body)
    if "requestPayload" in content:
        return dict(content["requestPayload"])
    if content.get("Type") == "Notification":
        return {"Records": [{"EventSource": "aws:sns", "Sns": content}]}
    return content


def _dispatch(event: Event) -> None:
    """A schedule that failed is not run again: the next run does the same."""
    records = event.get("Records") or [{}]
    if "Sns" in records[0]:
        sns.handle(event, None)
    elif "s3" in records[0]:
        uploads.handle(event, None)
