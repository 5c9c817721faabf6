"""A crowd in a process of its own, which the test starts at the moment it wants.

Arguments: the conference's id, the first number, how many people; "unguarded" takes the guard off
the seats. Says that it is ready, begins
when it gets a line, and prints what came of everybody.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.conferences import service as conferences
from app.conferences.models import SeatItem
from tests import cast
from tests.races.guards import off

THREADS = 6


def main(conference_id: int, first: int, people: int) -> None:
    """Sign everybody up."""
    conference = conferences.by_id(conference_id)

    def sign_up(number: int) -> dict[str, object]:
        sent = time.monotonic()  # one clock for all processes
        registration = cast.sign_up(conference, cast.person(number))
        return {
            "sent": sent,
            "answered": time.monotonic(),
            "number": int(registration.registration_id),
            "state": registration.state,
        }

    print("ready", flush=True)  # noqa: T201  for the test
    sys.stdin.readline()
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(sign_up, range(first, first + people)))
    print(json.dumps(found))  # noqa: T201  for the test


if __name__ == "__main__":
    if sys.argv[4:] == ["unguarded"]:
        off(pytest.MonkeyPatch(), SeatItem)
    main(*map(int, sys.argv[1:4]))
