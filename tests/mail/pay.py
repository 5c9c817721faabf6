"""A process that pays what is owed, an hour from now: run by test_pace.py, which counts the mails.

`python -m tests.mail.pay [unguarded]`: unguarded, it does not ask whether another process pays. It
says when it is ready, and begins when it is told to: two of them begin together.
"""

from __future__ import annotations

import sys
import time

from app.core import clock
from app.core.clock import HOUR
from app.entrypoints import schedule
from app.entrypoints.context import entered
from app.mail import pace


def main() -> None:
    """Pay, and print how many mails went out."""
    if sys.argv[1:] == ["unguarded"]:
        pace._claim = lambda until: True
        pace.is_open = lambda: True
    clock.set_source(lambda: time.time_ns() // 1_000_000 + HOUR)
    with entered():
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
    sys.stdout.write(f"{schedule.every_five_minutes({}, None)['mails']}\n")


if __name__ == "__main__":
    main()
