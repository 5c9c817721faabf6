"""Doing many things of which one may fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")


class Sweep:
    """Work on many things, of which one that fails must not keep the others from being done."""

    def __init__(self) -> None:
        self._failures: list[Exception] = []

    def each(self, work: Callable[[Item], int | None], items: Iterable[Item]) -> int:
        """Do the work for each, and add up what it returns."""
        return sum(self._attempt(work, item) for item in items)

    def _attempt(self, work: Callable[[Item], int | None], item: Item) -> int:
        try:
            return int(work(item) or 0)
        except Exception as failure:  # noqa: BLE001  nothing is swallowed: see raise_failures
            self._failures.append(failure)
            return 0

    def raise_failures(self) -> None:
        """Raise all that failed, so that the run counts as failed."""
        if self._failures:
            raise ExceptionGroup("some could not be finished", self._failures)
