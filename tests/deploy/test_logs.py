"""`make logs`: lines for people, in their order, and none twice while they are followed."""

from __future__ import annotations

import json
import logging
import sys
import time
from itertools import islice
from typing import Any

import boto3
import pytest

from app.aws import metrics
from app.core.logs import JsonFormatter, request_id
from app.local import cloud as local_cloud
from deploy import logs
from deploy.live import Live
from deploy.logs import NoLogs
from tests.deploy import standing

SERVICES = (*local_cloud.SERVICES, "logs", "sts")
GROUP = "/aws/lambda/lanyard-dev"
NOW = 1_795_600_000_123  # ms UTC: 2026-11-25 09:46:40.123


@pytest.fixture
def cloudwatch(account: local_cloud.EphemeralCloud, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The account's logs, with the function's group."""
    standing.enter(account, monkeypatch)
    client = boto3.Session().client("logs")
    client.create_log_group(logGroupName=GROUP)
    for stream in ("a", "b"):
        client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    return client


def write(cloudwatch: Any, stream: str, *lines: tuple[int, str]) -> None:
    """Let an instance of the function write, each line so many ms ago."""
    now = int(time.time() * 1000)
    events = [{"timestamp": now - age, "message": text} for age, text in lines]
    cloudwatch.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What was printed, without the moments."""
    return [line.split(" ", 2)[2] for line in capsys.readouterr().out.splitlines()]


def test_lines_of_all_instances_come_in_their_order(
    cloudwatch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    write(cloudwatch, "a", (3_000, "first"), (1_000, "third"))
    write(cloudwatch, "b", (700_000, "too old"), (2_000, "second"))
    logs.show("dev", "10m", follow=False)
    assert shown(capsys) == ["first", "second", "third"]


def test_what_lambda_says_of_each_run_is_one_line(
    cloudwatch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    write(cloudwatch, "a", (3, "START RequestId: 1\n"), (2, "END RequestId: 1\n"),
          (1, "REPORT RequestId: 1 Duration: 2 ms\n"))  # fmt: skip
    logs.show("dev", "10m", follow=False)
    assert shown(capsys) == ["REPORT RequestId: 1 Duration: 2 ms"]


def test_our_lines_are_readable() -> None:
    record = logging.LogRecord("app.passes", logging.INFO, "", 1, "pass made", None, None)
    record.fields = {"registration_id": 7}
    token = request_id.set("id-1")
    text = JsonFormatter().format(record)
    request_id.reset(token)
    told = logs.readable({"timestamp": NOW, "message": f"{text}\n"})
    assert told == "2026-11-25 09:46:40.123Z INFO id-1 app.passes pass made registration_id=7"


def test_a_metric_is_readable() -> None:
    text = metrics.line(metrics.Metric.SIGN_UPS, 3)
    told = logs.readable({"timestamp": NOW, "message": text})
    assert told == "2026-11-25 09:46:40.123Z metric SignUps=3"


@pytest.mark.parametrize("text", ["Task timed out", "{broken", "7", '["a"]', ""])
def test_other_lines_stay_as_they_are(text: str) -> None:
    told = logs.readable({"timestamp": NOW, "message": f"{text}\n"})
    assert told.partition("Z ")[2] == text


def test_json_of_others_is_shown_whole() -> None:
    text = json.dumps({"errorType": "Runtime.ExitError"})
    told = logs.readable({"timestamp": NOW, "message": text})
    assert "errorType=Runtime.ExitError" in told


def test_following_shows_each_line_once(cloudwatch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a line that CloudWatch shows late."""
    write(cloudwatch, "a", (5_000, "first"))
    more = iter([("a", (1_000, "second")), ("b", (4_000, "late")), ("a", (500, "last"))])

    def writing(pause: float) -> None:
        stream, line = next(more)
        write(cloudwatch, stream, line)

    monkeypatch.setattr(time, "sleep", writing)
    followed = logs._followed(Live("dev"), int(time.time() * 1000) - 10_000)
    found = [event["message"] for event in islice(followed, 4)]
    assert found == ["first", "second", "late", "last"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, BrokenPipeError])
def test_following_ends_quietly(
    cloudwatch: Any, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    def stopping(pause: float) -> None:
        raise stop

    monkeypatch.setattr(time, "sleep", stopping)
    monkeypatch.setattr(sys, "argv", ["logs", "dev", "--follow"])
    with pytest.raises(SystemExit) as ended:
        logs.main()
    assert ended.value.code == 0


@pytest.mark.parametrize("since", ["", "10", "m", "1 h", "10w", "-3m"])
def test_a_time_that_is_none_is_told(cloudwatch: Any, since: str) -> None:
    with pytest.raises(NoLogs, match="10m"):
        logs.show("dev", since, follow=False)


def test_without_a_log_group_deploying_is_the_next_step(cloudwatch: Any) -> None:
    cloudwatch.delete_log_group(logGroupName=GROUP)
    with pytest.raises(NoLogs, match="make deploy STAGE=dev"):
        logs.show("dev", "10m", follow=False)
