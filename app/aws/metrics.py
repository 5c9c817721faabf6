"""Counts for CloudWatch, in its embedded metric format: a line of JSON in the log is the metric.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import sys
from enum import StrEnum

from app import config
from app.core.clock import now_ms

NAMESPACE = "Lanyard"


class Metric(StrEnum):
    """All there are: each costs money, and six are what a stage may have."""

    SIGN_UPS = "SignUps"
    PASSES = "Passes"
    MAILS = "Mails"
    REFUSED = "Refused"  # mails that could not be sent, and never will be
    RETRIES = "Retries"
    MENDED = "Mended"  # what the schedule had to finish or put right; it should be zero


def count(metric: Metric, number: int = 1) -> None:
    """Add to a metric of this stage. On a laptop nobody reads it, so nothing is written."""
    if number and not config.settings.is_local:
        sys.stdout.write(line(metric, number) + "\n")


def line(metric: Metric, number: int) -> str:
    """The line that CloudWatch turns into a metric."""
    declared = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Stage"]],
        "Metrics": [{"Name": metric, "Unit": "Count"}],
    }
    return json.dumps(
        {
            "_aws": {"Timestamp": now_ms(), "CloudWatchMetrics": [declared]},
            "Stage": config.settings.stage,
            metric: number,
        }
    )
