"""`make base`: the base stack of a stage, made, kept, and refused with a reason."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import boto3
import pytest

from app.local import cloud as local_cloud
from deploy import base, libraries, prebuild, stacks, stages
from deploy.folders import SETTINGS
from tests.deploy import standing

SERVICES = (*local_cloud.SERVICES, "cloudformation", "iam", "logs", "sts", "monitoring")


@pytest.fixture
def empty(
    account: local_cloud.EphemeralCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Path:
    """Nothing in the account; the settings of this test alone."""
    standing.enter(account, monkeypatch)
    monkeypatch.setattr(stacks, "POLL_SECONDS", 0)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember other credentials
    settings = tmp_path / "zappa_settings.json"
    settings.write_text(SETTINGS.read_text().replace("000000000000", "111122223333"))
    monkeypatch.setattr(base.adopt, "__defaults__", (settings,))
    return settings


def test_a_stage_is_made_and_stays_as_it_is(
    empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = base.prepare("dev")
    assert first["RoleName"] == "lanyard-dev"
    tables = boto3.client("dynamodb").list_tables()["TableNames"]
    assert "lanyard-dev-registrations" in tables

    assert base.prepare("dev") == first
    assert "lanyard-dev-code-000000000000" in empty.read_text()
    assert "111122223333" not in empty.read_text()
    told = capsys.readouterr().out
    assert "-" in told
    assert "000000000000" in told


def test_two_stages_coexist(empty: Path) -> None:
    dev, prod = base.prepare("dev"), base.prepare("prod")
    assert not set(dev.values()) & set(prod.values())


def test_the_tables_are_protected(empty: Path) -> None:
    base.prepare("dev")
    found = boto3.client("dynamodb").describe_table(TableName="lanyard-dev-registrations")
    assert found["Table"]["DeletionProtectionEnabled"] is True


@pytest.mark.parametrize("command", ["deploy", "update"])
def test_zappa_by_hand_says_if_the_base_does_not_stand(
    empty: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Before it packages anything."""
    monkeypatch.setattr(sys, "argv", ["zappa", command, "dev"])
    monkeypatch.setattr(libraries, "environment", lambda *_: pytest.fail("it went on"))
    with pytest.raises(SystemExit, match="make base STAGE=dev"):
        prebuild.prepare()


def test_a_base_that_stands_is_enough(empty: Path) -> None:
    base.prepare("dev")
    base.require("dev")


def test_zappa_by_hand_says_if_the_settings_name_another_account(empty: Path) -> None:
    """It would bring the code into a bucket of that name, whosever it is."""
    base.prepare("dev")
    empty.write_text(SETTINGS.read_text().replace("000000000000", "111122223333"))
    with pytest.raises(base.CannotPrepare, match=r"names another account.*make base STAGE=dev"):
        base.require("dev", empty)


def test_a_checkout_that_has_deployed_nothing_learns_the_account(empty: Path) -> None:
    assert base.at_home("dev").stage == "dev"
    assert "111122223333" not in empty.read_text()


def test_an_unknown_stage_is_told(empty: Path) -> None:
    with pytest.raises(stages.NoSuchStage, match="dev"):
        base.prepare("moon")


def test_without_credentials_the_next_step_is_told(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(base.CannotPrepare, match="aws configure"):
        base.prepare("dev")


def test_an_account_out_of_reach_is_told(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(base.CannotPrepare, match="reached"):
        base.prepare("dev")


def test_the_account_is_written_everywhere(tmp_path: Path) -> None:
    settings = tmp_path / "zappa_settings.json"
    settings.write_text(SETTINGS.read_text())
    changed = base.adopt("444455556666", settings)
    assert any(line.startswith("+") and "444455556666" in line for line in changed)
    assert base.adopt("444455556666", settings) == []
    known = stages.read(settings)
    assert known["dev"]["s3_bucket"].endswith("444455556666")
    assert known["prod"]["environment_variables"]["LANYARD_ACCOUNT"] == "444455556666"
    json.loads(settings.read_text())


def test_what_only_looks_like_an_account_stays(tmp_path: Path) -> None:
    arn = "arn:aws:acm:us-east-1:{}:certificate/01234567-89ab-cdef-0123-123456789012"
    settings = tmp_path / "zappa_settings.json"
    settings.write_text(f'{{"certificate_arn": "{arn.format("000000000000")}"}}')
    base.adopt("444455556666", settings)
    assert json.loads(settings.read_text()) == {"certificate_arn": arn.format("444455556666")}
