"""Real requests to what was deployed."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit, urlunsplit

from deploy.progress import say

# A first request may meet a cold start, and an API or a distribution some seconds old.
TRIES, PAUSE_SECONDS, TIMEOUT_SECONDS = 10, 3.0, 60.0


class NoAnswer(Exception):
    """An address does not answer as it should; the message says which, and what it says."""


def until_well(url: str) -> None:
    """Send a real request until all that is needed answers it: nothing tells when an address has
    come up everywhere. Raises NoAnswer."""
    say(f"Asking {url}")
    answer = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(PAUSE_SECONDS)
        status, answer = _get(url)
        if status == http.client.OK:
            return
        say(f"  {answer}")
    raise NoAnswer(f"{url} answers {answer}: look for the reason with `make logs`.")


def _get(url: str) -> tuple[int, str]:
    """The status (0 without an answer), and what was said."""
    try:
        with urllib.request.urlopen(_request(url), timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  ours
            return answer.status, ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, f"{error.code} {error.read(500).decode(errors='replace').strip()}"
    except OSError as error:
        return 0, str(error)


def _request(url: str) -> urllib.request.Request:
    """An emulator's names lead to this machine, which Python does not know of *.localhost."""
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".localhost"):
        return urllib.request.Request(url)  # noqa: S310  ours
    here = urlunsplit(parts._replace(netloc=f"127.0.0.1:{parts.port}"))
    return urllib.request.Request(here, headers={"Host": parts.netloc})  # noqa: S310  ours
