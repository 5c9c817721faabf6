"""A served Lanyard and a Chromium for each test process, a fresh browser for each visitor."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import conferences, served
from tests.browser.served import ROOT, Lanyard
from tests.browser.visitor import DESKTOP
from tests.browser.watch import Watch

Visit = Callable[..., Page]

ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"]
HEIGHTS = {DESKTOP: 900}
LOCALES = {"ko": "ko-KR", "en": "en-GB"}


@pytest.fixture(scope="session")
def lanyard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lanyard]:
    """One server for this process, with a conference in each state."""
    with served.serve(tmp_path_factory.mktemp("lanyard")) as lanyard:
        lanyard.make_conferences(*(slug for slug in conferences.changes(0) if slug != "opening"))
        yield lanyard


@pytest.fixture(scope="session")
def chromium(lanyard: Lanyard) -> Iterator[Browser]:
    """One Chromium for this process; it ends before the server."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program(), args=ARGUMENTS)
        yield browser
        browser.close()


def browser_program() -> str:
    """The path of Chromium: as the environment says it, or else looked for."""
    command = [sys.executable, str(ROOT / "scripts" / "browser.py")]
    named = os.environ.get("LANYARD_BROWSER")
    return named or subprocess.check_output(command, text=True).strip()


@pytest.fixture
def visit(chromium: Browser, lanyard: Lanyard) -> Iterator[Visit]:
    """Open a browser as a visitor has it, who prefers a language and sits in the zone. In the end
    none of them may have seen anything that no page may do."""
    opened: list[Watch] = []

    def arrive(lang: str = "en", width: int = DESKTOP, **options: object) -> Page:
        context = chromium.new_context(
            **{
                "base_url": lanyard.address,
                "locale": LOCALES[lang],
                "timezone_id": "Asia/Seoul",
                "viewport": {"width": width, "height": HEIGHTS.get(width, 844)},
                "reduced_motion": "reduce",
                **options,
            }  # type: ignore[arg-type]  # options of Playwright, given by name
        )
        opened.append(Watch(context, lanyard.address))
        return context.new_page()

    yield arrive
    for watch in opened:
        watch.end()
    assert [complaint for watch in opened for complaint in watch.complaints] == []
