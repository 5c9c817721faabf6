"""infra/base.yaml, by its text: what no emulator would show."""

from __future__ import annotations

from typing import Any

import pytest

from app.aws.metrics import NAMESPACE, Metric
from app.conferences import uploads
from app.config import Settings
from deploy import stages
from tests.infra import template
from tests.infra.policies import many

BASE = template.base()
SETTINGS = Settings(stage="prod", account=template.ACCOUNT)
TABLES = BASE.resources("AWS::DynamoDB::Table")
BUCKETS = BASE.resources("AWS::S3::Bucket")
QUEUES = BASE.resources("AWS::SQS::Queue")
# Held by name: what is lost with them cannot be made again.
KEPT = {*TABLES, "UploadsBucket", "SiteBucket"}
EVERYTHING = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}


def statements(policy: str, worked: template.Worked = BASE) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = worked.properties(policy)["PolicyDocument"]["Statement"]
    return found


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_a_table_costs_by_use_and_is_kept_to_the_second(table: dict[str, Any]) -> None:
    properties = table["Properties"]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["DeletionProtectionEnabled"] is True
    recovery = properties["PointInTimeRecoverySpecification"]
    assert recovery == {"PointInTimeRecoveryEnabled": True}
    assert "SSESpecification" not in properties  # AWS's own key, which costs nothing


def test_only_what_has_an_expiry_expires() -> None:
    expiring = {
        name: table["Properties"]["TimeToLiveSpecification"]
        for name, table in TABLES.items()
        if "TimeToLiveSpecification" in table["Properties"]
    }
    assert expiring == {"AccessTable": {"AttributeName": "expires_at", "Enabled": True}}


def test_what_cannot_be_made_again_outlives_its_stack() -> None:
    stateful = TABLES | BUCKETS | QUEUES | BASE.resources("AWS::Logs::LogGroup")
    for name, resource in stateful.items():
        kept = name in KEPT
        # "Except on create": a creation that fails is undone, and can be tried again.
        assert resource["DeletionPolicy"] == ("RetainExceptOnCreate" if kept else "Delete")
        assert resource["UpdateReplacePolicy"] == ("Retain" if kept else "Delete")


def test_names_are_those_the_app_uses() -> None:
    buckets = {bucket["Properties"]["BucketName"] for bucket in BUCKETS.values()}
    used = {SETTINGS.derived_bucket, SETTINGS.uploads_bucket, SETTINGS.site_bucket}
    assert buckets == used | {SETTINGS.bucket("code")}
    topic = BASE.properties("Topic")["TopicName"]
    assert SETTINGS.topic_arn.endswith(f":{topic}")


def test_every_bucket_is_encrypted_and_knows_no_lists_of_access() -> None:
    for bucket in BUCKETS.values():
        properties = bucket["Properties"]
        [rule] = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        assert properties["OwnershipControls"]["Rules"] == [
            {"ObjectOwnership": "BucketOwnerEnforced"}
        ]
        rules = properties["LifecycleConfiguration"]["Rules"]
        assert {"DaysAfterInitiation": 1} in [
            one.get("AbortIncompleteMultipartUpload") for one in rules
        ]


@pytest.mark.parametrize("name", [name for name in BUCKETS if name != "SiteBucket"])
def test_a_private_bucket_is_private_and_speaks_tls_alone(name: str) -> None:
    properties = BUCKETS[name]["Properties"]
    assert properties["PublicAccessBlockConfiguration"] == EVERYTHING
    assert statements(f"{name}Policy") == [only_over_tls(properties)]


