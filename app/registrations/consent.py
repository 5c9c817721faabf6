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


def agree(registration: Registration, version: str) -> None:
    """Keep that the person agrees to the conference's text, in the version that was on the page;
    once is enough, and what was agreed to first stays. To a text that is another by now nobody has
    agreed: nothing is kept. Raises ChangedMeanwhile if the place has gone to another, or was
    agreed for at the same moment."""
    consent = conferences.by_id(int(registration.conference_id)).consent
    if consent is None or consent.version != version or not is_missing(registration):
        return
    same_person = Registration.link_version == registration.link_version
    not_yet = Registration.consent_version.does_not_exist()
    agreed = [
        Registration.consent_version.set(consent.version),
        Registration.consent_at.set(now_ms()),
    ]
    change(registration, same_person & not_yet, agreed)
