"""What is added to ministack so that tables have a past: each addition works, and still fits."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from app.local import cloud as local_cloud

SERVICES = ("cloudformation", "dynamodb", "s3")
BUCKET = "backups"
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Rows": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "rows",
                "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{"AttributeName": "key", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "key", "AttributeType": "S"}],
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            },
        }
    }
}


class Table:
    """A table of a stack, its recovery, and a bucket for its exports."""

    def __init__(self, environ: dict[str, str]) -> None:
        aws = boto3.Session(
            environ["AWS_ACCESS_KEY_ID"],
            environ["AWS_SECRET_ACCESS_KEY"],
            region_name=environ["AWS_REGION"],
        )
        url = environ["AWS_ENDPOINT_URL"]
        self.dynamodb = aws.client("dynamodb", endpoint_url=url)
        self.s3 = aws.client("s3", endpoint_url=url)
        formation = aws.client("cloudformation", endpoint_url=url)
        formation.create_stack(StackName="tables", TemplateBody=json.dumps(TEMPLATE))
        waiter = formation.get_waiter("stack_create_complete")
        waiter.wait(StackName="tables", WaiterConfig={"Delay": 0.05, "MaxAttempts": 100})
        self.s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
        )

    def put(self, key: str) -> None:
        self.dynamodb.put_item(TableName="rows", Item={"key": {"S": key}})

    def window(self) -> tuple[datetime, datetime]:
        """From when to when it can be brought back."""
        told = self.dynamodb.describe_continuous_backups(TableName="rows")
        window = told["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        return window["EarliestRestorableDateTime"], window["LatestRestorableDateTime"]

    def second_after(self) -> datetime:
        """The next whole second, once it is over."""
        second = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        while self.window()[1] <= second:
            assert datetime.now(UTC) < second + timedelta(seconds=10)
        return second

    def exported(self, second: datetime) -> set[str]:
        """The keys that an export of that second holds."""
        arn = self.dynamodb.describe_table(TableName="rows")["Table"]["TableArn"]
        asked = self.dynamodb.export_table_to_point_in_time(
            TableArn=arn, S3Bucket=BUCKET, S3Prefix="some/where", ExportTime=second
        )["ExportDescription"]["ExportArn"]
        done = self.dynamodb.describe_export(ExportArn=asked)["ExportDescription"]
        assert done["ExportStatus"] == "COMPLETED"
        folder = f"some/where/AWSDynamoDB/{asked.rpartition('/')[2]}"
        manifest = json.loads(self.read(f"{folder}/manifest-files.json"))
        lines = gzip.decompress(self.read(manifest["dataFileS3Key"])).splitlines()
        assert len(lines) == manifest["itemCount"]
        return {json.loads(line)["Item"]["key"]["S"] for line in lines}

    def read(self, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return body


@pytest.fixture
def table() -> Iterator[Table]:
    """An empty table."""
    with local_cloud.ephemeral(services=SERVICES) as emulator:
        yield Table(emulator.environ)


def test_an_export_holds_what_a_table_held_at_its_second(table: Table) -> None:
    table.put("kept")
    table.put("deleted later")
    second = table.second_after()
    table.put("later")
    table.dynamodb.delete_item(TableName="rows", Key={"key": {"S": "deleted later"}})
    assert table.exported(second) == {"kept", "deleted later"}
    assert table.exported(table.second_after()) == {"kept", "later"}


def test_all_ways_of_writing_are_remembered(table: Table) -> None:
    def put(key: str) -> dict[str, Any]:
        return {"TableName": "rows", "Item": {"key": {"S": key}}}

    table.dynamodb.transact_write_items(TransactItems=[{"Put": put("transaction")}])
    table.dynamodb.batch_write_item(
        RequestItems={"rows": [{"PutRequest": {"Item": {"key": {"S": "batch"}}}}]}
    )
    table.dynamodb.update_item(TableName="rows", Key={"key": {"S": "update"}})
    assert table.exported(table.second_after()) == {"transaction", "batch", "update"}


def test_the_past_begins_with_the_table(table: Table) -> None:
    made = table.dynamodb.describe_table(TableName="rows")["Table"]["CreationDateTime"]
    assert table.window()[0] == made


def test_without_recovery_nothing_is_exported(table: Table) -> None:
    table.dynamodb.update_continuous_backups(
        TableName="rows",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )
    with pytest.raises(ClientError, match="PointInTimeRecoveryUnavailable"):
        table.exported(datetime.now(UTC))
