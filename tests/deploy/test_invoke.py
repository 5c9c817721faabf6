"""`make invoke`: what a command printed, where it printed it, and how it ended."""

from __future__ import annotations

import sys

import boto3
import pytest

from app.local import cloud as local_cloud
from deploy import invoke
from tests.deploy import standing

SERVICES = (*local_cloud.SERVICES, "lambda", "iam", "sts")


@pytest.fixture
def aws(account: local_cloud.EphemeralCloud, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """The account, with a function."""
    standing.enter(account, monkeypatch)
    session = boto3.Session()
    standing.make_function(session.client("lambda"))
    return session


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> str | int | None:
    """What the command line ends with."""
    monkeypatch.setattr(sys, "argv", ["invoke", "dev", *words])
    with pytest.raises(SystemExit) as ended:
        invoke.main()
    return ended.value.code


def test_it_prints_what_the_command_printed(
    aws: boto3.Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "ticket-type", "add", "--name-en=가 람") == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("ticket-type add --name-en=가 람", "No.\n")


def test_it_ends_as_the_command_did(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "conference", "wrong") == 1


def test_without_a_command_it_asks_for_help(
    aws: boto3.Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch)
    assert capsys.readouterr().out == "--help"


def test_a_function_that_breaks_off_leads_to_the_logs(
    aws: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "make logs STAGE=dev" in str(run(monkeypatch, "break"))


def test_without_a_function_deploying_is_the_next_step(
    aws: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.client("lambda").delete_function(FunctionName="lanyard-dev")
    assert "make deploy STAGE=dev" in str(run(monkeypatch, "conference", "list"))


def test_without_credentials_the_next_step_is_told(
    aws: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    assert "aws configure" in str(run(monkeypatch, "conference", "list"))
