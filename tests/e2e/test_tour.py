"""The pages of the tour that need a whole account: what they say is printed is printed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from app.local import venv
from tests.docs import pages
from tests.docs.pages import TOUR, Step
from tests.e2e.checkout import copy_files

PAGES = [
    TOUR / f"{name}.md" for name in ("stage", "messages", "s3", "api-gateway", "cloudfront", "iam")
]
SHELL = [sys.executable, "-m", "app.local.shell", "account"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of one's own, with what `make` has installed here."""
    folder = tmp_path_factory.mktemp("checkout")
    copy_files(folder)
    for installed in (Path(sys.prefix), venv.FOLDER):
        (folder / installed.name).symlink_to(installed)
    for pinned in (folder / "requirements").iterdir():
        os.utime(pinned, (0, 0))  # or make would install again
    return folder


@pytest.fixture(scope="module")
def printed(checkout: Path) -> list[tuple[Step, str]]:
    """Every step of these pages, and what it printed."""
    strange = ("AWS_", "MAKE", "MFLAGS")  # another account; and that make has started us
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    kept.pop("LANYARD_STAGE", None)
    return list(pages.run(SHELL, PAGES, checkout, kept))


def test_the_pages_say_what_is_printed(printed: list[tuple[Step, str]]) -> None:
    for step, really in printed:
        assert pages.agrees(step.printed, really), f"{step.commands}\n{really}"
