"""`make logs STAGE=dev SINCE=10m`: what the deployed function wrote, oldest first; with FOLLOW=1
also what it writes from now on, until Ctrl-C.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from deploy import refusals, stages
from deploy.live import Live
from deploy.progress import say

UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
FOLLOW_SECONDS = 2.0
# CloudWatch may show a line later than another that was written after it.
LATE_MS = 30_000
# Of Lambda's own lines, what says nothing: REPORT has the id, and what a run took.
SILENT = ("START ", "END ", "INIT_START ")
SHOWN = ("time", "level", "logger", "request_id", "message")  # of ours, in the line's own places

Event = dict[str, Any]


class NoLogs(Exception):
    """The logs cannot be shown; the message says why and what to do next."""


REFUSALS = (NoLogs, stages.NoSuchStage)


def show(stage: str, since: str, *, follow: bool) -> None:
    """Print what was written in a time such as "10m", and what is written from now on if it shall
    be followed. Raises NoLogs, NoSuchStage."""
    live = Live(stage)
    begin = int((time.time() - seconds(since)) * 1000)
    with refusals.told_as(NoLogs):
        for event in _followed(live, begin) if follow else _events(live, begin):
            if not event["message"].startswith(SILENT):
                say(readable(event))


def seconds(since: str) -> int:
    """How long a time is that is written like 90s, 10m, 2h or 3d; raises NoLogs."""
    written = re.fullmatch(r"(\d{1,6})([smhd])", since)
    if not written:
        raise NoLogs(f"SINCE is {since!r}: write it as 90s, 10m, 2h or 3d.")
    return int(written[1]) * UNITS[written[2]]


def readable(event: Event) -> str:
    """One line of the log for people: ours are JSON, Lambda's are not."""
    text = event["message"].rstrip()
    with contextlib.suppress(ValueError):
        line = json.loads(text)
        if isinstance(line, dict):
            return f"{_moment(event)} {_told(line)}"
    return f"{_moment(event)} {text}"


def _told(line: dict[str, Any]) -> str:
    if "_aws" in line:  # a metric
        return " ".join(["metric", *_fields(line, ("_aws", "Stage"))])
    known = [str(line.get(key, "-")) for key in ("level", "request_id", "logger")]
    return " ".join([*known, str(line.get("message", "")), *_fields(line, SHOWN)])


def _fields(line: dict[str, Any], shown: tuple[str, ...]) -> list[str]:
    return [f"{key}={line[key]}" for key in line if key not in shown]


def _moment(event: Event) -> str:
    moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{event['timestamp'] % 1000:03}Z"


def _events(live: Live, begin: int) -> Iterator[Event]:
    """What was written since a moment (ms UTC), in its order."""
    logs, group = live.aws.client("logs"), f"/aws/lambda/{live.name}"
    try:
        for page in logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=begin
        ):
            yield from page["events"]
    except logs.exceptions.ResourceNotFoundException:
        raise NoLogs(
            f"There is no log group {group}: run `make deploy STAGE={live.stage}`."
        ) from None


def _followed(live: Live, begin: int) -> Iterator[Event]:
    """The same, and then what is new, for ever: CloudWatch gives no sign."""
    seen: dict[str, int] = {}
    while True:
        for event in _events(live, begin):
            if event["eventId"] not in seen:
                seen[event["eventId"]] = event["timestamp"]
                yield event
        begin = max([begin, *(moment - LATE_MS for moment in seen.values())])
        seen = {key: moment for key, moment in seen.items() if moment >= begin}
        time.sleep(FOLLOW_SECONDS)


def main() -> None:
    """Show the logs of the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m deploy.logs", description=__doc__)
    parser.add_argument("stage")
    parser.add_argument("--since", default="10m")
    parser.add_argument("--follow", action="store_true")
    given = parser.parse_args()
    try:
        show(given.stage, given.since, follow=given.follow)
    except REFUSALS as error:
        raise SystemExit(str(error)) from None
    except (KeyboardInterrupt, BrokenPipeError):  # Ctrl-C, or `| head`: enough was seen
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
