"""The embedded cloud: ministack on loopback, one for each folder of data.

The folder is this user's alone. It holds: `lock`, held by the process that owns the cloud, with
who that is; `endpoint`, where the cloud answers and the key it wants, while it does; `guests`,
locked by commands that use another's cloud; `state` and `s3`, the data; `tmp`; and `logs`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import http.client
import json
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from app.aws.sent import KEY_HEADER
from app.config import Settings
from app.local import venv
from app.local.child import Child, ChildFailed, command, hold, release

SERVER = "server"
COMMAND = "command"

WAIT_SECONDS = 20.0
GLANCE_SECONDS = 0.5
POLL_SECONDS = 0.05
LOG_LIMIT = 1_000_000
RUNNER = Path(__file__).with_name("ministack_run.py")
# What Lanyard uses. The cloud has no others: it would run code for whoever may create functions.
SERVICES = ("dynamodb", "s3", "ses", "sns", "sqs", "ssm")

T = TypeVar("T")


class FolderInUse(Exception):
    """Another process owns the cloud of this folder; the message says what to do."""


class CloudFailed(Exception):
    """The cloud did not come up; the message says why."""


@dataclass(frozen=True)
class Endpoint:
    """Where a cloud answers, and the key without which it answers nobody."""

    url: str
    key: str

    def ask(self, method: str, path: str) -> int:
        """Send a request that is the emulator's own, not AWS's; the status of the answer."""
        connection = http.client.HTTPConnection(
            self.url.removeprefix("http://"), timeout=WAIT_SECONDS
        )
        with contextlib.closing(connection):
            connection.request(method, path, headers={KEY_HEADER: self.key})
            return connection.getresponse().status


class Cloud:
    """A cloud that answers at `endpoint`."""

    def __init__(self, endpoint: Endpoint, stop: Callable[[], None], owned: bool) -> None:
        self.endpoint = endpoint
        self.owned = owned
        self._stop = contextlib.ExitStack()
        self._stop.callback(stop)

    def save(self) -> None:
        """Write a snapshot now; otherwise one is written about every two seconds."""
        status = self.endpoint.ask("POST", "/_lanyard/save")
        if status != http.HTTPStatus.NO_CONTENT:
            raise CloudFailed("The embedded cloud could not save its data: is the disk full?")

    def stop(self) -> None:
        """End the cloud if it is ours, else leave it; a second time nothing happens."""
        self._stop.close()


def start(settings: Settings, role: str = SERVER) -> Cloud:
    """Start the cloud of the settings' folder and own it.

    Raises FolderInUse when another process does, and CloudFailed.
    """
    folder = settings.data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = _take(folder, role)
    except OSError as error:
        raise CloudFailed(f"The folder {folder} cannot be used: {error.strerror}") from error
    try:
        ministack = _launch(folder, settings.region)
        _write_endpoint(folder, ministack.endpoint)
    except BaseException:
        release(lock)
        raise

    def stop() -> None:
        if role == COMMAND:
            _wait_for_guests(folder)
        (folder / "endpoint").unlink(missing_ok=True)
        ministack.stop()
        release(lock)

    return Cloud(ministack.endpoint, _in_this_process(stop), owned=True)


def attach(settings: Settings) -> Cloud | None:
    """Use the cloud that another process runs on the settings' folder; None if there is none."""
    folder = settings.data_dir
    if not _is_owned(folder):
        return None
    guest = (folder / "guests").open("a")
    fcntl.flock(guest, fcntl.LOCK_SH)
    endpoint = _answering(folder)
    if endpoint is None:
        guest.close()
        return None
    hold(guest)
    return Cloud(endpoint, _in_this_process(lambda: release(guest)), owned=False)


def join(settings: Settings) -> Cloud:
    """Use the running cloud of the folder, or start it for this command alone.

    Raises FolderInUse when another process holds the folder but serves nothing, and CloudFailed.
    """
    refusal: list[FolderInUse] = []

    def attempt() -> Cloud | None:
        try:
            return attach(settings) or start(settings, COMMAND)
        except FolderInUse as error:
            refusal.append(error)
            return None

    cloud = _poll(attempt)
    if cloud is None:
        raise refusal[-1]
    return cloud


