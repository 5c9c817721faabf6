"""The stacks in the emulated AWS, and the app on what they make."""

from __future__ import annotations

import importlib
from typing import Any

from app import config
from app.aws.clients import client
from app.aws.tables import Record
from app.local import provision
from app.registrations.rules import State
from tests import cast
from tests.infra import tables, template
from tests.infra.conftest import STAGE, Stacks

SENDER = config.Settings.mail_sender


def base(stacks: Stacks, **given: str) -> dict[str, str]:
    return stacks.create("base", Stage=STAGE, MailSender=SENDER, **given)


def described(table: str) -> dict[str, Any]:
    """A table as DynamoDB describes it: what matters to whoever uses it."""
    found = client("dynamodb").describe_table(TableName=table)["Table"]
    indexes = found.get("GlobalSecondaryIndexes", [])
    return {
        "key": found["KeySchema"],
        "types": {
            one["AttributeName"]: one["AttributeType"] for one in found["AttributeDefinitions"]
        },
        "indexes": {
            one["IndexName"]: (one["KeySchema"], _in_order(one["Projection"])) for one in indexes
        },
        "billing": found["BillingModeSummary"]["BillingMode"],
    }


def _in_order(projection: dict[str, Any]) -> dict[str, Any]:
    return {key: sorted(one) if isinstance(one, list) else one for key, one in projection.items()}


def test_the_tables_are_those_that_the_models_describe(stacks: Stacks) -> None:
    base(stacks)
    for module in provision.MODELS:
        importlib.import_module(module)
    by_stack = {record.kind: described(record.Meta.table_name) for record in Record.kinds}
    made = set(client("dynamodb").list_tables()["TableNames"])
    assert made == {record.Meta.table_name for record in Record.kinds}
    for record in Record.kinds:
        record.Meta.table_name += "-model"
        record.create_table()
        assert (record.kind, described(record.Meta.table_name)) == (
            record.kind,
            by_stack[record.kind],
        )


def test_expiry_is_the_models_too() -> None:
    declared = {
        one["TableName"]: one.get("TimeToLiveSpecification") for one in tables.declared("local")
    }
    expiring = {name for name, expiry in declared.items() if expiry}
    assert expiring == {
        f"lanyard-local-{record.kind}"
        for record in Record.kinds
        if provision.EXPIRY in record.get_attributes()
    }


def test_buckets_topic_and_queues_are_there(stacks: Stacks) -> None:
    outputs = base(stacks)
    settings, s3 = config.settings, client("s3")
    buckets = {one["Name"] for one in s3.list_buckets()["Buckets"]}
    assert buckets == {
        settings.derived_bucket,
        settings.uploads_bucket,
        settings.site_bucket,
        outputs["CodeBucketName"],
    }
    versions = {one: s3.get_bucket_versioning(Bucket=one).get("Status") for one in buckets}
    assert [one for one, status in versions.items() if status] == [settings.uploads_bucket]
    assert outputs["TopicArn"] == settings.topic_arn
    assert client("sns").get_topic_attributes(TopicArn=settings.topic_arn)
    for queue in ("DeadLettersUrl", "UndeliveredMessagesUrl"):
        assert client("sqs").get_queue_attributes(QueueUrl=outputs[queue])
    role = client("iam").get_role(RoleName=outputs["RoleName"])["Role"]
    assert role["Arn"] == outputs["RoleArn"]


def test_people_sign_up_on_what_the_stack_has_made(stacks: Stacks) -> None:
    base(stacks)
    conference = cast.make_conference()
    assert cast.sign_up(conference, cast.KIM).state == State.CONFIRMED
    assert cast.sign_up(conference, cast.LEE, type_id=2).state == State.CONFIRMED


def test_data_outlive_the_stack_and_can_be_destroyed(stacks: Stacks) -> None:
    base(stacks, Protection="no")
    stacks.delete("base")
    dynamodb = client("dynamodb")
    kept = dynamodb.list_tables()["TableNames"]
    assert set(kept) == {one["TableName"] for one in tables.declared(STAGE)}
    buckets = {one["Name"] for one in client("s3").list_buckets()["Buckets"]}
    assert buckets == {config.settings.uploads_bucket, config.settings.site_bucket}
    for table in kept:
        dynamodb.delete_table(TableName=table)
    assert dynamodb.list_tables()["TableNames"] == []


def test_what_stands_in_front_can_be_made(stacks: Stacks) -> None:
    base(stacks)
    outputs = stacks.create(
        "edge",
        Stage=STAGE,
        ApiId="abc123",
        ApiDomain="abc123.execute-api.ap-northeast-2.amazonaws.com",
        ApiPath=f"/{STAGE}",
        FrontSecret="a secret of the tests, of no use",
    )
    assert outputs["PublicUrl"] == f"https://{outputs['DistributionDomain']}"
    alarms = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert len(alarms) == len(template.edge().resources("AWS::CloudWatch::Alarm"))
    stacks.delete("edge")
    assert client("cloudwatch").describe_alarms()["MetricAlarms"] == []
