"""The guided tour: what its pages say is printed is printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import served
from tests.docs import pages
from tests.docs.pages import ROOT, TOUR, Step

# Those on the cloud of `make run`, in the order of the tour; the others are run by tests/e2e.
ON_RUNNING = [TOUR / name for name in ("starts.md", "dynamodb.md")]
SHELL = [sys.executable, "-m", "app.local.shell"]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Step, str]]]:
    """Every step of these pages, and what it printed."""
    with served.serve(tmp_path_factory.mktemp("lanyard")) as lanyard:
        yield list(pages.run(SHELL, ON_RUNNING, ROOT, lanyard.environ))


def test_the_pages_say_what_is_printed(printed: list[tuple[Step, str]]) -> None:
    for step, really in printed:
        assert pages.agrees(step.printed, really), f"{step.commands}\n{really}"


@pytest.mark.parametrize(
    ("said", "printed", "agree"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        ("a\n", "a\nb\n", False),
        ("", "a\n", False),
        ("a … c\n", "a b c\n", True),
        ("a … c\n", "a\nc\n", False),
        ("a\n…\nc\n", "a\nb\nb\nc\n", True),
        ("a\n…\nc\n", "a\nb\nb\nd\n", False),
        ("1.0\n", "1x0\n", False),
    ],
)
def test_what_agrees(said: str, printed: str, agree: bool) -> None:
    assert pages.agrees(said, printed) is agree


def test_steps_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\na\n```\n\n```text\nb\n```\n\n```sh\nc\n```\n\n```console\n$ d\n```\n")
    assert pages.steps(page) == [Step("a\n", "b\n"), Step("c\n", "")]
