"""The one clock: milliseconds since 1970, UTC."""

from __future__ import annotations

import time
from collections.abc import Callable

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def _system() -> int:
    return time.time_ns() // 1_000_000


_source: Callable[[], int] = _system
_sleep: Callable[[float], None] = time.sleep


def now_ms() -> int:
    """The present moment in milliseconds UTC."""
    return _source()


def wait_until(moment: int) -> None:
    """Return when it is `moment` (ms UTC)."""
    if moment > now_ms():
        _sleep((moment - now_ms()) / SECOND)


def set_source(
    source: Callable[[], int] | None, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Let tests say what time it is, and how it passes; None gives the system's clock back."""
    global _source, _sleep
    _source, _sleep = source or _system, sleep
