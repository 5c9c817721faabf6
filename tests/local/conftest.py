"""What the tests of the embedded cloud share."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import config
from app.aws.clients import forget_clients
from app.aws.tables import forget_connections
from app.config import Settings
from app.local import cloud

Until = Callable[..., None]
SpeakTo = Callable[[cloud.Endpoint, Settings], None]


@pytest.fixture
def until() -> Until:
    """Wait for a condition outside of this process, of which no signal comes."""

    def wait(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            time.sleep(0.02)

    return wait


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A deployment with a folder of its own."""
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def speak_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[SpeakTo]:
    """Let this process's clients speak to a cloud, until the end of the test."""
    before = config.settings

    def point(endpoint: cloud.Endpoint, settings: Settings) -> None:
        for name, value in cloud.environ_for(endpoint, settings.region).items():
            monkeypatch.setenv(name, value)
        config.use(settings)
        forget_clients()
        forget_connections()

    yield point
    monkeypatch.undo()
    config.use(before)
    forget_clients()
    forget_connections()


@pytest.fixture
def in_memory(
    emulator: cloud.EphemeralCloud,
    settings: Settings,
    speak_to: SpeakTo,
) -> Settings:
    """This process speaks to an empty cloud in memory."""
    emulator.reset()
    speak_to(emulator.endpoint, settings)
    return settings


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not yet waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def family(pid: int) -> set[int]:
    """The process and all that came from it, in sessions of their own or not."""
    parents = dict(_processes())
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _processes() -> Iterator[tuple[int, int]]:
    """Every process and its parent."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        yield int(stat.parent.name), int(words[1])
