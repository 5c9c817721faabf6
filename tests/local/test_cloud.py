"""The embedded cloud: it keeps its data, belongs to one process, and ends with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from app.aws.clients import client
from app.config import Settings
from app.local import cloud
from app.local.venv import ROOT
from tests.local.conftest import SpeakTo, Until, is_alive

HASH = [{"AttributeName": "key", "KeyType": "HASH"}]
STRING = [{"AttributeName": "key", "AttributeType": "S"}]


@pytest.fixture
def running(settings: Settings, speak_to: SpeakTo) -> Iterator[cloud.Cloud]:
    """A cloud on the settings' folder, with this process speaking to it."""
    own = cloud.start(settings)
    speak_to(own.endpoint, settings)
    yield own
    own.stop()


def create_table(name: str) -> None:
    client("dynamodb").create_table(
        TableName=name,
        KeySchema=HASH,
        AttributeDefinitions=STRING,
        BillingMode="PAY_PER_REQUEST",
    )


def keys_in(name: str) -> set[str]:
    pages = client("dynamodb").get_paginator("scan").paginate(TableName=name)
    return {item["key"]["S"] for page in pages for item in page["Items"]}


def test_a_restart_keeps_everything(settings: Settings, speak_to: SpeakTo) -> None:
    first = cloud.start(settings)
    speak_to(first.endpoint, settings)
    create_table("kept")
    client("dynamodb").put_item(TableName="kept", Item={"key": {"S": "한글"}})
    client("s3").create_bucket(
        Bucket="kept-bucket", CreateBucketConfiguration={"LocationConstraint": settings.region}
    )
    client("s3").put_object(Bucket="kept-bucket", Key="a/b.png", Body=b"\x89PNG")
    client("ssm").put_parameter(Name="/kept", Value="secret", Type="SecureString")
    queue = client("sqs").create_queue(QueueName="kept-queue")["QueueUrl"]
    client("sqs").send_message(QueueUrl=queue, MessageBody="waits")
    first.stop()

    second = cloud.start(settings)
    try:
        assert second.endpoint.url == first.endpoint.url
        assert second.endpoint.key != first.endpoint.key
        speak_to(second.endpoint, settings)
        assert keys_in("kept") == {"한글"}
        body = client("s3").get_object(Bucket="kept-bucket", Key="a/b.png")["Body"].read()
        assert body == b"\x89PNG"
        parameter = client("ssm").get_parameter(Name="/kept", WithDecryption=True)["Parameter"]
        assert parameter["Value"] == "secret"
        queue = client("sqs").get_queue_url(QueueName="kept-queue")["QueueUrl"]
        received = client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=2)["Messages"]
        assert [message["Body"] for message in received] == ["waits"]
    finally:
        second.stop()


def test_a_restart_on_another_port_keeps_everything(settings: Settings, speak_to: SpeakTo) -> None:
    first = cloud.start(settings)
    speak_to(first.endpoint, settings)
    queue = client("sqs").create_queue(QueueName="kept-queue")["QueueUrl"]
    client("sqs").send_message(QueueUrl=queue, MessageBody="waits")
    first.stop()
    (settings.data_dir / "port").unlink()

    second = cloud.start(settings)
    try:
        assert second.endpoint.url != first.endpoint.url
        speak_to(second.endpoint, settings)
        queue = client("sqs").get_queue_url(QueueName="kept-queue")["QueueUrl"]
        received = client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=2)["Messages"]
        assert [message["Body"] for message in received] == ["waits"]
    finally:
        second.stop()


def test_what_was_saved_survives_a_kill(
    running: cloud.Cloud, settings: Settings, until: Until
) -> None:
    create_table("saved")
    running.save()
    process = pid_of(settings)
    os.kill(process, signal.SIGKILL)
    until(lambda: not is_alive(process), "the end of the cloud's process")
    assert client("dynamodb").list_tables()["TableNames"] == ["saved"]  # it came again


@dataclass
class Writers:
    """Transactions of two tables each, one after another, from several threads."""

    stop: Event = field(default_factory=Event)
    written: list[str] = field(default_factory=list)

    def run(self, thread: int) -> None:
        number = 0
        while not self.stop.is_set():
            key = f"{thread}.{number}"
            if self._write(key):
                self.written.append(key)
            number += 1

    def _write(self, key: str) -> bool:
        item = {"key": {"S": key}}
        puts = [{"Put": {"TableName": name, "Item": item}} for name in ("left", "right")]
        try:
            client("dynamodb").transact_write_items(TransactItems=puts)
        except (BotoCoreError, ClientError):
            return False
        return True


def test_a_kill_under_writes_loses_the_last_seconds_at_most(
    running: cloud.Cloud, settings: Settings, until: Until
) -> None:
    for name in ("left", "right"):
        create_table(name)
    current = settings.data_dir / "state" / "current"
    process = pid_of(settings)
    writers = Writers()

    def snapshots(count: int) -> None:
        for _ in range(count):
            before = current.readlink()
            until(lambda before=before: current.readlink() != before, "another snapshot")

    with ThreadPoolExecutor(3) as pool:
        for thread in range(3):
            pool.submit(writers.run, thread)
        try:
            snapshots(1)
            certain = set(writers.written)  # acknowledged before the last two snapshots began
            snapshots(2)
            os.kill(process, signal.SIGKILL)
            until(lambda: not is_alive(process), "the end of the cloud's process")
        finally:
            writers.stop.set()

    until(lambda: pid_of(settings) not in (process, 0), "the cloud started again")
    left, right = keys_in("left"), keys_in("right")
    assert left == right  # no half transaction
    assert len(certain) > 50
    assert certain <= left


