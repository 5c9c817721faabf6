"""Events that failed for good, given to their handlers once more."""

from __future__ import annotations

import json
from typing import Any

from app import config
from app.aws import queues
from app.aws.queues import Letter
from app.entrypoints import sns, uploads
from app.entrypoints.sweep import Sweep

Event = dict[str, Any]


def waiting() -> dict[str, int]:
    """About how many lie in each queue."""
    return {name: queues.depth(name) for name in config.settings.dead_letter_queues}


def replay() -> int:
    """Handle everything that lies there once more; returns how many were. What fails again stays,
    and is raised after all the others had their turn."""
    sweep = Sweep()
    handled = sum(
        sweep.each(_again, queues.take(name)) for name in config.settings.dead_letter_queues
    )
    sweep.raise_failures()
    return handled


def _again(letter: Letter) -> int:
    _dispatch(event_in(letter.body))
    queues.remove(letter)
    return 1


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
