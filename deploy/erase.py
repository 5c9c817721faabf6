"""The data of a stage and what holds them, taken away for good: nothing brings them back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deploy import inventory, stacks
from deploy.live import Live
from deploy.progress import say

Client = Any


class NotErased(Exception):
    """Something could not be deleted; the message says what, why, and what to do next."""


def erase(live: Live) -> None:
    """Take the base stack away, and what its DeletionPolicy retains: each as far as it is there,
    whatever state a run before that broke off has left. Raises NotErased, StackFailed."""
    for bucket in inventory.buckets(live):
        _empty(live.aws.client("s3"), bucket)  # CloudFormation refuses to delete a full one
    stacks.delete(live.aws.client("cloudformation"), live.base_stack)
    _delete_tables(live)
    _delete_buckets(live)
    _delete_parameters(live)
    for group in inventory.log_groups(live):
        say(f"Deleting the log group {group}")
        live.aws.client("logs").delete_log_group(logGroupName=group)


def _empty(s3: Client, bucket: str) -> None:
    """Delete all versions of all files, the marks of deleted ones, and unfinished uploads."""
    say(f"Emptying {bucket}")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        if objects:
            _delete_objects(s3, bucket, objects)
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", []):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


def _delete_objects(s3: Client, bucket: str, objects: list[dict[str, str]]) -> None:
    """At most 1,000, as a page of a list has."""
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    for error in answer.get("Errors", []):
        raise NotErased(
            f"S3 does not delete {error['Key']} of {bucket} ({error['Message']}): see to it that "
            "you may, then run this again."
        )


def _delete_tables(live: Live) -> None:
    """DynamoDB refuses to delete a table that is protected."""
    dynamodb = live.aws.client("dynamodb")
    names = inventory.tables(live)
    for name in _protected(dynamodb, names):
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
        _wait(dynamodb, "table_exists", TableName=name)
    for name in names:
        say(f"Deleting the table {name}")
        if _table(dynamodb, name)["TableStatus"] != "DELETING":
            dynamodb.delete_table(TableName=name)
    for name in names:
        _wait(dynamodb, "table_not_exists", TableName=name)


def _protected(dynamodb: Client, names: list[str]) -> Iterator[str]:
    for name in names:
        if _table(dynamodb, name).get("DeletionProtectionEnabled"):
            yield name


def _table(dynamodb: Client, name: str) -> dict[str, Any]:
    found: dict[str, Any] = dynamodb.describe_table(TableName=name)["Table"]
    return found


def _delete_buckets(live: Live) -> None:
    s3 = live.aws.client("s3")
    for bucket in inventory.buckets(live):
        say(f"Deleting the bucket {bucket}")
        s3.delete_bucket(Bucket=bucket)
        _wait(s3, "bucket_not_exists", Bucket=bucket)


def _delete_parameters(live: Live) -> None:
    for name in inventory.parameters(live):
        say(f"Deleting the parameter {name}")
        live.aws.client("ssm").delete_parameter(Name=name)


def _wait(client: Client, outcome: str, **thing: str) -> None:
    config = {"Delay": stacks.POLL_SECONDS, "MaxAttempts": stacks.MOST_POLLS}
    client.get_waiter(outcome).wait(**thing, WaiterConfig=config)
