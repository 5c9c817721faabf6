"""The sign-up page in Chromium with an empty cache: requests, bytes, first paint."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from harness import CONFERENCE, ROOT, Figure, lanyard, p50, report
from playwright.sync_api import Browser, CDPSession, sync_playwright

VISITS = 9

PAINT = """
() => new Promise(resolve => new PerformanceObserver(list => {
  const paint = list.getEntriesByName("first-contentful-paint")[0];
  if (paint) resolve(paint.startTime);
}).observe({type: "paint", buffered: true}))
"""


def main() -> None:
    """Measure, and print."""
    with lanyard() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_browser(), args=["--no-sandbox"])
        visits = [_visit(browser, server.origin + CONFERENCE) for _ in range(1 + VISITS)][1:]
        browser.close()
    report(
        "The sign-up page in Chromium, nothing cached",
        [
            Figure("browser_requests", "requests", p50([one[0] for one in visits]), "", 10),
            Figure("browser_kb", "transferred", p50([one[1] for one in visits]), "kB", 150),
            Figure("first_paint_ms", "first paint", p50([one[2] for one in visits]), "ms", 500),
        ],
    )


def _browser() -> str:
    """The path of a Chromium, as the tests find theirs."""
    command = [sys.executable, str(ROOT / "scripts" / "browser.py")]
    return os.environ.get("LANYARD_BROWSER") or subprocess.check_output(command, text=True).strip()


def _visit(browser: Browser, address: str) -> tuple[float, float, float]:
    """Requests, kB and milliseconds to the first paint of a new visitor."""
    with browser.new_context(locale="ko-KR") as context:
        page = context.new_page()
        traffic = Traffic(context.new_cdp_session(page))
        page.goto(address, wait_until="networkidle")
        return traffic.requests, traffic.bytes / 1000, float(page.evaluate(PAINT))


class Traffic:
    """Counts what a page asks for, and the bytes that come over the wire, headers included."""

    def __init__(self, session: CDPSession) -> None:
        self.requests = 0
        self.bytes = 0.0
        session.on("Network.requestWillBeSent", self._count)
        session.on("Network.loadingFinished", self._add)
        session.send("Network.enable")

    def _count(self, _: dict[str, Any]) -> None:
        self.requests += 1

    def _add(self, event: dict[str, Any]) -> None:
        self.bytes += event["encodedDataLength"]


if __name__ == "__main__":
    main()
