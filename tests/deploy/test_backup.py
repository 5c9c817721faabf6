"""Backups: one second for all tables, a stage in use that goes back, and what is refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.client import BaseClient

from app.local import cloud as local_cloud
from app.registrations import service as registrations
from deploy import archive, backup, destroy, parameters, restore, standstill
from deploy.live import Live
from tests import cast
from tests.cast import KIM, LEE
from tests.deploy import kept, standing
from tests.deploy.kept import (
    STAGE,
    Hands,
    conference,
    destroy_and_restore,
    forget,
    latest,
    rows,
    second_after,
)
from tests.infra import handlers, template
from tests.infra.policies import Grant, grants

NOON = "2026-11-25T12:00:00Z"


@pytest.fixture(scope="module")
def account() -> Iterator[local_cloud.EphemeralCloud]:
    """An emulated account whose tables have a past."""
    with local_cloud.ephemeral(services=kept.SERVICES) as emulator:
        yield emulator


@pytest.fixture
def live(account: local_cloud.EphemeralCloud) -> Iterator[Live]:
    """The base stack of a stage."""
    with kept.stage(account) as live:
        yield live


@pytest.fixture
def hands(live: Live) -> Hands:
    """Records, files and secrets."""
    return kept.fill()


def test_one_second_holds_for_all_tables(live: Live, hands: Hands) -> None:
    """Each table is asked for the same second: what is later is in none of them."""
    second, before = second_after(), rows(live)
    cast.sign_up(conference(), KIM)
    cast.sign_up(conference(), LEE, type_id=2)
    registrations.cancel(registrations.by_secret(hands.link))
    destroy_and_restore(live, backup.back_up(live, second))
    assert rows(live) == before


def test_a_stage_in_use_goes_back_to_a_second(
    live: Live, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables, keys and images that are there stay; the function stands still meanwhile."""
    waits = still(live, monkeypatch)
    second, before = second_after(), rows(live)
    registrations.cancel(registrations.by_secret(hands.link))
    cast.sign_up(conference(), KIM)
    restore.restore(STAGE, second, STAGE)
    forget()
    assert rows(live) == before
    assert waits == [60]
    functions = live.aws.client("lambda")
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(
        FunctionName="lanyard-dev"
    )
    about = functions.get_function_configuration(FunctionName="lanyard-dev")["Description"]
    assert "restored" in about


