"""The consent of those who did not fill in the form that asks for it."""

from __future__ import annotations

from app.aws.tables import change
from app.conferences import service as conferences
from app.core.clock import now_ms
from app.registrations.models import Registration
from app.registrations.rules import LIVE


def is_missing(registration: Registration) -> bool:
    """Whether the conference asks for consent, and this person has not been asked."""
    conference = conferences.by_id(int(registration.conference_id))
    asks = conference.consent is not None and not registration.consent_version
    return asks and registration.state in LIVE


def agree(registration: Registration) -> None:
    """Keep that the person agrees to the conference's text as it is now; once is enough, and what
    was agreed to first stays. Raises ChangedMeanwhile if the place has gone to another."""
    consent = conferences.by_id(int(registration.conference_id)).consent
    if consent is None or not is_missing(registration):
        return
    same_person = Registration.link_version == registration.link_version
    agreed = [
        Registration.consent_version.set(consent.version),
        Registration.consent_at.set(now_ms()),
    ]
    change(registration, same_person, agreed)
