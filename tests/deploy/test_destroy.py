"""`make destroy`: what deploying made goes and the data stay; or, when told, nothing stays."""

from __future__ import annotations

import sys
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from app.local import cloud as local_cloud
from deploy import base, destroy, erase, inventory, stacks, undeploy, zappa_cli
from deploy.destroy import CannotDestroy
from deploy.live import Live
from tests.deploy import standing
from tests.deploy.standing import UPLOADS

SITE = f"lanyard-dev-site-{standing.ACCOUNT}"
SECRET = "/lanyard/dev/link-key"
SERVICES = standing.SERVICES


class Calls(list[str]):
    """The operations that AWS was asked for, in their order."""

    def until(self, operation: str) -> set[str]:
        """Those before the first of a kind."""
        return set(self[: self.index(operation)])


@pytest.fixture
def aws(account: local_cloud.EphemeralCloud, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """The account, empty."""
    standing.enter(account, monkeypatch)
    monkeypatch.setattr(stacks, "POLL_SECONDS", 0)
    monkeypatch.setattr(destroy, "LOOKS", 1)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember other credentials
    return boto3.Session()


@pytest.fixture
def stage(aws: boto3.Session) -> Live:
    """The stage as it is after weeks of use: deployed, with records, files and secrets."""
    base.prepare("dev")
    fill(aws.client("s3"))  # before somebody is told of it: no run shall be under way
    live = Live("dev")
    standing.deploy(live)
    aws.client("ssm").put_parameter(Name=SECRET, Value="secret", Type="SecureString")
    aws.client("dynamodb").put_item(
        TableName="lanyard-dev-slugs", Item={"slug": {"S": "garam"}, "conference_id": {"N": "1"}}
    )
    return live


def fill(s3: Any) -> None:
    """Files, one of them with versions and deleted, one never finished."""
    for key in ("uploads/a.csv", "uploads/a.csv", "uploads/한글+1.png"):
        s3.put_object(Bucket=UPLOADS, Key=key, Body=b"1")
    s3.delete_object(Bucket=UPLOADS, Key="uploads/a.csv")
    s3.create_multipart_upload(Bucket=SITE, Key="media/large.png")
    s3.put_object(Bucket=SITE, Key="index.html", Body=b"1")


@pytest.fixture
def without_zappa(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zappa breaks off at once."""
    monkeypatch.setattr(zappa_cli, "run", lambda *_: False)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What AWS is asked for from now on."""
    calls, ask = Calls(), BaseClient._make_api_call

    def recording(self: BaseClient, operation: str, given: dict[str, Any]) -> Any:
        if operation == "DeleteStack" and given["StackName"].endswith("-base"):
            assert files_left(self) == 0, "AWS does not delete full buckets"
            operation = "DeleteBase"
        calls.append(operation)
        return ask(self, operation.replace("DeleteBase", "DeleteStack"), given)

    def files_left(self: BaseClient) -> int:
        s3 = boto3.Session().client("s3")
        left = 0
        for bucket in inventory.buckets(Live("dev")):
            found = s3.list_object_versions(Bucket=bucket)
            left += len(found.get("Versions", [])) + len(found.get("DeleteMarkers", []))
            left += len(s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []))
        return left

    monkeypatch.setattr(BaseClient, "_make_api_call", recording)
    return calls


def everything(live: Live) -> list[str]:
    return [*inventory.deployed(live), *inventory.kept(live)]


def test_all_of_a_stage_is_listed(stage: Live) -> None:
    found = "\n".join(everything(stage))
    for kind in ("stack", "function", "API", "rule", "alarm", "table", "bucket", "topic", "queue"):
        assert f"{kind} lanyard-dev" in found
    for name in (f"parameter {SECRET}", "log group /aws/lambda/lanyard-dev", "role lanyard-dev"):
        assert name in found


def test_without_being_told_the_data_stay(stage: Live, capsys: pytest.CaptureFixture[str]) -> None:
    kept = inventory.kept(stage)
    kept.remove("topic lanyard-dev-operators")  # the edge's
    destroy.destroy("dev")
    assert inventory.deployed(stage) == []
    assert inventory.kept(stage) == kept
    told = capsys.readouterr().out
    assert "table lanyard-dev-slugs" in told.partition("Kept, with all data")[2]
    found = stage.aws.client("dynamodb").scan(TableName="lanyard-dev-slugs")["Items"]
    assert [each["slug"]["S"] for each in found] == ["garam"]
    keys = stage.aws.client("s3").list_objects_v2(Bucket=UPLOADS)["Contents"]
    assert [each["Key"] for each in keys] == ["uploads/한글+1.png"]
    assert SECRET in inventory.parameters(stage)


def test_nothing_starts_what_is_gone(stage: Live) -> None:
    destroy.destroy("dev")
    topic = stage.aws.client("sns").list_subscriptions_by_topic(TopicArn=stage.topic_arn)
    assert topic["Subscriptions"] == []
    told = stage.aws.client("s3").get_bucket_notification_configuration(Bucket=UPLOADS)
    assert "LambdaFunctionConfigurations" not in told


def test_with_the_data_nothing_is_left(stage: Live, calls: Calls) -> None:
    destroy.destroy_with_data("dev", "dev")
    assert everything(stage) == []
    assert {"DeleteObjects", "AbortMultipartUpload"} <= calls.until("DeleteBase")
    destroy.destroy_with_data("dev", None)  # nothing to ask about
    destroy.destroy("dev")


def test_a_full_bucket_would_be_seen(
    stage: Live, without_zappa: None, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The emulator deletes it, AWS does not: so the tests above look."""
    monkeypatch.setattr(erase, "_empty", lambda *_: None)
    with pytest.raises(AssertionError, match="full buckets"):
        destroy.destroy_with_data("dev", "dev")


def test_another_stage_stays(stage: Live, without_zappa: None) -> None:
    base.prepare("prod")
    other = inventory.kept(Live("prod"))
    destroy.destroy_with_data("dev", "dev")
    assert inventory.kept(Live("prod")) == other


STEPS = (
    *("DeleteStack", "DeleteRule", "Unsubscribe", "PutBucketNotificationConfiguration"),
    *("DeleteFunction", "DeleteObjects", "AbortMultipartUpload", "DeleteBase", "UpdateTable"),
    *("DeleteTable", "DeleteBucket", "DeleteParameter", "DeleteLogGroup"),
)


def test_what_broke_off_is_resumed_at_each_step(
    stage: Live, without_zappa: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each breaks once, in their order, before AWS hears of it."""
    stage.aws.client("logs").create_log_group(logGroupName="/aws/vendedlogs/lanyard-dev-more")
    ask, unbroken = BaseClient._make_api_call, list(STEPS)

    def breaking(self: BaseClient, operation: str, given: dict[str, Any]) -> Any:
        is_base = operation == "DeleteStack" and given["StackName"].endswith("-base")
        if unbroken and ("DeleteBase" if is_base else operation) == unbroken[0]:
            raise BrokenPipeError(unbroken.pop(0))
        return ask(self, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", breaking)
    for step in STEPS:
        with pytest.raises(BrokenPipeError, match=step):
            destroy.destroy_with_data("dev", "dev")
    destroy.destroy_with_data("dev", "dev")
    assert everything(stage) == []


@pytest.mark.parametrize("answer", ["", "prod", "yes"])
def test_another_answer_than_the_stage_destroys_nothing(
    stage: Live, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(stage)
    with pytest.raises(CannotDestroy, match="stays as it is"):
        destroy.destroy_with_data("dev", answer)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: answer)
    with pytest.raises(CannotDestroy, match="stays as it is"):
        destroy.destroy_with_data("dev", None)
    assert everything(stage) == before


def test_somebody_who_types_the_stage_is_obeyed(
    stage: Live, without_zappa: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "dev")
    destroy.destroy_with_data("dev", None)
    assert everything(stage) == []


def test_without_anybody_to_ask_nothing_is_destroyed(
    stage: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(stage)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    with pytest.raises(CannotDestroy, match="CONFIRM=dev"):
        destroy.destroy_with_data("dev", None)
    assert everything(stage) == before


def test_what_stays_all_the_same_is_told(
    stage: Live,
    without_zappa: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(undeploy, "_unschedule", lambda _: None)
    with pytest.raises(CannotDestroy, match="by hand"):
        destroy.destroy("dev")
    assert "rule lanyard-dev-app.entrypoints.schedule.every_hour" in capsys.readouterr().out
