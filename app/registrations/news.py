"""Telling everybody who has signed up that a conference has moved, or will not take place.

The conference's record says what is to be told, each registration's what it was told of: whoever is
interrupted begins anew, and nobody is told twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.aws import topic
from app.aws.tables import commit
from app.conferences import service as conferences
from app.conferences.rules import Conference
from app.core import messages
from app.core.clock import now_ms
from app.core.errors import ChangedMeanwhile
from app.registrations import moves, service
from app.registrations.models import Registration
from app.registrations.rules import LIVE, Mail, Move


def tell(conference_id: int) -> int:
    """Owe everybody the mail that the conference's news asks for; how many were not owed it yet.
    The news is done with when nobody was left: the list comes from an index, which may be
    behind."""
    conference = conferences.read(conference_id)
    if conference.news is None:
        return 0
    is_over = now_ms() >= conference.ends_at
    people = [] if is_over else _untold(conference)
    told = sum(_owe(registration, conference) for registration in people)
    if not told:
        conferences.news_told(conference)
    return told


def _untold(conference: Conference) -> Iterator[Registration]:
    for row in service.listed(conference):
        registration = service.find(int(row.registration_id))
        if registration and _is_to_be_told(registration, conference):
            yield registration


def _is_to_be_told(registration: Registration, conference: Conference) -> bool:
    is_new = int(registration.told_of) < conference.news_revision
    return is_new and registration.state in LIVE and not registration.erased_at


def _owe(registration: Registration, conference: Conference) -> bool:
    """The pass and the calendar's entry change too, hence a move."""
    told = [Registration.told_of.set(conference.news_revision)]
    try:
        commit(*moves.writes(registration, Move.TELL, Mail(str(conference.news)), told))
    except ChangedMeanwhile:
        return True  # to be looked at once more
    topic.publish(messages.REGISTRATION_CHANGED, registration_id=int(registration.registration_id))
    return True
