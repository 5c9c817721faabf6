"""The one way to change a registration: conditional on what was read, counted, and announced."""

from __future__ import annotations

from collections.abc import Sequence

from pynamodb.expressions.update import Action

from app.aws import topic
from app.aws.tables import Update
from app.core.clock import now_ms
from app.registrations import debts, models
from app.registrations.models import Registration
from app.registrations.rules import Mail

# A mail that tells of a place, still unsent, is not replaced by one that tells of a change.
_TELLS_OF_A_CHANGE = frozenset({Mail.CHANGED, Mail.RESCHEDULED})
_TELLS_OF_A_PLACE = frozenset({Mail.CONFIRMED, Mail.PROMOTED, Mail.WAITING})


def move(registration: Registration, changes: Sequence[Action], mail: Mail) -> Update:
    """A meaningful change: refused (ChangedMeanwhile) if the registration was changed since it
    was read; counts up its revision, shows in by_change, and owes `mail`."""
    now = now_ms()
    _, _, shard = registration.change_shard.rpartition("#")  # that of its sign-up, for good
    return Update(
        registration,
        (Registration.revision == registration.revision)
        & (Registration.state == registration.state),
        actions=[
            *changes,
            Registration.revision.set(registration.revision + 1),
            Registration.change_shard.set(
                models.change_shard(int(registration.conference_id), now, int(shard))
            ),
            Registration.change_at.set(models.change_key(int(registration.registration_id), now)),
            *debts.owe(registration, _mail_to_owe(registration, mail)),
        ],
    )


def _mail_to_owe(registration: Registration, mail: Mail) -> Mail:
    owed = registration.mail_owed
    if mail in _TELLS_OF_A_CHANGE and owed in _TELLS_OF_A_PLACE:
        return Mail(owed)
    return mail


def changed(registration: Registration, fact: str) -> Registration:
    """Tell of a move that was written; the registration as it is now."""
    tell(registration, fact)
    registration.refresh(consistent_read=True)
    return registration


def tell(registration: Registration, fact: str) -> None:
    """Publish a fact about a registration."""
    topic.publish(fact, registration_id=int(registration.registration_id))
