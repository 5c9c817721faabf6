"""What the benches share: a Lanyard of one's own, its visitors, and how figures are told."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import secrets
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
CONFERENCE = "/c/demo"

POLL_SECONDS = 0.02
STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Figure:
    """One number, and what it should be at most (or at least, where more is better)."""

    name: str
    words: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False

    def line(self) -> str:
        """The figure as a row of the table."""
        limit = "" if self.target is None else f"{self._limit()} {self.target:g}{self._verdict()}"
        return f"  {self.words:<58} {self.value:>10,.2f} {self.unit:<8} {limit}".rstrip()

    def _limit(self) -> str:
        return "at least" if self.at_least else "at most"

    def _verdict(self) -> str:
        if self.target is None or self.value == self.target:
            return ""
        return "" if (self.value > self.target) == self.at_least else "  MISSED"


def report(title: str, figures: Sequence[Figure]) -> None:
    """Print the table, and as the last line the figures by name as one JSON object."""
    print(f"\n{title}")
    for figure in figures:
        print(figure.line())
    print(json.dumps({figure.name: round(figure.value, 3) for figure in figures}), flush=True)


def p50(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def milliseconds(action: Callable[[], object]) -> float:
    """How long something takes."""
    begin = time.perf_counter()
    action()
    return (time.perf_counter() - begin) * 1000


@dataclass(frozen=True)
class Server:
    """A running Lanyard."""

    pid: int
    port: int

    @property
    def origin(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def lanyard() -> Iterator[Server]:
    """`make run` on a folder of data of its own; stopped, and all removed, at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="lanyard-bench-") as folder,
        make_run(ROOT, Path(folder)) as server,
    ):
        yield server


@contextlib.contextmanager
def make_run(checkout: Path, data: Path, seconds: float = 60, **environ: str) -> Iterator[Server]:
    """`make run` in a checkout, until it serves; raises RuntimeError if it does not in time."""
    port = free_port()
    with tempfile.TemporaryFile("w+") as output, ended_by_sigterm():
        process = subprocess.Popen(
            ["make", "--silent", "run"],
            cwd=checkout,
            env={**newcomer(), **environ, "LANYARD_DATA": str(data), "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            wait_for(lambda: _serves(process, port), seconds)
            yield Server(process.pid, port)
        except BaseException:
            output.seek(0)
            sys.stderr.write(output.read())
            raise
        finally:
            _stop(process)


def newcomer() -> dict[str, str]:
    """The environment without what would send Lanyard to another cloud, or make to another
    target."""
    ours = ("AWS_", "LANYARD_", "MAKE", "MFLAGS", "PUBLIC_URL", "SITE_ORIGINS", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def sign_up_form(email: str) -> dict[str, str]:
    """What a browser sends to sign up for the demo conference."""
    return {
        "ticket_type": "1",
        "name": "김하늘",
        "email": email,
        "company": "물결소프트",
        "consent": "yes",
        "submission": secrets.token_urlsafe(16),
    }


def free_port() -> int:
    """A port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def wait_for(condition: Callable[[], object], seconds: float, pause: float = POLL_SECONDS) -> None:
    """Return when the condition holds, of which no signal comes; RuntimeError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited for {seconds:g} s in vain")
        time.sleep(pause)


def _serves(process: subprocess.Popen[bytes], port: int) -> bool:
    if process.poll() is not None:
        raise RuntimeError("`make run` ended")
    with contextlib.suppress(OSError), Visitor(port) as visitor:
        return visitor.get("/healthz").status == http.HTTPStatus.OK
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End all of it; raises if anything is left after some time, which is then killed."""
    everything = family(process.pid)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
        wait_for(lambda: not everything.intersection(_parents()), STOP_SECONDS)
    except (subprocess.TimeoutExpired, RuntimeError):
        for pid in everything.intersection(_parents()):
            os.kill(pid, signal.SIGKILL)
        raise


@contextlib.contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends this process in order, so that what it started ends and is removed too."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def family(pid: int) -> set[int]:
    """The process and all that came from it."""
    parents = _parents()
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _parents() -> dict[int, int]:
    """Every process but zombies, and its parent; by ps, which macOS has too."""
    rows = subprocess.check_output(["ps", "-axo", "pid=,ppid=,stat="], text=True).splitlines()
    words = (row.split() for row in rows)
    return {int(pid): int(parent) for pid, parent, state in words if not state.startswith("Z")}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Visitor:
    """A browser as cheap as can be: one connection, kept open, and no cookie."""

    def __init__(self, port: int) -> None:
        self._origin = f"http://127.0.0.1:{port}"
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path)

    def sign_up(self, email: str) -> str:
        """Send the form of the demo conference; the path of the pass."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self._origin,
        }
        answer = self._ask(
            "POST", f"{CONFERENCE}/register", urlencode(sign_up_form(email)), headers
        )
        if answer.status != http.HTTPStatus.SEE_OTHER:
            raise RuntimeError(f"signing up was answered with {answer.status}")
        return answer.headers["Location"].removeprefix(self._origin)

    def _ask(
        self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        self._connection.request(method, path, body.encode() or None, headers or {})
        response = self._connection.getresponse()
        return Answer(response.status, dict(response.headers), response.read())


def pages_per_second(port: int, path: str, visitors: int, pages: int) -> float:
    """How many pages a second so many visitors get who each ask for the next at once.

    One loop over raw sockets, so that the asking takes little of the machine.
    """
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        crowd = [_Reader(port) for _ in range(visitors)]
        for reader in crowd:
            stack.enter_context(reader.connection)
            selector.register(reader.connection, selectors.EVENT_READ, reader)
        begin = time.perf_counter()
        for reader in crowd:
            reader.connection.sendall(request)
        done = 0
        while done < pages:
            for reader in _readable(selector):
                if reader.has_a_page():
                    done += 1
                    reader.connection.sendall(request)
        return done / (time.perf_counter() - begin)


def _readable(selector: selectors.BaseSelector) -> list[_Reader]:
    ready = [key.data for key, _ in selector.select(timeout=30)]
    if not ready:
        raise RuntimeError("no page came for 30 s")
    return ready


class _Reader:
    """One of the crowd: a connection, and what has come of the answer."""

    def __init__(self, port: int) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port))
        self._answer = bytearray()

    def has_a_page(self) -> bool:
        """Read what has come; whether that completes an answer. RuntimeError if it is no page."""
        self._answer += self.connection.recv(1 << 16)
        head, _, body = self._answer.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        if not self._answer.startswith(b"HTTP/1.1 200 ") or length is None:
            raise RuntimeError("no page came")
        if len(body) < int(length[1]):
            return False
        self._answer.clear()
        return True