@contextlib.contextmanager
def ephemeral(
    region: str = Settings.region, services: Sequence[str] = SERVICES
) -> Iterator[EphemeralCloud]:
    """A cloud of one's own, held in memory: for tests, which may want more services of it. Raises
    CloudFailed."""
    with tempfile.TemporaryDirectory(prefix="lanyard-cloud-") as folder:
        ministack = _launch(Path(folder), region, persist=False, services=services)
        try:
            yield EphemeralCloud(ministack.endpoint, region)
        finally:
            ministack.stop()


class EphemeralCloud:
    """A cloud in memory, all of which `reset` forgets within a few milliseconds."""

    def __init__(self, endpoint: Endpoint, region: str) -> None:
        self.endpoint = endpoint
        self.environ = environ_for(endpoint, region)

    def reset(self) -> None:
        """Forget all tables, buckets, topics, queues, parameters and mails."""
        status = self.endpoint.ask("POST", "/_ministack/reset")
        if status != http.HTTPStatus.OK:
            raise CloudFailed(f"the cloud was not reset: {status}")


def environ_for(endpoint: Endpoint, region: str) -> dict[str, str]:
    """What a process needs in its environment to speak to that cloud, and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint.url,
        "AWS_ACCESS_KEY_ID": endpoint.key,
        "AWS_SECRET_ACCESS_KEY": endpoint.key,  # signatures of presigned URLs are checked
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        # No proxy to loopback. With this set Python does not ask macOS for its proxies either,
        # which may crash a forked process there.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


@dataclass(frozen=True)
class _Ministack:
    """The process, and the socket it serves: held here too, so that a process that had to be
    started again answers at the same address, and nobody is turned away meanwhile."""

    process: Child
    listener: socket.socket
    endpoint: Endpoint

    def stop(self) -> None:
        self.process.stop()
        release(self.listener)


def _launch(
    folder: Path, region: str, *, persist: bool = True, services: Sequence[str] = SERVICES
) -> _Ministack:
    """Start ministack on a free port of loopback; raises CloudFailed."""
    try:
        python = venv.ensure()
    except venv.CannotInstall as error:
        raise CloudFailed(str(error)) from error
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    for name in ("logs", "s3", "state", "tmp"):
        _make_private(folder / name)
    listener = _listen(_last_port(folder))
    hold(listener)
    fd = str(listener.fileno())
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    endpoint = Endpoint(url, secrets.token_urlsafe(32))  # 12 digits would name an account
    # An isolated Python; forking while threads exist is meant (it warns since 3.12).
    log_file = _log_file(folder)
    launch = command(
        [str(python), "-I", "-W", "ignore::DeprecationWarning", str(RUNNER), str(folder), fd],
        _environ(folder, region, endpoint, persist) | {"SERVICES": ",".join(services)},
        inherited=[listener.fileno()],
        log_file=log_file,
    )
    process = Child("The embedded cloud", launch)
    ministack = _Ministack(process, listener, endpoint)
    try:
        process.wait_until_ready()
    except ChildFailed as error:
        ministack.stop()
        raise CloudFailed(f"{error}: see {log_file}") from error
    return ministack


def _environ(folder: Path, region: str, endpoint: Endpoint, persist: bool) -> dict[str, str]:
    """A clean environment, and in it the key: anybody could read a command line."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TMPDIR": str(folder / "tmp"),
        "AWS_ACCESS_KEY_ID": endpoint.key,
        "AWS_SECRET_ACCESS_KEY": endpoint.key,
        "GATEWAY_PORT": endpoint.url.rpartition(":")[2],
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": region,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder}/no-docker",
        "PERSIST_STATE": str(int(persist)),
        "S3_PERSIST": str(int(persist)),
        "S3_DATA_DIR": str(folder / "s3"),
        "LOG_LEVEL": "WARNING",
        "MALLOC_ARENA_MAX": "1",  # less memory on Linux: Python runs one thread at a time anyway
    }


