"""Registrations as no form makes them, or not at once, by a command that joins the server's cloud:
`python -m tests.browser.registrations LANG NAME...` prints the path of each pass link, and whose it
is. A name is one of tests/standings.py, "german-" before it for long texts."""

from __future__ import annotations

import json
import sys

from app.registrations import links
from tests.browser.conferences import GERMAN
from tests.standings import Maker


def main() -> None:
    """Make those that are asked for."""
    import wsgi  # noqa: F401  joins the cloud

    lang, *names = sys.argv[1:]
    sys.stdout.write(json.dumps({name: _made(lang, name) for name in names}))


def _made(lang: str, name: str) -> tuple[str, str]:
    standing = name.removeprefix("german-")
    maker = Maker(lang, **(GERMAN if standing != name else {}))
    registration = getattr(maker, standing)()
    return f"/passes/{links.secret_of(registration)}", registration.email


if __name__ == "__main__":
    main()
