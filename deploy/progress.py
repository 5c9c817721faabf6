"""Telling what is being done."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """Write one line at once, also where the output is a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
