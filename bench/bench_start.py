"""`make run` on a machine that has Python but nothing else, again, and the memory it takes.

The packages are downloaded, so this depends on the network.
"""

from __future__ import annotations

import http
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import (
    CONFERENCE,
    ROOT,
    Figure,
    Server,
    Visitor,
    family,
    make_run,
    pages_per_second,
    report,
    wait_for,
)

FIRST_START_SECONDS = 600
CROWD = 16
PAGES = 400
PEOPLE = 15
ROUNDS = 5
IMAGE_SECONDS = 30
MEGABYTE = 1_000_000


def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="lanyard-bench-") as folder:
        checkout, data = Path(folder) / "lanyard", Path(folder) / "data"
        _check_out(checkout)
        with _started(checkout, data, FIRST_START_SECONDS) as (_, first):
            pass
        with _started(checkout, data) as (server, second):
            memory = _memory(server)
    report(
        "make run",
        [
            Figure("first_start_s", "first start, nothing installed", first, "s", 90),
            Figure("second_start_s", "second start", second, "s", 5),
            *memory,
        ],
    )


def _check_out(target: Path) -> None:
    """A copy of the files that git knows, as they are now."""
    names = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    for name in filter(None, names.split("\0")):
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


@contextmanager
def _started(checkout: Path, data: Path, seconds: float = 60) -> Iterator[tuple[Server, float]]:
    """A server, and the seconds until its sign-up page was there."""
    begin = time.perf_counter()
    # Nothing that pip has kept from before: a new machine has none of it.
    with make_run(checkout, data, seconds, PIP_NO_CACHE_DIR="1") as server:
        with Visitor(server.port) as visitor:
            if visitor.get(CONFERENCE).status != http.HTTPStatus.OK:
                raise RuntimeError("there is no sign-up page")
        yield server, time.perf_counter() - begin


def _memory(server: Server) -> list[Figure]:
    """What all processes take together, idle and while people sign up. Linux only."""
    if not Path("/proc/self/smaps_rollup").exists():
        print("Memory is measured on Linux only.")
        return []
    _people(server, "first", 1)  # so that every process has done its work once
    idle = _megabytes(server)
    loaded = max(_round(server, f"round{number}") for number in range(ROUNDS))
    return [
        Figure("memory_idle_mb", "memory of all processes (PSS), idle", idle, "MB", 250),
        Figure("memory_loaded_mb", "memory of all processes, loaded", loaded, "MB", 250),
    ]


def _round(server: Server, name: str) -> float:
    """Many pages, some people; the memory after that."""
    pages_per_second(server.port, CONFERENCE, CROWD, PAGES)
    _people(server, name, PEOPLE)
    return _megabytes(server)


def _people(server: Server, name: str, count: int) -> None:
    """Sign up, look at the pass; until the last one's image is there."""
    for number in range(count):
        with Visitor(server.port) as visitor:
            address = visitor.sign_up(f"{name}-{number}@example.com")
            visitor.get(address)
    image = f"{address.partition('?')[0]}/pass.png"
    with Visitor(server.port) as visitor:
        wait_for(lambda: visitor.get(image).status == http.HTTPStatus.OK, IMAGE_SECONDS)


def _megabytes(server: Server) -> float:
    """The memory of all processes; what they share counts once."""
    return sum(map(_pss, family(server.pid))) / MEGABYTE


def _pss(pid: int) -> int:
    """A process's proportional share in bytes; 0 if it has ended meanwhile."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    shares = (row for row in rollup.splitlines() if row.startswith("Pss:"))
    return sum(int(row.split()[1]) * 1024 for row in shares)


if __name__ == "__main__":
    main()
