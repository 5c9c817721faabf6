"""Metrics as CloudWatch reads them out of the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app import config
from app.aws import metrics
from app.aws.metrics import Metric


@pytest.fixture
def stage() -> Iterator[None]:
    """A stage in the cloud."""
    laptop = config.settings
    config.use(replace(laptop, stage="prod"))
    yield
    config.use(laptop)


def test_a_count_is_a_line_of_the_embedded_metric_format(
    stage: None, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics.count(Metric.PASSES, 3)
    line = json.loads(capsys.readouterr().out)
    [declared] = line["_aws"]["CloudWatchMetrics"]
    assert declared["Namespace"] == "Lanyard"
    assert declared["Metrics"] == [{"Name": "Passes", "Unit": "Count"}]
    assert all(line[name] for dimensions in declared["Dimensions"] for name in dimensions)
    assert (line["Stage"], line["Passes"]) == ("prod", 3)


def test_nothing_is_written_for_nothing(stage: None, capsys: pytest.CaptureFixture[str]) -> None:
    metrics.count(Metric.MENDED, 0)
    assert capsys.readouterr().out == ""


def test_a_laptop_is_not_measured(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.count(Metric.PASSES)
    assert capsys.readouterr().out == ""


def test_a_stage_stays_within_what_is_free() -> None:
    assert len(Metric) <= 6
