"""What is added to ministack: each addition works, and still fits the pinned release."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
import types
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import pytest

from app.aws import sent
from app.aws.clients import client
from app.config import Settings
from app.local import cloud, ministack_run, venv

Result = TypeVar("Result")


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run it in a thread of its own: in this one a browser's loop may be running."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, coroutine).result()


def run_in_clouds_python(code: str) -> str:
    """Execute code where ministack is installed; what it printed."""
    preamble = f"import sys; sys.path.insert(0, {str(cloud.RUNNER.parent)!r})\n"
    return subprocess.run(
        [str(venv.ensure()), "-I", "-c", preamble + code],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip


def test_expressions_are_parsed_once() -> None:
    printed = run_in_clouds_python(
        "import ministack_run\n"
        "from ministack.services import dynamodb\n"
        "ministack_run.remember_expressions(dynamodb)\n"
        "for _ in range(3): dynamodb._tokenize('#a = :b'); "
        "dynamodb._condition_syntax_error('#a = :b', 'KeyConditionExpression')\n"
        "print(dynamodb._tokenize.cache_info().hits)\n"
        "print(dynamodb._condition_syntax_error.cache_info().hits)\n"
    )
    assert printed.split() == ["2", "2"]


def test_a_remembered_expression_takes_new_values(in_memory: Settings) -> None:
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="rows",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "hash", "KeyType": "HASH"},
            {"AttributeName": "range", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "hash", "AttributeType": "S"},
            {"AttributeName": "range", "AttributeType": "N"},
        ],
    )
    for number in range(6):
        item = {"hash": {"S": ["even", "odd"][number % 2]}, "range": {"N": str(number)}}
        dynamodb.put_item(
            TableName="rows", Item=item, ConditionExpression="attribute_not_exists(#hash)",
            ExpressionAttributeNames={"#hash": "hash"},
        )  # fmt: skip

    def above(name: str, number: int) -> list[str]:
        items = dynamodb.query(
            TableName="rows",
            KeyConditionExpression="#hash = :hash AND #range > :range",
            ExpressionAttributeNames={"#hash": "hash", "#range": "range"},
            ExpressionAttributeValues={":hash": {"S": name}, ":range": {"N": str(number)}},
        )["Items"]
        return [item["range"]["N"] for item in items]

    assert above("even", 0) == ["2", "4"]
    assert above("odd", 0) == ["1", "3", "5"]
    assert above("odd", 3) == ["5"]
    assert above("even", 0) == ["2", "4"]


def test_a_long_poll_looks_every_20_ms(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    sqs = types.SimpleNamespace(asyncio=asyncio)
    ministack_run.receive_sooner(sqs)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    run(sqs.asyncio.sleep(0.1))
    run(sqs.asyncio.sleep(0.001))
    assert asked == [0.02, 0.001]


def test_the_long_poll_of_ministack_sleeps_through_asyncio() -> None:
    printed = run_in_clouds_python(
        "import inspect\n"
        "from ministack.services import sqs\n"
        "print('await asyncio.sleep(' in inspect.getsource(sqs._act_receive_message))\n"
    )
    assert printed == "True"


def test_a_waiting_receiver_gets_what_is_sent(in_memory: Settings) -> None:
    sqs = client("sqs")
    queue = sqs.create_queue(QueueName="waited-for")["QueueUrl"]
    script = (
        "import sys, boto3; boto3.client('sqs').send_message(QueueUrl=sys.argv[1], MessageBody='x')"
    )
    with subprocess.Popen([sys.executable, "-c", script, queue]) as sender:
        received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=8)
    assert sender.returncode == 0
    assert [message["Body"] for message in received["Messages"]] == ["x"]


def test_mails_are_kept_whole(in_memory: Settings) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "lanyard@example.com", "person@example.com"
    mail["Subject"] = "참가 확정"
    mail.set_content("본문")
    mail.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="a.ics")
    client("ses").verify_email_identity(EmailAddress="lanyard@example.com")
    client("ses").send_raw_email(RawMessage={"Data": mail.as_bytes()})
    [(_, kept)] = sent.raw_messages()
    assert kept["Subject"] == "참가 확정"
    [attachment] = kept.iter_attachments()
    assert attachment.get_payload(decode=True) == b"BEGIN:VCALENDAR"


def test_the_last_mails_only_are_kept() -> None:
    mails = list(range(500))
    ses = types.SimpleNamespace(_parse_raw_mime=dict, _sent_emails_list=lambda: mails)
    ministack_run.keep_whole_mails(ses)
    assert ses._sent_emails_list() == list(range(300, 500))
    assert mails == list(range(300, 500))


@pytest.fixture
def persistence(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """Stands in for ministack's own module: it writes what it is given as text."""
    module = types.SimpleNamespace(STATE_DIR="", full=False)

    def save_state(service: str, state: str) -> None:
        if not module.full:
            (Path(module.STATE_DIR) / f"{service}.json").write_text(state)

    module.save_state = save_state
    core = types.ModuleType("ministack.core")
    core.persistence = module  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ministack", types.ModuleType("ministack"))
    monkeypatch.setitem(sys.modules, "ministack.core", core)
    return module


