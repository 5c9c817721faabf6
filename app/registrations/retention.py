"""Erasing personal data when the promised time is over."""

from __future__ import annotations

from app.aws.tables import Update, commit
from app.core.clock import now_ms
from app.registrations.locks import unlock
from app.registrations.models import Registration
from app.registrations.moves import leave_queue
from app.registrations.rules import State


def erase(registration: Registration) -> None:
    """Remove who it was; that there was a registration stays. The pass link
    opens nothing any more. Raises ChangedMeanwhile: then the next hour does it."""
    commit(
        Update(
            registration,
            Registration.revision == registration.revision,
            actions=[
                *(field.set("") for field in (Registration.name, Registration.email)),
                *(field.set("") for field in (Registration.phone, Registration.company)),
                Registration.submission.set(""),
                Registration.erased_at.set(now_ms()),
                Registration.revision.set(registration.revision + 1),
                Registration.former_emails.remove(),
                Registration.mail_owed.remove(),
                Registration.withdrawal_owed.remove(),
                Registration.due_shard.remove(),
                Registration.due_at.remove(),
            ],
        ),
        unlock(registration),
        *([leave_queue(registration)] if registration.state == State.WAITING else ()),
    )
