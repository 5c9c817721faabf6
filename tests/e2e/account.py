"""An emulated AWS account, by TLS alone, where IAM is in force."""

from __future__ import annotations

import contextlib
import os
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import boto3

from app.local import venv
from app.local.cloud import Endpoint, environ_for
from tests.e2e import tls
from tests.ports import free_port

NUMBER = "000000000000"
REGION = "ap-northeast-2"
SCRIPT = Path(__file__).with_name("ministack_account.py")
START_SECONDS, POLL_SECONDS = 20.0, 0.05


@dataclass(frozen=True)
class Account:
    """An account that answers at `url`, over TLS, and one who works in it: root, or a user."""

    url: str
    certificate: Path
    process: int
    log: Path
    key: str = "test"
    secret: str = "test"

    @property
    def environ(self) -> dict[str, str]:
        """What their shell holds."""
        return environ_for(Endpoint(self.url, self.key), REGION) | {
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_CA_BUNDLE": str(self.certificate),
            "SSL_CERT_FILE": str(self.certificate),
        }

    def client(self, service: str) -> Any:
        """A client of one service."""
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, verify=str(self.certificate),
            aws_access_key_id=self.key, aws_secret_access_key=self.secret,
        )  # fmt: skip

    def user(self, name: str) -> Account:
        """A new user, who may do nothing yet."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return replace(self, key=made["AccessKeyId"], secret=made["SecretAccessKey"])

    def refusals(self) -> list[str]:
        """All that IAM has refused to whomsoever: the actions."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line.split()[1].rstrip(",") for line in lines if line.startswith("refused: ")]

    def let_an_hour_go_by(self) -> None:
        """For the schedules alone: they are all due."""
        os.kill(self.process, signal.SIGUSR1)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Account]:
    """An empty account in memory, as root; its functions end with it."""
    (folder / "tmp").mkdir(parents=True)
    port, certificate = free_port(), tls.certify(folder)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(venv.ensure()), "-I", str(SCRIPT)], env=_environ(folder, port, certificate),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    account = Account(
        f"https://127.0.0.1:{port}", certificate.chain, process.pid, folder / "log"
    )  # fmt: skip
    try:
        _wait_for(account, process)
        yield account
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environ(folder: Path, port: int, certificate: tls.Certificate) -> dict[str, str]:
    """Clean, since all of it is handed on to the functions."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TMPDIR": str(folder / "tmp"),
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(certificate.chain),
        "MINISTACK_SSL_KEY": str(certificate.key),
        "AWS_CA_BUNDLE": str(certificate.chain),
        "SSL_CERT_FILE": str(certificate.chain),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder}/no-docker",
        "S3_DATA_DIR": str(folder / "s3"),
        "LOG_LEVEL": "WARNING",
    }


def _wait_for(account: Account, process: subprocess.Popen[bytes]) -> None:
    """It gives no other sign than that it answers."""
    trusting = ssl.create_default_context(cafile=account.certificate)
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(URLError):
            urlopen(f"{account.url}/_ministack/health", context=trusting).close()
            return
        time.sleep(POLL_SECONDS)
    raise AssertionError("The emulated account does not answer.")