def still(live: Live, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give the stage a function; how long was waited for it to stand still."""
    standing.make_function(live.aws.client("lambda"))
    waits: list[float] = []
    monkeypatch.setattr(standstill, "sleep", waits.append)
    monkeypatch.setattr(standstill, "POLL_SECONDS", 0.1)
    return waits


def test_a_function_that_could_not_be_restored_goes_on_standing_still(
    live: Live, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    still(live, monkeypatch)
    made, before = backup.back_up(live, second_after()), rows(live)
    cast.sign_up(conference(), KIM)
    give = parameters.write

    def broken(*_: Any) -> list[str]:
        raise BrokenPipeError

    monkeypatch.setattr(parameters, "write", broken)
    with pytest.raises(BrokenPipeError):
        restore.restore(STAGE, made.second, STAGE)
    functions = live.aws.client("lambda")
    stands = functions.get_function_concurrency(FunctionName="lanyard-dev")
    assert stands["ReservedConcurrentExecutions"] == 0

    monkeypatch.setattr(parameters, "write", give)
    restore.restore(STAGE, made.second, STAGE)
    assert rows(live) == before
    goes = functions.get_function_concurrency(FunctionName="lanyard-dev")
    assert "ReservedConcurrentExecutions" not in goes


def test_what_operators_have_changed_since_stays(live: Live) -> None:
    def secret(value: str) -> dict[str, str]:
        return {"type": "SecureString", "value": value}

    old = {"link-key": secret("a"), "smtp-password": secret("b"), "front-secret": secret("c")}
    assert sorted(parameters.write(live, old)) == sorted(old)
    live.aws.client("ssm").put_parameter(
        Name="/lanyard/dev/smtp-password", Value="new", Type="SecureString", Overwrite=True
    )
    assert parameters.write(live, {**old, "link-key": secret("d")}) == ["link-key"]
    assert parameters.read(live)["smtp-password"]["value"] == "new"
    assert parameters.read(live)["link-key"]["value"] == "d"


def test_records_are_replaced_only_when_told(live: Live, hands: Hands) -> None:
    second = second_after()
    cast.sign_up(conference(), KIM)
    before = rows(live)
    with pytest.raises(restore.CannotRestore, match="CONFIRM=dev"):
        restore.restore(STAGE, second)
    assert rows(live) == before


def test_the_archive_is_private_and_outlives_the_stage(live: Live, hands: Hands) -> None:
    made = backup.back_up(live, second_after())
    destroy.destroy_with_data(STAGE, STAGE)
    assert archive.seconds(live) == [str(made)]
    s3 = live.aws.client("s3")
    block = s3.get_public_access_block(Bucket=made.bucket)["PublicAccessBlockConfiguration"]
    assert all(block.values())
    assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=made.bucket)["Policy"]


def test_a_backup_that_is_there_is_not_made_again(
    live: Live, hands: Hands, capsys: pytest.CaptureFixture[str]
) -> None:
    made = backup.back_up(live, second_after())
    capsys.readouterr()
    assert backup.back_up(live, made.second) == made
    assert capsys.readouterr().out == ""


def test_a_backup_that_broke_off_is_none(
    live: Live, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = second_after()
    keep = backup._keep_files

    def broken(*_: Any) -> int:
        raise BrokenPipeError

    monkeypatch.setattr(backup, "_keep_files", broken)
    with pytest.raises(BrokenPipeError):
        backup.back_up(live, second)
    assert archive.seconds(live) == []
    monkeypatch.setattr(backup, "_keep_files", keep)
    assert backup.back_up(live, second).is_whole


def test_the_latest_second_is_taken_where_none_is_said(live: Live) -> None:
    before = latest()
    assert before <= backup.back_up(live).second <= latest()


def test_a_table_that_is_younger_was_empty(live: Live, hands: Hands) -> None:
    second = second_after()
    before = rows(live)
    dynamodb = live.aws.client("dynamodb")
    make_young(live, "lanyard-dev-young")
    dynamodb.put_item(TableName="lanyard-dev-young", Item={"key": {"S": "1"}})
    restore.restore(STAGE, second, STAGE)
    assert rows(live) == before | {"lanyard-dev-young": []}


def make_young(live: Live, name: str) -> None:
    """Make another table of the stage, as a later version would."""
    dynamodb = live.aws.client("dynamodb")
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
    )  # fmt: skip
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )


def test_a_second_that_nobody_knows_is_refused_with_those_that_are(live: Live) -> None:
    made = backup.back_up(live, second_after())
    for other in (made.second + timedelta(hours=1), made.second - timedelta(days=40)):
        with pytest.raises(backup.CannotBackUp, match=str(made)):
            restore.restore(STAGE, other)


def test_without_recovery_the_next_step_is_told(live: Live) -> None:
    live.aws.client("dynamodb").update_continuous_backups(
        TableName="lanyard-dev-seats",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )
    with pytest.raises(backup.CannotBackUp, match="make base STAGE=dev"):
        backup.back_up(live)


def test_without_tables_the_next_step_is_told(live: Live) -> None:
    made = backup.back_up(live, second_after())
    destroy.destroy_with_data(STAGE, STAGE)
    with pytest.raises(restore.CannotRestore, match="make base STAGE=dev"):
        restore.restore(STAGE, made.second)
    with pytest.raises(backup.CannotBackUp, match=f"no tables.*{made}"):
        backup.back_up(live)


def test_without_credentials_the_next_step_is_told(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(backup.CannotBackUp, match="aws configure"):
        backup.back_up(Live(STAGE))
    with pytest.raises(restore.CannotRestore, match="aws configure"):
        restore.restore(STAGE, None)


def test_what_does_not_fit_is_told(
    live: Live, hands: Hands, capsys: pytest.CaptureFixture[str]
) -> None:
    live.aws.client("dynamodb").update_item(
        TableName="lanyard-dev-seats", Key={"seat": {"S": f"{conference().conference_id}.2#0"}},
        UpdateExpression="SET #left = :one", ExpressionAttributeNames={"#left": "left"},
        ExpressionAttributeValues={":one": {"N": "1"}},
    )  # fmt: skip
    backup.back_up(live, second_after())
    assert "2 registrations hold a seat, 1 seats are taken" in capsys.readouterr().out


def test_the_commands_say_what_comes_next(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["backup", STAGE])
    backup.main()
    [line] = [line for line in capsys.readouterr().out.splitlines() if "make restore" in line]
    monkeypatch.setattr(sys, "argv", ["restore", STAGE, "--at", line.rpartition("=")[2]])
    restore.main()
    assert "lanyard-dev is as it was" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["restore", STAGE])
    with pytest.raises(SystemExit, match="Backups of dev"):
        restore.main()


@pytest.mark.parametrize("text", [NOON, "20261125T120000Z", "2026-11-25T21:00:00+09:00"])
def test_a_second_is_read_with_its_zone(text: str) -> None:
    assert archive.second(text) == datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "noon", "2026-11-25T12:00:00", "2026-11-25T12:00:00.5Z"])
def test_what_is_no_second_is_refused(text: str) -> None:
    with pytest.raises(archive.NotASecond, match="10:00:00Z"):
        archive.second(text)


# What DynamoDB does in the bucket in the name of who asks for an export (developer guide,
# "Requesting a table export"), and so nobody sees here.
DYNAMODBS_OWN = {"s3:PutObjectAcl", "s3:AbortMultipartUpload"}
# What CloudFormation does in the name of who makes the archive.
ARCHIVE = [
    need for one in template.Worked("backups").resources().values() for need in handlers.needs(one)
]
CLOUDFORMATIONS_OWN = {need.action for need in ARCHIVE}
ACTIONS = {
    "s3:CopyObject": ("s3:GetObject", "s3:PutObject"),
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
}


def test_a_keeper_may_do_what_it_takes_and_no_more(
    live: Live, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    still(live, monkeypatch)
    asked: set[str] = set()
    ask = BaseClient._make_api_call

    def asking(self: BaseClient, operation: str, given: dict[str, Any]) -> Any:
        call = f"{self.meta.service_model.service_name}:{operation}"
        asked.update(ACTIONS.get(call, (call,)))
        return ask(self, operation, given)

    second = second_after()
    cast.sign_up(conference(), KIM)
    with monkeypatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", asking)
        restore.restore(STAGE, second, STAGE)
    keeper, deployer = granted("keeper"), granted("deployer")
    # no secret was another one, and the account's number is for everybody
    asked = asked - {"sts:GetCallerIdentity"} | {"ssm:PutParameter"}
    assert asked <= keeper | deployer
    assert keeper - asked == (DYNAMODBS_OWN | CLOUDFORMATIONS_OWN) - asked


def test_a_keeper_may_make_the_archive() -> None:
    """A deployer may not: who writes a bucket's policy can let himself read what is in it."""
    allowed = grants_of("keeper")
    for need in ARCHIVE:
        assert any(grant.covers(need) for grant in allowed), need
        assert not any(grant.covers(need) for grant in grants_of("deployer")), need


def granted(name: str) -> set[str]:
    """The actions that a template's policies allow."""
    return {grant.action for grant in grants_of(name)}


def grants_of(name: str) -> list[Grant]:
    policies = template.Worked(name).resources("AWS::IAM::ManagedPolicy").values()
    documents = [{"PolicyDocument": one["Properties"]["PolicyDocument"]} for one in policies]
    return grants({"Policies": documents})