def only_over_tls(bucket: dict[str, Any]) -> dict[str, Any]:
    arn = f"arn:aws:s3:::{bucket['BucketName']}"
    return {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def test_the_site_is_read_by_everybody_and_listed_by_nobody() -> None:
    open_to_all = [one for one in statements("SiteBucketPolicy") if one["Principal"] == "*"]
    assert [many(one["Action"]) for one in open_to_all] == [["s3:GetObject"]]
    listing = [one for one in statements("SiteBucketPolicy") if one["Action"] == "s3:ListBucket"]
    assert [one["Principal"] for one in listing] == [{"Service": "cloudfront.amazonaws.com"}]
    website = BUCKETS["SiteBucket"]["Properties"]["WebsiteConfiguration"]
    assert website == {"IndexDocument": "index.html", "ErrorDocument": "error.html"}


def test_the_site_can_be_for_cloudfront_alone() -> None:
    hidden = template.base(PublicSite="no")
    assert hidden.properties("SiteBucket")["PublicAccessBlockConfiguration"] == EVERYTHING
    tls, *allowed = statements("SiteBucketPolicy", hidden)
    assert tls == only_over_tls(hidden.properties("SiteBucket"))
    for statement in allowed:
        assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        account = statement["Condition"]["StringEquals"]["aws:SourceAccount"]
        assert account == template.ACCOUNT


def test_uploads_are_versioned_and_go_after_a_time_and_nothing_else_is() -> None:
    versioned = [
        name for name, one in BUCKETS.items() if "VersioningConfiguration" in one["Properties"]
    ]
    assert versioned == ["UploadsBucket"]
    rules = BUCKETS["UploadsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    days = {one["Prefix"]: one["ExpirationInDays"] for one in rules if "Prefix" in one}
    assert days == {uploads.PREFIX: 30, uploads.RESULTS: 90}
    assert all("NoncurrentVersionExpiration" in one for one in rules if "Prefix" in one)
    assert any(one.get("ExpiredObjectDeleteMarker") for one in rules)


def test_zappa_alone_owns_the_events_of_the_uploads() -> None:
    assert "NotificationConfiguration" not in BUCKETS["UploadsBucket"]["Properties"]
    assert BASE.resources("AWS::SNS::Subscription") == {}
    assert BASE.resources("AWS::Events") == {}


def test_only_whom_this_account_lets_publishes() -> None:
    """The account as a principal leaves it to the policies of its own users and roles."""
    publishing, tls = statements("TopicPolicy")
    assert publishing["Principal"] == {"AWS": f"arn:aws:iam::{template.ACCOUNT}:root"}
    assert publishing["Action"] == "sns:Publish"
    assert tls["Effect"] == "Deny"
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_dead_letters_wait_as_long_as_they_can() -> None:
    names = {queue["Properties"]["QueueName"] for queue in QUEUES.values()}
    assert names == set(SETTINGS.dead_letter_queues)
    for name, queue in QUEUES.items():
        assert queue["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600
        assert queue["Properties"]["SqsManagedSseEnabled"] is True
        *allowed, tls = statements(f"{name}Policy")
        assert tls["Effect"] == "Deny"
        assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for one in allowed:
            assert one["Condition"] == {"ArnEquals": {"aws:SourceArn": SETTINGS.topic_arn}}


def test_logs_do_not_stay_for_ever() -> None:
    groups = BASE.resources("AWS::Logs::LogGroup").values()
    names = {group["Properties"]["LogGroupName"] for group in groups}
    assert names == {"/aws/lambda/lanyard-prod", "/aws/vendedlogs/lanyard-prod-api"}
    assert all(group["Properties"]["RetentionInDays"] == 30 for group in groups)


def test_mail_is_verified_by_the_stack_if_asked() -> None:
    assert BASE.resources("AWS::SES") == {}
    [identity] = template.base(MailIdentity="example.com").resources("AWS::SES").values()
    assert identity["Properties"] == {"EmailIdentity": "example.com"}


def test_nothing_costs_while_idle() -> None:
    kinds = {one["Type"] for one in BASE.resources().values()}
    assert kinds == {
        "AWS::DynamoDB::Table",
        "AWS::IAM::Role",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Topic",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
    }


def test_the_metrics_of_a_stage_are_few() -> None:
    filters = [*BASE.resources("AWS::Logs::MetricFilter"), *template.edge().resources("AWS::Logs")]
    assert len(Metric) + len(filters) <= 6
    alarms = template.edge().resources("AWS::CloudWatch::Alarm").values()
    own = {
        alarm["Properties"]["MetricName"]
        for alarm in alarms
        if alarm["Properties"]["Namespace"] == NAMESPACE
    }
    assert own == {Metric.MENDED}


def test_two_stages_share_no_name() -> None:
    def names(stage: str) -> set[str]:
        return {
            value
            for one in template.base(stage).resources().values()
            for key, value in one["Properties"].items()
            if key.endswith("Name")
        }

    assert len(names("prod")) == len(TABLES) + len(BUCKETS) + len(QUEUES) + 4
    assert not names("prod") & names("dev")


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_zappa_is_told_these_names(stage: str) -> None:
    worked, told = template.base(stage), stages.find(stage)
    arns = {one["event_source"]["arn"] for one in told["events"] if "event_source" in one}
    assert told["role_name"] == worked.properties("Role")["RoleName"]
    assert told["s3_bucket"] == worked.properties("CodeBucket")["BucketName"]
    assert told["dead_letter_arn"] == worked.attribute("DeadLetters", "Arn")
    assert arns == {worked.ref("Topic"), worked.attribute("UploadsBucket", "Arn")}
    assert worked.properties("FunctionLogs")["LogGroupName"] == (
        f"/aws/lambda/{told['project_name']}-{stage}"
    )
