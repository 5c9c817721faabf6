"""`make budget`: whom it tells, and what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from deploy import budget, stacks, stages
from deploy.live import Live


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Mapping[str, str]]]:
    """The stacks that are asked for: no emulator knows budgets."""
    asked: list[tuple[str, Mapping[str, str]]] = []

    def ensure(_: Any, name: str, template: Path, given: Mapping[str, str]) -> None:
        assert template.name == "budget.yaml"
        asked.append((name, given))

    monkeypatch.setattr(stacks, "ensure", ensure)
    return asked


def test_the_operator_is_told(
    made: list[tuple[str, Mapping[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    choices = {"operator_mail": "operator@example.com"}
    monkeypatch.setattr(Live, "choices", choices)
    budget.prepare("dev", 20.0)
    given = {"Limit": "20", "OperatorMail": "operator@example.com"}
    assert made == [("lanyard-budget", given)]


def test_without_an_operator_the_next_step_is_told(
    made: list[tuple[str, Mapping[str, str]]],
) -> None:
    with pytest.raises(budget.NoBudget, match="operator_mail"):
        budget.prepare("dev", 5.0)
    assert made == []


def test_an_unknown_stage_is_told() -> None:
    with pytest.raises(stages.NoSuchStage):
        budget.prepare("moon", 5.0)