def contents(snapshots: ministack_run.Snapshots) -> dict[str, str]:
    return {file.stem: file.read_text() for file in snapshots.current.iterdir()}


def test_a_snapshot_replaces_the_last(persistence: types.SimpleNamespace, tmp_path: Path) -> None:
    snapshots = ministack_run.Snapshots(tmp_path / "state")
    snapshots.prepare()
    snapshots.write({"dynamodb": lambda: "1", "ssm": lambda: "1"})
    snapshots.write({"dynamodb": lambda: "2", "ssm": lambda: "2"})
    snapshots.prepare()
    assert contents(snapshots) == {"dynamodb": "2", "ssm": "2"}


def test_services_that_were_not_used_keep_what_they_had(
    persistence: types.SimpleNamespace, tmp_path: Path
) -> None:
    snapshots = ministack_run.Snapshots(tmp_path / "state")
    snapshots.prepare()
    snapshots.write({"dynamodb": lambda: "1", "ssm": lambda: "1"})
    snapshots.write({"dynamodb": lambda: "2", "ssm": lambda: None})
    snapshots.write({"dynamodb": lambda: "3"})
    assert contents(snapshots) == {"dynamodb": "3", "ssm": "1"}


def test_folders_are_kept_too(persistence: types.SimpleNamespace, tmp_path: Path) -> None:
    snapshots = ministack_run.Snapshots(tmp_path / "state")
    snapshots.prepare()
    (snapshots.current / "blobs").mkdir()
    (snapshots.current / "blobs" / "one").write_text("1")
    for _ in range(2):
        snapshots.write({"dynamodb": lambda: "1"})
        assert (snapshots.current / "blobs" / "one").read_text() == "1"


def test_a_snapshot_that_fails_is_told() -> None:
    printed = run_in_clouds_python(
        "import asyncio, os, ministack_run\n"
        "os.dup2(1, 2)\n"
        "def fail(): raise OSError('the disk is full')\n"
        "saved = asyncio.run(ministack_run.Saving(None, fail)._save_in_fork())\n"
        "assert saved is False\n"
    )
    assert "the disk is full" in printed
    assert "a snapshot was not written" in printed


def no_memory() -> int:
    raise OSError(errno.ENOMEM, "no memory")


def test_a_snapshot_that_cannot_begin_is_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "fork", no_memory)
    saving = ministack_run.Saving(None, lambda: None)
    assert run(saving._save_in_fork()) is False
    assert "a snapshot was not begun: no memory" in capfd.readouterr().err


def test_a_snapshot_that_fails_leaves_the_last(
    persistence: types.SimpleNamespace, tmp_path: Path
) -> None:
    snapshots = ministack_run.Snapshots(tmp_path / "state")
    snapshots.prepare()
    snapshots.write({"dynamodb": lambda: "1", "ssm": lambda: "1"})
    persistence.full = True
    with pytest.raises(FileNotFoundError):
        snapshots.write({"dynamodb": lambda: "2", "ssm": lambda: "2"})
    assert contents(snapshots) == {"dynamodb": "1", "ssm": "1"}


@pytest.mark.parametrize(
    ("method", "target", "changes"),
    [
        ("POST", "DynamoDB_20120810.PutItem", True),
        ("POST", "DynamoDB_20120810.TransactWriteItems", True),
        ("POST", "DynamoDB_20120810.GetItem", False),
        ("POST", "DynamoDB_20120810.Query", False),
        ("POST", "AmazonSQS.ReceiveMessage", False),
        ("POST", "AmazonSQS.DeleteMessage", True),
        ("POST", "", True),
        ("PUT", "", True),
        ("GET", "", False),
    ],
)
def test_only_changes_are_saved(method: str, target: str, changes: bool) -> None:
    scope = {"method": method, "headers": [(b"x-amz-target", target.encode())]}
    assert ministack_run._may_change(scope) is changes
