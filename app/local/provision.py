"""Creates in the embedded cloud what a deployment's templates create in AWS."""

from __future__ import annotations

import importlib
import json
from typing import Any

from botocore.exceptions import ClientError

from app.aws.clients import client
from app.aws.tables import Record
from app.config import Settings

# The modules that define records: importing them fills Record.kinds.
MODELS = ("app.aws.access", "app.conferences.models", "app.registrations.models")

EXPIRY = "expires_at"
UPLOADS_PREFIX = "uploads/"
VISIBILITY_SECONDS = 30
ATTEMPTS = 3


def queue_name(settings: Settings) -> str:
    """The queue between the topic, or the uploads, and the worker."""
    return f"lanyard-{settings.stage}-work"


def subscription_arn(settings: Settings) -> str:
    """The subscription of the worker's queue to the topic."""
    listed = client("sns").list_subscriptions_by_topic(TopicArn=settings.topic_arn)
    arns = {each["Endpoint"]: each["SubscriptionArn"] for each in listed["Subscriptions"]}
    return str(arns[_queue_arn(settings, queue_name(settings))])


def ensure(settings: Settings) -> None:
    """Create what is missing; what is there stays as it is."""
    _tables()
    _buckets(settings)
    _website(settings)
    _messages(settings)
    _uploads(settings)
    client("ses").verify_email_identity(EmailAddress=settings.mail_sender)


def _tables() -> None:
    for module in MODELS:
        importlib.import_module(module)
    dynamodb = client("dynamodb")
    present = set(dynamodb.list_tables()["TableNames"])
    for record in Record.kinds:
        if record.Meta.table_name not in present:
            record.create_table()
            _let_expire(dynamodb, record)


def _let_expire(dynamodb: Any, record: type[Record]) -> None:
    if EXPIRY in record.get_attributes():
        dynamodb.update_time_to_live(
            TableName=record.Meta.table_name,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": EXPIRY},
        )


def _buckets(settings: Settings) -> None:
    s3 = client("s3")
    present = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    wanted = (settings.derived_bucket, settings.uploads_bucket, settings.site_bucket)
    for bucket in set(wanted) - present:
        s3.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": settings.region}
        )


def _website(settings: Settings) -> None:
    """The site bucket answers as a website, with the documents that `flask site publish` makes."""
    client("s3").put_bucket_website(
        Bucket=settings.site_bucket,
        WebsiteConfiguration={
            "IndexDocument": {"Suffix": "index.html"},
            "ErrorDocument": {"Key": "error.html"},
        },
    )


def _messages(settings: Settings) -> None:
    """The topic, the worker's queue and the queue of what failed, and the way between them."""
    sns, sqs = client("sns"), client("sqs")
    sns.create_topic(Name=settings.topic_arn.rpartition(":")[2])
    name = queue_name(settings)
    dead, _ = settings.dead_letter_queues
    _queue(sqs, dead, {})
    policy = {"deadLetterTargetArn": _queue_arn(settings, dead), "maxReceiveCount": ATTEMPTS}
    _queue(
        sqs,
        name,
        {"VisibilityTimeout": str(VISIBILITY_SECONDS), "RedrivePolicy": json.dumps(policy)},
    )
    sns.subscribe(TopicArn=settings.topic_arn, Protocol="sqs", Endpoint=_queue_arn(settings, name))


def _queue(sqs: Any, name: str, attributes: dict[str, str]) -> None:
    try:
        sqs.get_queue_url(QueueName=name)
    except ClientError as error:
        if "NonExistentQueue" not in error.response["Error"]["Code"]:
            raise
        sqs.create_queue(QueueName=name, Attributes=attributes)


def _queue_arn(settings: Settings, name: str) -> str:
    return f"arn:aws:sqs:{settings.region}:{settings.account}:{name}"


def _uploads(settings: Settings) -> None:
    """An uploaded file reaches the same queue."""
    s3 = client("s3")
    current = s3.get_bucket_notification_configuration(Bucket=settings.uploads_bucket)
    if current.get("QueueConfigurations"):
        return
    s3.put_bucket_notification_configuration(
        Bucket=settings.uploads_bucket,
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "QueueArn": _queue_arn(settings, queue_name(settings)),
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {
                        "Key": {"FilterRules": [{"Name": "prefix", "Value": UPLOADS_PREFIX}]}
                    },
                }
            ]
        },
    )
