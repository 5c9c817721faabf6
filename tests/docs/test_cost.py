"""docs/cost.md and its Korean: computed, as the script does it, out of units that are as the rule
says."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient

from app.aws.metrics import Metric
from app.conferences.rules import Conference
from app.entrypoints import sns
from deploy import stages
from tests import cast
from tests.cast import KIM, LEE
from tests.entrypoints.test_sns import confirmed
from tests.infra import template

ROOT = Path(__file__).parents[2]
# docs/decisions/0003-keys.md, and the hour's count of mails.
SIGN_UP, MESSAGE, WAITING = 8, 3, 9


@cache
def cost() -> Any:
    """scripts/cost.py, which is a program."""
    sys.path.insert(0, str(ROOT / "scripts"))  # scripts find each other so
    return importlib.import_module("cost")


@pytest.fixture
def measured() -> Any:
    """What was measured last."""
    return json.loads(cost().MEASURED.read_text(encoding="utf-8"))


def test_the_documents_are_what_the_script_writes(measured: Any) -> None:
    written = {path.name: cost().document(measured, one) for path, one in cost().DOCUMENTS.items()}
    there = {path.name: path.read_text(encoding="utf-8") for path in cost().DOCUMENTS}
    assert written == there
    assert set(written) == {"cost.md", "cost.ko.md"}


def test_both_languages_have_the_same_figures(measured: Any) -> None:
    english, korean = (
        _figures(cost().document(measured, one)) for one in cost().DOCUMENTS.values()
    )
    assert len(english) > 80
    assert english == korean


def _figures(document: str) -> list[list[str]]:
    """The figures of each row of each table, but for what the row is called."""
    rows = [line.split("|", 2)[2] for line in document.splitlines() if line.startswith("| ")]
    return [re.findall(r"\d[\d.,]*", row) for row in rows]


def test_nothing_costs_more_than_it_should(measured: Any) -> None:
    found = cost().targets(cost().bills(measured))
    assert [words for words, usd, most in found if round(usd, 4) > most] == []
    assert "**missed**" not in cost().document(measured)


def test_what_costs_too_much_is_told(measured: Any) -> None:
    measured["events"]["message"]["write_units"]["registrations"] = 100
    assert "**missed**" in cost().document(measured)


def test_an_allowance_is_taken_off_and_never_gives_money_back() -> None:
    price = cost().Price(0.30, 1, "metrics", "cloudwatch/pricing", "quoted", free=10)
    assert price.of(6, allowed=False) == pytest.approx(1.80)
    assert price.of(6, allowed=True) == 0
    assert price.of(12, allowed=True) == pytest.approx(0.60)


def test_an_event_costs_what_its_parts_cost() -> None:
    """By hand: 29 ms of a processor take 50.1 ms on 0.579 of one, and 25 + 15 ms of waiting."""
    use = {
        "cpu_ms": 29, "log_bytes": 650, "calls": {"dynamodb.TransactWriteItems": 1,
        "sns.Publish": 1}, "write_units": {"seats": 2, "registrations": 4}, "read_units": 0,
        "answer_bytes": 200, "mail_bytes": 0,
    }  # fmt: skip
    model = cost().Model({"events": {"sign_up": use}})
    assert model.billed_ms("sign_up") == 91
    used = model.event("sign_up", 1_000_000)
    bill = cost().Bill("a million", used)
    assert bill.cost("Lambda, time") == pytest.approx(91_000 * 0.0000166667)
    assert bill.cost("DynamoDB, writes") == pytest.approx(6 * 0.68)
    assert bill.cost("CloudWatch, logs") == pytest.approx(0.76)
    assert bill.cost("SNS") == pytest.approx(0.50)


def test_most_views_stay_in_the_cache(measured: Any) -> None:
    model = cost().Model(measured)
    assert model.views(1e6, 600)["Lambda, requests"] == 600 / 5 * 2 * 2
    assert model.views(10, 600)["Lambda, requests"] == 10
    assert model.views(1e6, 600)["CloudFront, functions"] == 1e6


def test_alarms_metrics_and_memory_are_those_there_are() -> None:
    assert len(template.edge().resources("AWS::CloudWatch::Alarm")) == cost().ALARMS
    assert len(Metric) == cost().METRICS
    assert {one["memory_size"] for one in stages.read().values()} == {cost().MEMORY_GB * 1024}


@pytest.fixture
def write_units(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], float]:
    """How many write units DynamoDB says that something consumes."""
    ask, units = BaseClient._make_api_call, Counter[str]()

    def asking(self: BaseClient, operation: str, given: dict[str, Any]) -> Any:
        if operation not in ("PutItem", "UpdateItem", "TransactWriteItems"):
            return ask(self, operation, given)
        answer = ask(self, operation, {**given, "ReturnConsumedCapacity": "INDEXES"})
        consumed = answer["ConsumedCapacity"]
        for one in consumed if isinstance(consumed, list) else [consumed]:
            units["all"] += one["CapacityUnits"]
        return answer

    def of(work: Callable[[], object]) -> float:
        before = units["all"]
        work()
        return units["all"] - before

    monkeypatch.setattr(BaseClient, "_make_api_call", asking)
    return of


def test_a_registration_consumes_what_the_rule_says(
    conference: Conference, write_units: Callable[[Callable[[], object]], float], app: object
) -> None:
    registration = cast.sign_up(conference, KIM)
    assert write_units(lambda: cast.sign_up(conference, LEE)) == SIGN_UP
    assert write_units(lambda: sns.handle(confirmed(registration), None)) == MESSAGE
    for number in range(2):
        cast.sign_up(conference, cast.person(number), type_id=2)
    late = cast.person(3)
    assert write_units(lambda: cast.sign_up(conference, late, type_id=2)) == WAITING


@pytest.mark.parametrize(
    ("kind", "units"),
    [("sign_up", SIGN_UP), ("message", MESSAGE), ("sign_up_full", WAITING)],
)
def test_what_was_measured_is_what_the_rule_says(measured: Any, kind: str, units: int) -> None:
    assert sum(measured["events"][kind]["write_units"].values()) == units
