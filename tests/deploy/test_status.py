"""`make status`: what stands, what is missing and what to do then; and how it ends."""

from __future__ import annotations

import sys
from collections.abc import Callable

import boto3
import pytest

from app.local import cloud as local_cloud
from deploy import base, edge, stacks, stages, status
from deploy.live import Live
from deploy.status import CannotTell
from tests.deploy import standing
from tests.deploy.standing import ACCOUNT, UPLOADS

HOURLY = "lanyard-dev-app.entrypoints.schedule.every_hour"
SERVICES = standing.SERVICES


@pytest.fixture
def empty(account: local_cloud.EphemeralCloud, monkeypatch: pytest.MonkeyPatch) -> Live:
    """The stage in an account that has nothing of it."""
    standing.enter(account, monkeypatch)
    monkeypatch.setattr(stacks, "POLL_SECONDS", 0)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember other credentials
    return Live("dev")


@pytest.fixture
def live(empty: Live) -> Live:
    """The stage, deployed."""
    base.prepare("dev")
    standing.deploy(empty)
    edge.tell(empty, PUBLIC_URL="https://garam.example.com")
    return empty


def told() -> str:
    return "\n".join(map(str, status.look("dev")))


def missing() -> list[str]:
    """The lines of what is not as it should be."""
    return [str(part) for part in status.look("dev") if not part.whole]


def test_a_stage_that_stands_is_whole(live: Live) -> None:
    assert missing() == []
    said = told()
    for fact in (
        *("lanyard-dev-base", "lanyard-dev-edge", "lanyard-dev, version 1, changed 20"),
        *("https://garam.example.com/", f"{live.api_address()}/", "s3-website"),
        *("messages of lanyard-dev-messages", f"uploads to {UPLOADS}/uploads/"),
        *("rate(5 minutes), app.", "rate(1 hour), app.", "0 in lanyard-dev-dead", "none is on"),
        "Mail: ",
    ):
        assert fact in said


def test_of_nothing_each_part_is_missed_with_the_next_step(empty: Live) -> None:
    found = missing()
    assert [line.split()[0] for line in found] == ["base", "function", "API", "edge"]
    assert all("make deploy STAGE=dev" in line for line in found)


def unsubscribe(aws: boto3.Session) -> None:
    sns = aws.client("sns")
    for one in sns.list_subscriptions()["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])


def rest(aws: boto3.Session) -> None:
    aws.client("events").disable_rule(Name=HOURLY)


@pytest.mark.parametrize(
    ("done", "missed"),
    [
        (unsubscribe, "no message does"),
        (rest, "rate(1 hour) does not run"),
        (lambda aws: standing.tell_of(aws, ""), "no upload"),
        (lambda aws: edge.tell(Live("dev"), PUBLIC_URL=""), "does not know its own"),
        (lambda aws: stacks.delete(aws.client("cloudformation"), "lanyard-dev-edge"), "no stack"),
        (lambda aws: stacks.delete(aws.client("cloudformation"), "lanyard-dev"), "no API"),
    ],
)
def test_one_part_that_is_missing_is_told_alone(
    live: Live, done: Callable[[boto3.Session], None], missed: str
) -> None:
    done(live.aws)
    (line,) = missing()
    assert missed in line
    assert "make deploy STAGE=dev" in line


def test_a_stack_under_way_is_waited_for(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "status", lambda *_: "UPDATE_IN_PROGRESS")
    assert "look again" in missing()[0]


def test_another_checkout_tells_the_same(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its settings have the number of another account."""
    known = stages.find("dev")
    for event in known["events"]:
        if "event_source" in event:
            source = event["event_source"]
            source["arn"] = source["arn"].replace(ACCOUNT, "111122223333")
    monkeypatch.setattr(stages, "find", lambda _: known)
    assert missing() == []


def test_what_waits_for_somebody_is_told_but_the_stage_is_whole(live: Live) -> None:
    sqs, cloudwatch = live.aws.client("sqs"), live.aws.client("cloudwatch")
    queue = sqs.get_queue_url(QueueName="lanyard-dev-dead")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="{}")
    cloudwatch.set_alarm_state(
        AlarmName="lanyard-dev-throttles", StateValue="ALARM", StateReason="too many"
    )
    said = told()
    assert 'make invoke STAGE=dev DO="dead-letters replay"' in said
    assert "lanyard-dev-throttles since 20" in said
    assert "more at once than the account allows" in said
    assert missing() == []


@pytest.mark.parametrize(("whole", "code"), [(True, 0), (False, 1)])
def test_it_ends_by_whether_the_stage_is_whole(
    monkeypatch: pytest.MonkeyPatch, whole: bool, code: int
) -> None:
    monkeypatch.setattr(status, "look", lambda _: [status.Part("API", "there", whole=whole)])
    monkeypatch.setattr(sys, "argv", ["status", "dev"])
    with pytest.raises(SystemExit) as ended:
        status.main()
    assert ended.value.code == code


def test_without_credentials_the_next_step_is_told(
    empty: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(CannotTell, match="aws configure"):
        status.look("dev")
