"""The figures of a rush."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import rush
from meter import Work, read, total, units_each

ONE: dict[str, Any] = {"kind": "web", "name": "POST /c", "pid": 1, "calls": {}}


def test_percentiles() -> None:
    assert rush.percentile(range(1, 101), 95) == 95
    assert rush.percentile([3, 1, 2], 50) == 2
    assert rush.percentile([7], 99) == 7
    assert rush.percentile([], 50) == 0


def test_units_are_of_whom_they_were_about() -> None:
    confirmed, waiting = 1, 2
    works = [
        Work(**ONE, at=1, ids=[confirmed], units={"write.seats": 2, "read.seats": 1}),
        Work(**ONE, at=2, ids=[waiting], units={"write.waiting": 9}),
        Work(**ONE, at=3, ids=[confirmed, waiting], units={"write.seats": 2}),
        Work(**ONE, at=4, ids=[], units={"read.conferences": 4}),
    ]
    units = units_each(works, {confirmed}, people=2)
    assert total(units, "write") == 2 + 2 / 2
    assert total(units, "read") == 1 + 4 / 2


def test_what_was_before_does_not_count(tmp_path: Path) -> None:
    works = [{**ONE, "at": at, "ids": [], "units": {}} for at in (1.0, 3.0)]
    file = tmp_path / "meter"
    file.write_text("".join(f"{json.dumps(work)}\n" for work in works))
    assert [work.at for work in read(file, since=2.0)] == [3.0]


def test_the_worst_of_many_runs() -> None:
    good = {
        "seats": 5, "people": 8, "confirmed": 5, "waiting": 3, "errors": 0, "order_violations": 0,
        "double_registrations": 0, "seconds": 2.0, "per_second": 4.0, "p50_ms": 1.0, "p95_ms": 2.0,
        "p99_ms": 3.0, "write_units": 12.0, "read_units": 2.0,
    }  # fmt: skip
    bad = {**good, "confirmed": 4, "waiting": 4, "p95_ms": 9.0, "per_second": 3.0, "errors": 1}
    assert rush.is_exact(good)
    assert not rush.is_exact(bad)
    found = rush.worst([good, bad, good])
    assert found == {**good, **{name: bad[name] for name in bad if bad[name] != good[name]}}


def test_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEOPLE", "10000")
    monkeypatch.setenv("SEATS", "")
    plan = rush.Plan.asked()
    assert (plan.people, plan.seats, plan.clients, plan.runs) == (10000, 500, 16, 1)
