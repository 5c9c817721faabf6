"""A small cache for what may be a few seconds old."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class TimedCache(Generic[Value]):
    """Values kept in this process for `seconds()`; at most `size` of them."""

    def __init__(self, seconds: Callable[[], float], size: int = 256) -> None:
        self._seconds = seconds
        self._size = size
        self._kept: dict[Hashable, tuple[float, Value]] = {}
        _caches.append(self)

    def get(self, key: Hashable, load: Callable[[], Value]) -> Value:
        """The kept value, else what `load` returns (its errors pass through, unkept)."""
        kept = self._kept.get(key)
        if kept and kept[0] > time.monotonic():
            return kept[1]
        value = load()
        if len(self._kept) >= self._size:
            self._kept.clear()
        self._kept[key] = (time.monotonic() + self._seconds(), value)
        return value

    def forget(self, key: Hashable) -> None:
        """Forget one value."""
        self._kept.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()


_caches: list[TimedCache[Any]] = []


def clear_all() -> None:
    """Forget everything in every cache (after a write by this process; between tests)."""
    for cache in _caches:
        cache.clear()
