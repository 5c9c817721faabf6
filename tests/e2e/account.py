"""An emulated AWS account, and a checkout of one's own that is deployed to it."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from app.local import venv
from app.local.cloud import Endpoint, environ_for
from deploy.folders import COLLECTED, ROOT

NUMBER = "000000000000"
REGION = "ap-northeast-2"
SCRIPT = Path(__file__).with_name("ministack_account.py")
START_SECONDS, POLL_SECONDS = 20.0, 0.05


@dataclass(frozen=True)
class Account:
    """An account that answers at `url`."""

    url: str

    @property
    def environ(self) -> dict[str, str]:
        """What an operator's shell holds."""
        return environ_for(Endpoint(self.url, "test"), REGION)

    def client(self, service: str) -> Any:
        """A client of one service."""
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION,
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Account]:
    """An empty account in memory; its functions end with it."""
    (folder / "tmp").mkdir(parents=True)
    port = _free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(venv.ensure()), "-I", str(SCRIPT)], env=_environ(folder, port),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        _wait_for(port, process)
        yield Account(f"http://127.0.0.1:{port}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environ(folder: Path, port: int) -> dict[str, str]:
    """Clean, since all of it is handed on to the functions."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TMPDIR": str(folder / "tmp"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder}/no-docker",
        "S3_DATA_DIR": str(folder / "s3"),
        "LOG_LEVEL": "WARNING",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """It gives no other sign than that it answers."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        with contextlib.closing(connection), contextlib.suppress(ConnectionRefusedError):
            connection.request("GET", "/_ministack/health")
            if connection.getresponse().status == http.client.OK:
                return
        time.sleep(POLL_SECONDS)
    raise AssertionError("The emulated account does not answer.")


@dataclass(frozen=True)
class Checkout:
    """A copy of this checkout, whose settings may change."""

    folder: Path
    environ: dict[str, str]

    def python(self, *arguments: str) -> str:
        """Run a module of it as an operator does; what it printed. It must end well."""
        result = subprocess.run(
            [sys.executable, "-m", *arguments], cwd=self.folder, env=self.environ, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert result.returncode == 0, result.stdout
        return result.stdout


def checkout(folder: Path, account: Account) -> Checkout:
    """Copy what git knows here, or would, and the libraries collected for the package."""
    for source in _files():
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for made in COLLECTED.glob("*/lambda-environment"):
        shutil.copytree(made, folder / made.relative_to(ROOT))
    _answer_at(account.url, folder / "zappa_settings.json")
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    environ |= account.environ | {"VIRTUAL_ENV": sys.prefix}
    return Checkout(folder, environ)


def _files() -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def _answer_at(url: str, settings: Path) -> None:
    """Let forms come from pages at the emulator's address: it is not AWS's own."""
    written = settings.read_text(encoding="utf-8")
    settings.write_text(written.replace("https://dev.lanyard.example.com", url), encoding="utf-8")