def pid_of(settings: Settings) -> int:
    """The process that is the cloud of a folder; 0 where there is none."""
    pids = [
        int(proc.name)
        for proc in Path("/proc").iterdir()
        if proc.name.isdigit() and f"{settings.data_dir}\0" in _command_line(proc)
    ]
    return min(pids, default=0)  # a snapshot's fork has the higher one


def _command_line(proc: Path) -> str:
    try:
        return (proc / "cmdline").read_text()
    except OSError:
        return ""


def test_a_second_owner_is_refused_with_a_sentence(
    running: cloud.Cloud, settings: Settings
) -> None:
    with pytest.raises(cloud.FolderInUse) as refusal:
        cloud.start(settings)
    sentence = str(refusal.value)
    assert str(settings.data_dir) in sentence
    assert str(os.getpid()) in sentence
    assert "LANYARD_DATA" in sentence


def test_the_folder_is_free_after_a_stop(running: cloud.Cloud, settings: Settings) -> None:
    running.stop()
    assert cloud.attach(settings) is None
    again = cloud.start(settings)
    assert again.owned
    again.stop()


def test_a_command_joins_the_running_cloud(running: cloud.Cloud, settings: Settings) -> None:
    guest = cloud.join(settings)
    assert (guest.endpoint, guest.owned) == (running.endpoint, False)
    guest.stop()
    assert client("s3").list_buckets()["Buckets"] == []  # it is still there


def test_a_command_has_a_cloud_of_its_own_where_none_runs(settings: Settings) -> None:
    own = cloud.join(settings)
    assert own.owned
    process = pid_of(settings)
    own.stop()
    assert not is_alive(process)


def test_a_command_that_owns_the_cloud_waits_for_its_guests(
    settings: Settings, tmp_path: Path, until: Until
) -> None:
    own = cloud.join(settings)
    guest = subprocess.Popen([sys.executable, "-c", GUEST, str(settings.data_dir)], cwd=ROOT)
    attached = settings.data_dir / "attached"
    until(attached.exists, "the guest is attached")
    own.stop()
    assert guest.wait(timeout=20) == 0


GUEST = """
import sys
from pathlib import Path
from app.config import Settings
from app.local import cloud
settings = Settings(data_dir=Path(sys.argv[1]))
guest = cloud.attach(settings)
(settings.data_dir / "attached").touch()
owner = cloud._holder(settings.data_dir)["pid"]
assert cloud._answering(settings.data_dir) == guest.endpoint
guest.stop()
"""


OWNER = """
import sys, threading
from pathlib import Path
from app.config import Settings
from app.local import cloud
cloud.start(Settings(data_dir=Path(sys.argv[1])))
print("started", flush=True)
threading.Event().wait()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_cloud_ends_with_its_owner_and_saves(
    settings: Settings, speak_to: SpeakTo, until: Until, number: int
) -> None:
    command = [sys.executable, "-c", OWNER, str(settings.data_dir)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as owner:
        assert owner.stdout
        owner.stdout.readline()
        process = pid_of(settings)
        endpoint = json.loads((settings.data_dir / "endpoint").read_text())
        speak_to(cloud.Endpoint(**endpoint), settings)
        create_table("last-moment")
        owner.send_signal(number)
    until(lambda: not is_alive(process), "the end of the cloud")

    again = cloud.start(settings)
    try:
        speak_to(again.endpoint, settings)
        assert client("dynamodb").list_tables()["TableNames"] == ["last-moment"]
    finally:
        again.stop()


def test_a_forked_process_does_not_keep_the_cloud_alive(
    settings: Settings, until: Until, tmp_path: Path
) -> None:
    forking = OWNER.replace("threading.Event().wait()", FORK)
    command = [sys.executable, "-c", forking, str(settings.data_dir)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as owner:
        assert owner.stdout
        owner.stdout.readline()
        fork = int(owner.stdout.readline())
        process = pid_of(settings)
        owner.kill()
        until(lambda: not is_alive(process), "the end of the cloud")
        assert is_alive(fork)
        os.kill(fork, signal.SIGKILL)


FORK = """
import os
fork = os.fork()
if fork:
    print(fork, flush=True)
threading.Event().wait()
"""


def test_a_cloud_that_cannot_start_says_where_to_look(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit('no')")
    monkeypatch.setattr(cloud, "RUNNER", broken)
    with pytest.raises(cloud.CloudFailed, match=r"cloud\.log"):
        cloud.start(settings)
    monkeypatch.undo()
    cloud.start(settings).stop()  # and leaves the folder free


def test_a_folder_that_cannot_be_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(cloud.CloudFailed, match="cannot be used"):
        cloud.start(Settings(data_dir=tmp_path / "file" / "data"))


def test_an_ephemeral_cloud_forgets(speak_to: SpeakTo, settings: Settings) -> None:
    with cloud.ephemeral() as own:
        speak_to(own.endpoint, replace(settings, stage="test"))
        create_table("forgotten")
        own.reset()
        assert client("dynamodb").list_tables()["TableNames"] == []


def test_nothing_but_the_cloud_is_spoken_to() -> None:
    endpoint = cloud.Endpoint("http://127.0.0.1:1", "a key")
    environ: dict[str, Any] = cloud.environ_for(endpoint, "ap-northeast-2")
    assert environ["AWS_CONFIG_FILE"] == os.devnull
    assert "127.0.0.1" in environ["no_proxy"]
