"""Reads what bench/metered.py wrote: what each request and each message used."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Work:
    """A request or a message: the process and kind of process that did it, when it was done
    (time.monotonic), the registrations it was about, units by "write.<table>" or "read.<table>",
    calls by "<service>.<operation>"."""

    kind: str
    name: str
    pid: int
    at: float
    ids: list[int]
    units: dict[str, float]
    calls: dict[str, int]


def read(file: Path, since: float) -> list[Work]:
    """All that was done since that moment."""
    lines = file.read_text().splitlines()
    return [work for work in (Work(**json.loads(line)) for line in lines) if work.at >= since]


def units_each(works: Iterable[Work], ids: Collection[int], people: int) -> dict[str, float]:
    """Units that one of these registrations took on average, by what was done and where. What was
    about several is shared among them; what was about none (pages), among all people."""
    found: dict[str, float] = defaultdict(float)
    for work in works:
        theirs = sum(one in ids for one in work.ids)
        share = theirs / len(work.ids) if work.ids else len(ids) / people
        for where, units in work.units.items():
            found[f"{work.name} {where}"] += units * share / max(1, len(ids))
    return found


def total(units: Mapping[str, float], kind: str) -> float:
    """All "write" or "read" units of these."""
    return sum(number for where, number in units.items() if f" {kind}." in where)
