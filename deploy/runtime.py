"""A package run by AWS's own runtime pieces on this machine (Linux), as Lambda runs it.

`aws-lambda-rie` is the program that stands between Lambda and a container; `awslambdaric` is
Lambda's own loop in Python. One event at a time, like Lambda.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy import libraries
from deploy.folders import REQUIREMENTS, ROOT

HANDLER = "zappa.handler.lambda_handler"
MACHINES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
PIECES = ROOT / "build" / "lambda-runtime"
PATH = "/2015-03-31/functions/function/invocations"
START_SECONDS = 20.0
POLL_SECONDS = 0.01
TIMEOUT_SECONDS = 60


class NotStarted(Exception):
    """The runtime did not come up."""


@dataclass(frozen=True)
class Function:
    """A running function."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def invoke(self, event: object) -> Any:
        """Send one event; what the function returned, or its error as Lambda tells it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        with contextlib.closing(connection):
            connection.request("POST", PATH, json.dumps(event))
            return json.loads(connection.getresponse().read())

    def printed(self) -> str:
        """All that CloudWatch would keep, and what the runtime says about itself."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def children(self) -> list[int]:
        """The processes that run our code; any thread of the runtime may have started them."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for listed in threads for pid in listed.read_text().split()]


def unpack(archive: Path, folder: Path) -> Path:
    """What Lambda does with a package; the folder."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


@contextlib.contextmanager
def running(
    task: Path, log: Path, environ: Mapping[str, str], *, handler: str = HANDLER
) -> Iterator[Function]:
    """Run an unpacked package with these variables of the function; raises NotStarted."""
    ours, runtimes = _free_ports()
    command = [
        str(_emulator()),
        *("--runtime-interface-emulator-address", f"127.0.0.1:{ours}"),
        *("--runtime-api-address", f"127.0.0.1:{runtimes}", "--log-level", "info"),
        *_python(handler),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  AWS's program, pinned by its hash
            command, cwd=task, env=_environ(task, environ, handler), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        _wait_for(ours, process)
        yield Function(process, ours, log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _python(handler: str) -> list[str]:
    """The bare interpreter, without this environment's libraries: the package has its own."""
    return [sys._base_executable, "-S", "-m", "awslambdaric", handler]  # type: ignore[attr-defined]


def _environ(task: Path, environ: Mapping[str, str], handler: str) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(pieces()),
        "PYTHONDONTWRITEBYTECODE": "1",  # /var/task cannot be written to
        "PYTHONTZPATH": "",  # Lambda's system may have no time zones: those of tzdata must do
        "LAMBDA_TASK_ROOT": str(task),
        "_HANDLER": handler,
        "AWS_LAMBDA_FUNCTION_NAME": "lanyard-dev",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(TIMEOUT_SECONDS),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_REGION": "ap-northeast-2",
        **environ,
    }


def pieces() -> Path:
    """The folder of AWS's pieces, installed if they are missing or outdated."""
    stamp = PIECES / "made-from"
    wanted = (REQUIREMENTS / "lambda.txt").read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        libraries.install(PIECES, REQUIREMENTS / "lambda.txt")
        stamp.write_text(wanted)
    return PIECES


def _emulator() -> Path:
    machine = MACHINES[platform.machine()]
    program = pieces() / "samcli" / "local" / "rapid" / f"aws-lambda-rie-{machine}"
    program.chmod(0o755)
    return program


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """The runtime gives no other sign than that it answers."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with (
            contextlib.suppress(ConnectionRefusedError),
            socket.create_connection(("127.0.0.1", port)),
        ):
            return
        time.sleep(POLL_SECONDS)
    raise NotStarted("The runtime emulator does not answer.")
