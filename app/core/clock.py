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


def now_ms() -> int:
    """The present moment in milliseconds UTC."""
    return _source()


def set_source(source: Callable[[], int] | None) -> None:
    """Let tests say what time it is; None gives the system's clock back."""
    global _source  # noqa: PLW0603  the clock is one by definition
    _source = source or _system
