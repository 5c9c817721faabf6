"""What starts the function: what is missing is told, what is left over goes."""

from __future__ import annotations

import json

import boto3
import pytest

from app.local import cloud as local_cloud
from deploy import sources, stages
from tests.deploy import standing
from tests.deploy.standing import (
    ACCOUNT,
    FUNCTION,
    REGION,
    TOPIC,
    UPLOADS,
    make_function,
    schedule,
    subscribe,
    tell_of,
)

UNDELIVERED = f"arn:aws:sqs:{REGION}:{ACCOUNT}:lanyard-dev-undelivered"
SERVICES = (*local_cloud.SERVICES, "lambda", "events", "iam", "sts")
STAGE = stages.find("dev")


@pytest.fixture
def aws(account: local_cloud.EphemeralCloud, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """The account with a function that everything starts, as after a deployment."""
    standing.enter(account, monkeypatch)
    session = boto3.Session()
    make_function(session.client("lambda"))
    session.client("sqs").create_queue(QueueName="lanyard-dev-undelivered")
    session.client("sns").create_topic(Name="lanyard-dev-messages")
    subscribe(session, FUNCTION)
    session.client("s3").create_bucket(
        Bucket=UPLOADS, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    tell_of(session, "uploads/")
    for event in STAGE["events"]:
        for expression in event.get("expressions", ()):
            schedule(session, f"lanyard-dev-{event['function']}", expression)
    return session


def allow(aws: boto3.Session, name: str, principal: str) -> None:
    aws.client("lambda").add_permission(
        FunctionName="lanyard-dev", StatementId=name, Action="lambda:InvokeFunction",
        Principal=principal,
    )  # fmt: skip


def settle(aws: boto3.Session) -> list[str]:
    return sources.settle(aws, STAGE, FUNCTION, UNDELIVERED)


def test_all_that_starts_it_is_listed(aws: boto3.Session) -> None:
    told = "\n".join(settle(aws))
    for each in ("lanyard-dev-messages", f"{UPLOADS}/uploads/", "rate(5 minutes)", "rate(1 hour)"):
        assert each in told


def test_one_subscription_stays_and_keeps_what_it_cannot_deliver(aws: boto3.Session) -> None:
    subscribe(aws, f"{FUNCTION}:7")
    subscribe(aws, f"{FUNCTION}-other")
    settle(aws)
    sns = aws.client("sns")
    ((to, own),) = sources.subscriptions(sns, TOPIC, FUNCTION).items()
    assert to == FUNCTION
    found = sns.get_subscription_attributes(SubscriptionArn=own)["Attributes"]
    assert json.loads(found["RedrivePolicy"]) == {"deadLetterTargetArn": UNDELIVERED}
    assert len(sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]) == 2


def test_a_topic_that_does_not_send_is_told(aws: boto3.Session) -> None:
    (own,) = sources.subscriptions(aws.client("sns"), TOPIC, FUNCTION).values()
    aws.client("sns").unsubscribe(SubscriptionArn=own)
    with pytest.raises(sources.SourceMissing, match="does not send"):
        settle(aws)


def test_uploads_of_another_prefix_are_told(aws: boto3.Session) -> None:
    """Of every prefix, results too would start the function."""
    tell_of(aws, "")
    with pytest.raises(sources.SourceMissing, match=UPLOADS):
        settle(aws)


def test_a_schedule_that_rests_is_told(aws: boto3.Session) -> None:
    name = "lanyard-dev-app.entrypoints.schedule.every_hour"
    schedule(aws, name, "rate(1 hour)", state="DISABLED")
    with pytest.raises(sources.SourceMissing, match="every_hour"):
        settle(aws)


def test_each_permission_stays_once(aws: boto3.Session) -> None:
    for name, principal in (("A", "s3"), ("B", "s3"), ("C", "sns"), ("D", "s3")):
        allow(aws, name, f"{principal}.amazonaws.com")
    assert "2 repeated" in settle(aws)[-1]
    kept = sources.permissions(aws.client("lambda"), FUNCTION)
    assert [statement["Sid"] for statement in kept] == ["A", "C"]
