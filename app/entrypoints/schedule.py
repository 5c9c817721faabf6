"""Scheduled events: whatever is due, found through the records alone."""

from __future__ import annotations

from typing import Any

from app.aws import metrics
from app.aws.metrics import Metric
from app.conferences import rules
from app.conferences import service as conferences
from app.core.clock import now_ms
from app.entrypoints.context import entered
from app.entrypoints.sweep import Sweep
from app.notifications import service as notifications
from app.passes import service as passes
from app.registrations import debts, finding, waiting
from app.registrations import service as registrations


def every_five_minutes(event: dict[str, Any], context: object) -> dict[str, int]:  # noqa: ARG001  Lambda's signature
    """Finish what was missed: seats whose time is up, free seats, passes, mails, links asked for;
    says how many."""
    with entered(context):
        sweep = Sweep()
        owed = list(debts.due(now_ms()))
        done = {
            "run_out": sweep.each(registrations.run_out, owed),
            "promoted": sweep.each(lambda queue: waiting.promote(*queue), _queues()),
            "passes": sweep.each(passes.issue, owed),
            "mails": sweep.each(notifications.send_owed, owed),
            "links": sweep.each(notifications.send_links, finding.overdue(now_ms())),
        }
        # Mails are often left to the schedule on purpose: an address has had enough for an hour.
        # And time runs out by itself.
        metrics.count(Metric.MENDED, sum(done.values()) - done["mails"] - done["run_out"])
        sweep.raise_failures()
        return done


def every_hour(event: dict[str, Any], context: object) -> dict[str, int]:  # noqa: ARG001  Lambda's signature
    """Erase what was promised to be erased; says how many registrations."""
    with entered(context):
        sweep, now = Sweep(), now_ms()
        over = [one for one in conferences.everything() if rules.is_to_be_erased(one, now)]
        done = {"erased": sweep.each(passes.erase_all, over)}
        sweep.raise_failures()
        return done


def _queues() -> list[tuple[int, int]]:
    return [
        (conference.conference_id, ticket_type.type_id)
        for conference in conferences.everything()
        for ticket_type in conference.ticket_types
    ]
