"""Find my pass: an address gets its pass links by mail.

The request only writes a row and names it in a message; whether the address is known is looked up
in the reaction. So the answer is the same, and takes the same time, for every address.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.aws import access, topic
from app.aws.access import Access
from app.aws.tables import change
from app.core import messages
from app.core.clock import HOUR, SECOND, now_ms
from app.core.errors import ChangedMeanwhile
from app.core.ids import random_token
from app.registrations import links, records, rules
from app.registrations.models import Registration

# Where the requests that are not yet answered stand in the index by_conference.
REQUESTS = "-passes-asked-for"
MAILS_AN_HOUR = 3


def ask(email: str, language: str) -> None:
    """Note that the links of a normalised address are asked for."""
    row = Access(
        access.key_of("find", random_token()),
        conference=REQUESTS,
        expires_at=(now_ms() + HOUR) // SECOND,
        email=email,
        language=language,
    )
    row.save()
    topic.publish(messages.PASSES_ASKED_FOR, request=row.key)


def claim(key: str) -> Access | None:
    """The request, reserved for a minute; None if it was answered, has expired, or somebody else
    answers it now."""
    row, now = Access(key), now_ms()
    free = Access.claimed_until.does_not_exist() | (Access.claimed_until < now)
    try:
        change(
            row,
            (Access.expires_at > now // SECOND) & free,
            [Access.claimed_until.set(now + rules.CLAIM)],
        )
    except ChangedMeanwhile:
        return None
    return row


def registrations_to_mail(request: Access) -> list[Registration]:
    """The live registrations of the address; none after 3 mails in an hour. A request counts
    once, however often its mail is tried."""
    found = records.of_address(request.email)
    if not found or request.used:
        return found
    hashed = links.hashed_address(request.email)
    if not access.allowed("find", hashed, limit=MAILS_AN_HOUR):
        return []
    try:
        change(request, Access.key.exists(), [Access.used.set(1)])
    except ChangedMeanwhile:
        return []  # another has answered it
    return found


def answered(request: Access) -> None:
    """Forget the request, and the address in it."""
    request.delete()


def overdue(now: int) -> Iterator[str]:
    """The keys of requests that should have been answered before `now` (ms UTC)."""
    asked_before = (now - rules.GRACE + HOUR) // SECOND
    for row in Access.by_conference.query(REQUESTS, Access.expires_at <= asked_before):
        yield row.key