def _take(folder: Path, role: str) -> IO[str]:
    """The folder's lock, marked as ours; raises FolderInUse.

    A server waits a little for a command, which is about to end.
    """
    lock = _poll(lambda: _try_lock(folder), lambda: _patience(folder))
    if lock is None:
        raise FolderInUse(
            f"Another Lanyard (process {_holder(folder).get('pid', 'unknown')}) is running on the "
            f"folder {folder}: stop it first, or choose another folder with LANYARD_DATA."
        )
    lock.truncate(0)
    lock.write(json.dumps({"pid": os.getpid(), "role": role}))
    lock.flush()
    (folder / "endpoint").unlink(missing_ok=True)
    hold(lock)
    return lock


def _try_lock(folder: Path, kind: int = fcntl.LOCK_EX) -> IO[str] | None:
    lock = (folder / "lock").open("a")
    if _locked(lock, kind):
        return lock
    lock.close()
    return None


def _locked(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_owned(folder: Path) -> bool:
    """Whether some process holds the folder, so that its endpoint is not an old one."""
    if not (folder / "endpoint").exists():
        return False
    lock = _try_lock(folder, fcntl.LOCK_SH)
    if lock:
        lock.close()
    return lock is None


def _patience(folder: Path) -> float:
    """Seconds to wait for the folder: a command is about to end, and a look by _is_owned over."""
    return WAIT_SECONDS if _holder(folder).get("role") == COMMAND else GLANCE_SECONDS


def _holder(folder: Path) -> Mapping[str, object]:
    return _read_json(folder / "lock")


def _answering(folder: Path) -> Endpoint | None:
    """The endpoint of the folder's cloud, if it answers."""
    written = _read_json(folder / "endpoint")
    url, key = written.get("url"), written.get("key")
    if not (isinstance(url, str) and isinstance(key, str)):
        return None
    endpoint = Endpoint(url, key)
    try:
        healthy = endpoint.ask("GET", "/_ministack/health") == http.HTTPStatus.OK
    except OSError:
        return None
    return endpoint if healthy else None


def _write_endpoint(folder: Path, endpoint: Endpoint) -> None:
    fresh = folder / "endpoint.new"
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600, exist_ok=False)  # the folder may be an older one, open to all
    fresh.write_text(json.dumps(dataclasses.asdict(endpoint)))
    fresh.replace(folder / "endpoint")
    (folder / "port").write_text(endpoint.url.rpartition(":")[2])


def _read_json(file: Path) -> Mapping[str, object]:
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _last_port(folder: Path) -> int:
    try:
        return int((folder / "port").read_text())
    except (OSError, ValueError):
        return 0


def _listen(port: int) -> socket.socket:
    """A listening socket on that port, or on any free one."""
    try:
        return socket.create_server(("127.0.0.1", port), backlog=socket.SOMAXCONN)
    except OSError:
        return socket.create_server(("127.0.0.1", 0), backlog=socket.SOMAXCONN)


def _make_private(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)


def _log_file(folder: Path) -> Path:
    file = folder / "logs" / "cloud.log"
    if file.exists() and file.stat().st_size > LOG_LIMIT:
        file.unlink()
    return file


def _wait_for_guests(folder: Path) -> None:
    """Commands that joined our cloud finish first; not for ever."""
    with (folder / "guests").open("a") as guests:
        _poll(lambda: _locked(guests, fcntl.LOCK_EX) or None)


def _poll(
    attempt: Callable[[], T | None], patience: Callable[[], float] = lambda: WAIT_SECONDS
) -> T | None:
    """Repeat an attempt until it gives something, or as many seconds are over.

    File locks and other processes give no signal that could be waited for with a time limit.
    """
    begin = time.monotonic()
    while (result := attempt()) is None:
        if time.monotonic() - begin > patience():
            return None
        time.sleep(POLL_SECONDS)
    return result


def _in_this_process(stop: Callable[[], None]) -> Callable[[], None]:
    """Stopping is for the process that started: forked ones inherit the call, not the duty."""
    owner = os.getpid()

    def guarded() -> None:
        if os.getpid() == owner:
            stop()

    return guarded
