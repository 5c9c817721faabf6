"""Taking guards off, and letting everybody get to the same point before anybody goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import pytest

from app.aws import tables
from app.aws.tables import Check, Record, Write
from app.core.errors import Refusal

Result = TypeVar("Result")
SECONDS = 20


def off(patch: pytest.MonkeyPatch, *records: type[Record]) -> None:
    """Let transactions write these records whatever they hold by now."""
    real = tables._attempt

    def unguarded(sent: Sequence[Write], token: str) -> None:
        bare = [_bare(one) if isinstance(one.record, records) else one for one in sent]
        real([one for one in bare if one], token)

    patch.setattr(tables, "_attempt", unguarded)


def _bare(write: Write) -> Write | None:
    return None if isinstance(write, Check) else replace(write, condition=None)


def meet(patch: pytest.MonkeyPatch, people: int, at: int = 1) -> None:
    """Let so many threads each be ready to send their first transaction, or that one of theirs,
    before one is sent: all have read what they go by."""
    real, barrier, seen = tables._attempt, threading.Barrier(people), threading.local()

    def waiting(sent: Sequence[Write], token: str) -> None:
        seen.sent = getattr(seen, "sent", 0) + 1
        if seen.sent == at:
            barrier.wait(SECONDS)
        real(sent, token)

    patch.setattr(tables, "_attempt", waiting)
    patch.setattr(tables, "PATIENCE_SECONDS", 2.0 * SECONDS)  # waiting for each other is no race


def at_once(*acts: Callable[[], Result]) -> list[Result | Refusal]:
    """Do all of it in threads of their own; what each returned, or was refused with."""

    def attempt(act: Callable[[], Result]) -> Result | Refusal:
        try:
            return act()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(attempt, acts))
