"""The faults come as AWS sends them, and are counted; so what is proved with them is proved."""

from __future__ import annotations

import contextlib
import http.client

import pytest
from botocore.exceptions import ClientError, HTTPClientError

from app import config
from app.aws.clients import client
from app.conferences.models import SeatItem, counter_key
from app.conferences.rules import Conference
from app.local.cloud import EphemeralCloud
from tests import cast
from tests.faults import faults
from tests.faults import injector as injectors
from tests.faults.injector import Injector

THROTTLED = ("ThrottlingException", "ProvisionedThroughputExceededException")


def left(conference: Conference) -> int:
    key = counter_key(conference.conference_id, 1, 0)
    return int(SeatItem.get(key, consistent_read=True).left)


def take(conference: Conference, token: str, writes: int = 2) -> None:
    """One seat, in a transaction that the SDK does not send again."""
    table, key = SeatItem.Meta.table_name, counter_key(conference.conference_id, 1, 0)
    update = {
        "TableName": table,
        "Key": {"seat": {"S": key}},
        "UpdateExpression": "ADD #l :n",
        "ExpressionAttributeNames": {"#l": "left"},
        "ExpressionAttributeValues": {":n": {"N": "-1"}},
    }
    check = {
        "TableName": table,
        "Key": {"seat": {"S": "nowhere"}},
        "ConditionExpression": "attribute_not_exists(seat)",
    }
    client("dynamodb").transact_write_items(
        TransactItems=[{"ConditionCheck": check}, {"Update": update}][-writes:],
        ClientRequestToken=token,
    )


def test_without_rules_nothing_is_changed(injector: Injector, conference: Conference) -> None:
    cast.sign_up(conference, cast.KIM)
    assert left(conference) == 19
    assert not injector.injected()


@pytest.mark.parametrize("writes", [1, 2])
def test_a_conflict_says_which_write_it_was(
    injector: Injector, conference: Conference, writes: int
) -> None:
    injector.inject(*faults.conflicting(1))
    with pytest.raises(ClientError) as refused:
        take(conference, "a", writes)
    answer = refused.value.response
    assert answer["Error"]["Code"] == "TransactionCanceledException"
    reasons = [reason["Code"] for reason in answer["CancellationReasons"]]
    assert reasons == ["None", "TransactionConflict"][-writes:]
    injector.stop()
    assert left(conference) == 20
    assert injector.injected().total() >= 1


def test_throttled_is_an_error_that_the_sdk_knows(
    injector: Injector, conference: Conference
) -> None:
    injector.inject(*faults.throttled(1))
    with pytest.raises(ClientError) as refused:
        take(conference, "a")
    assert refused.value.response["Error"]["Code"] in THROTTLED
    assert refused.value.response["ResponseMetadata"]["RetryAttempts"] == 3
    injector.stop()
    assert left(conference) == 20


def test_what_lost_its_reply_is_done(injector: Injector, conference: Conference) -> None:
    injector.inject(faults.reply_lost(1))
    with pytest.raises(HTTPClientError):
        take(conference, "a")
    injector.stop()
    assert left(conference) == 19  # sent four times, with one token
    assert injector.replies_lost(faults.DYNAMODB) == 4
    assert injector.replies_lost(faults.SES) == 0


@pytest.mark.parametrize("service", [faults.S3, faults.SNS, faults.SES])
def test_the_other_services_fail(injector: Injector, conference: Conference, service: str) -> None:
    injector.inject(faults.failing(service, 1))
    with pytest.raises(ClientError) as refused:
        ask(service)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    injector.stop()
    ask(service)


def ask(service: str) -> None:
    settings = config.settings
    if service == faults.S3:
        client("s3").put_object(Bucket=settings.derived_bucket, Key="x", Body=b"x")
    elif service == faults.SNS:
        client("sns").publish(TopicArn=settings.topic_arn, Message="{}")
    else:
        client("ses").send_raw_email(
            Source=settings.mail_sender,
            Destinations=["kim@example.com"],
            RawMessage={"Data": b"Subject: x\n\nx"},
        )


def test_a_seed_gives_the_same_faults_again(cloud: EphemeralCloud) -> None:
    """As long as the requests come in the same order."""

    def answers() -> list[int]:
        with injectors.running(cloud.endpoint.url, seed=7) as injector:
            injector.inject(*faults.throttled(0.5))
            return [knock(injector.url) for _ in range(30)]

    first = answers()
    assert set(first) == {http.HTTPStatus.BAD_REQUEST, http.HTTPStatus.FORBIDDEN}
    assert answers() == first


def knock(url: str) -> int:
    """A request to DynamoDB that the cloud itself turns away: it has no key."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=20)
    with contextlib.closing(connection):
        connection.request("POST", "/", "{}", {"X-Amz-Target": "DynamoDB_20120810.GetItem"})
        return connection.getresponse().status
