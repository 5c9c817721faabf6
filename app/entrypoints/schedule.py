"""Scheduled events: whatever is due, found through the records alone."""

from __future__ import annotations

from typing import Any

from app.conferences import rules
from app.conferences import service as conferences
from app.core.clock import now_ms
from app.entrypoints.context import with_app
from app.notifications import service as notifications
from app.passes import service as passes
from app.registrations import debts, finding, waiting


def every_five_minutes(event: dict[str, Any], context: object) -> dict[str, int]:  # noqa: ARG001  Lambda's signature
    """Finish what was missed: free seats, passes, mails, links asked for; says how many."""
    with with_app():
        return {
            "promoted": _promote(),
            **_pay_debts(),
            "links": sum(notifications.send_links(key) for key in finding.overdue(now_ms())),
        }


def every_hour(event: dict[str, Any], context: object) -> dict[str, int]:  # noqa: ARG001  Lambda's signature
    """Erase what was promised to be erased; says how many registrations."""
    with with_app():
        now = now_ms()
        over = [one for one in conferences.everything() if rules.is_to_be_erased(one, now)]
        return {"erased": sum(passes.erase_all(conference) for conference in over)}


def _promote() -> int:
    now = now_ms()
    return sum(
        waiting.promote(conference.conference_id, ticket_type.type_id)
        for conference in conferences.everything()
        if now < conference.starts_at
        for ticket_type in conference.ticket_types
    )


def _pay_debts() -> dict[str, int]:
    passes_made = mails_sent = 0
    for registration_id in debts.due(now_ms()):
        passes_made += passes.issue(registration_id)
        mails_sent += notifications.send_owed(registration_id)
    return {"passes": passes_made, "mails": mails_sent}
