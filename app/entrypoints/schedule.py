"""Scheduled events: whatever is due, found through the records alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from app.aws import metrics
from app.aws.metrics import Metric
from app.conferences import rules
from app.conferences import service as conferences
from app.core.clock import SECOND, now_ms
from app.entrypoints.context import entered
from app.entrypoints.sweep import Sweep
from app.mail import pace
from app.notifications import service as notifications
from app.passes import service as passes
from app.registrations import debts, finding, news, recount, waiting
from app.registrations import service as registrations

Item = TypeVar("Item")

# Where nobody says how long a run may last, and what is left for the work under way at its end.
RUN = 60 * SECOND
RESERVE = 15 * SECOND


def every_five_minutes(event: dict[str, Any], context: object) -> dict[str, int]:  # noqa: ARG001  Lambda's signature
    """Finish what was missed: news of conferences, seats whose time is up, free seats, passes,
    links asked for, mails; says how many. What there is no time for, the next run does."""
    with entered(context):
        sweep, start, end = Sweep(), now_ms(), _end(context)
        owed = list(debts.due(start))
        done = {
            "told": sweep.each(news.tell, conferences.with_news()),
            "run_out": sweep.each(registrations.run_out, owed),
            "promoted": sweep.each(
                lambda queue: waiting.promote(*queue), conferences.pools_to_give()
            ),
            "passes": sweep.each(passes.settle, _until((start + end) // 2, owed)),
            "links": sweep.each(
                notifications.send_links, pace.paced(finding.overdue(now_ms()), end)
            ),
            "mails": sweep.each(notifications.send_owed, pace.paced(owed, end)),
        }
        # Mail is often left to the schedule on purpose.
        metrics.count(Metric.MENDED, done["promoted"] + done["passes"])
        sweep.raise_failures()
        return done


def every_hour(event: dict[str, Any], context: object) -> dict[str, int]:  # noqa: ARG001  Lambda's signature
    """Recount conferences that changed, and erase what was promised to be erased; says how many
    things were mended, and how many registrations erased."""
    with entered(context):
        sweep, now, end = Sweep(), now_ms(), _end(context)
        over = [one for one in conferences.everything() if rules.is_to_be_erased(one, now)]
        done = {
            "mended": sweep.each(recount.recount, _until(end, recount.changed())),
            "erased": sweep.each(passes.erase_all, over),
        }
        metrics.count(Metric.MENDED, done["mended"])
        sweep.raise_failures()
        return done


def _end(context: object) -> int:
    """When to begin nothing new (ms UTC), so that Lambda does not break off what is under way."""
    left = getattr(context, "get_remaining_time_in_millis", lambda: RUN)()
    return now_ms() + int(left) - RESERVE


def _until(end: int, items: Iterable[Item]) -> Iterator[Item]:
    return itertools.takewhile(lambda _: now_ms() < end, items)
