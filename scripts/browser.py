"""Prints the path of a Chromium for the tests, which is installed first if there is none.

One that is there already is used, else Debian's package where apt-get works, else Playwright's
own download.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find() -> str | None:
    """A browser of this machine, or the one that LANYARD_BROWSER names."""
    candidates = [os.environ.get("LANYARD_BROWSER"), *map(shutil.which, COMMANDS)]
    candidates += [path for path in MACOS if Path(path).exists()]
    return next((path for path in candidates if path), None)


def install() -> str | None:
    """Install a browser; its path."""
    sys.stderr.write("Installing Chromium for the tests (once)\n")
    if shutil.which("apt-get") and os.geteuid() == 0:
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "update", "-qq"], environ)
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], environ)
        if found := find():
            return found
    _run([sys.executable, "-m", "playwright", "install", "chromium"], os.environ)
    return playwrights_own()


def playwrights_own() -> str | None:
    """The browser that Playwright has downloaded, if it has."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _run(command: list[str], environ: os._Environ[str] | dict[str, str]) -> None:
    # What it tells goes to the terminal: the output of this script is the path alone.
    subprocess.run(command, check=False, env=environ, stdout=sys.stderr, stdin=subprocess.DEVNULL)


def main() -> int:
    """Print the path; 1 where there is no browser to be had."""
    path = find() or playwrights_own() or install()
    if path is None:
        sys.stderr.write("No Chromium: install one, or name it in LANYARD_BROWSER.\n")
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
