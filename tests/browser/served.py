"""Lanyard as `make run` serves it, on a port and a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
STOP_SECONDS = 30
# Where the embedded cloud keeps the records themselves: not logs.
RECORDS = {"state", "s3"}


@dataclass
class Lanyard:
    """The running server, and everything its processes have printed."""

    origin: str
    folder: Path
    environ: dict[str, str]
    printed: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where its pages begin: what is asked for without a slash is there."""
        return f"{self.origin}/"

    def command(self, *words: str) -> Any:
        """What a `flask` command prints as JSON; it joins the server's cloud."""
        return self._run("flask", "--app", "wsgi", *words, "--json")

    def make_conferences(self, *slugs: str) -> dict[str, int]:
        """Make conferences of tests/browser/conferences.py; the moment each opens, by slug."""
        opening: dict[str, int] = self._run("python", "-m", "tests.browser.conferences", *slugs)
        return opening

    def make_registrations(self, lang: str, *names: str) -> dict[str, tuple[str, str]]:
        """Make registrations of tests/standings.py; by name the path of each pass link, and the
        address."""
        made = self._run("python", "-m", "tests.browser.registrations", lang, *names)
        return {name: (path, email) for name, (path, email) in made.items()}

    def make_registration(self, lang: str, name: str) -> str:
        """Make one of them; the path of its pass link."""
        return self.make_registrations(lang, name)[name][0]

    def _run(self, program: str, *words: str) -> Any:
        done = subprocess.run(
            [_installed(program), *words],
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def written(self) -> str:
        """All that the processes wrote, but for the records."""
        logs = [
            path.read_text(errors="replace")
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and RECORDS.isdisjoint(path.relative_to(self.folder).parts)
        ]
        return "\n".join(["".join(self.printed), *logs])


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[Lanyard]:
    """Start it, wait until it answers, and stop it as Ctrl-C does."""
    port = _free_port()
    lanyard = Lanyard(f"http://127.0.0.1:{port}", folder, _environ(folder, port))
    process = subprocess.Popen(
        [_installed("gunicorn"), "wsgi:app"],
        cwd=ROOT,
        env=lanyard.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        with _reading(process, lanyard):
            yield lanyard
            os.killpg(process.pid, signal.SIGINT)
            process.wait(STOP_SECONDS)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(STOP_SECONDS)


@contextlib.contextmanager
def _reading(process: subprocess.Popen[str], lanyard: Lanyard) -> Iterator[None]:
    """Keep what it prints; enter when it answers."""
    assert process.stdout
    announced = threading.Event()
    reader = threading.Thread(target=_read, args=(process.stdout, lanyard.printed, announced))
    reader.start()
    try:
        assert announced.wait(START_SECONDS), "not a word from the server"
        assert process.poll() is None, "".join(lanyard.printed)
        with urllib.request.urlopen(f"{lanyard.origin}/healthz", timeout=START_SECONDS) as answer:
            assert answer.status == 200
        yield
    finally:
        if process.poll() is None:
            process.terminate()
        reader.join(STOP_SECONDS)
        process.stdout.close()


def _read(output: IO[str], printed: list[str], announced: threading.Event) -> None:
    for line in output:
        printed.append(line)
        if "is running at" in line:
            announced.set()
    announced.set()  # it has ended, without a word maybe


def _environ(folder: Path, port: int) -> dict[str, str]:
    """What a newcomer's shell has, and the two names that one may choose."""
    ours = ("AWS_", "LANYARD_", "PUBLIC_URL", "SITE_ORIGINS", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"LANYARD_DATA": str(folder), "PORT": str(port)}


def _installed(program: str) -> str:
    return str(Path(sys.executable).with_name(program))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
