"""Registrations as they are kept: found by id, by pass link, by address; listed."""

from __future__ import annotations

from collections.abc import Iterator

from app.conferences.rules import Conference
from app.core.clock import DAY, now_ms
from app.core.errors import NotFound
from app.registrations import links, models, rules
from app.registrations.models import AddressLock, Registration
from app.registrations.rules import Person, Standing, State


def find(registration_id: int) -> Registration | None:
    """The registration as it is now, or None."""
    try:
        return Registration.get(registration_id, consistent_read=True)
    except Registration.DoesNotExist:
        return None


def by_secret(secret: str) -> Registration:
    """The registration that a pass link opens; raises NotFound, for whatever reason alike."""
    number = links.id_in(secret)
    registration = find(number) if number is not None else None
    if registration is None or registration.erased_at or not links.opens(secret, registration):
        raise NotFound
    return registration


def of_address(email: str) -> list[Registration]:
    """All live registrations of a normalised address."""
    locks = AddressLock.query(links.hashed_address(email), consistent_read=True)
    found = (find(int(lock.registration_id)) for lock in locks)
    return [registration for registration in found if registration]


def listed(conference: Conference) -> Iterator[Registration]:
    """The registrations of a conference, by their last change, from an index: the projected
    attributes only, and what changed in the last moments may be missing. A day more on either
    side: clocks differ."""
    for day in range(conference.created_at // DAY - 1, now_ms() // DAY + 2):
        for shard in range(conference.change_shards):
            part = models.change_shard(conference.conference_id, day * DAY, shard)
            yield from Registration.by_change.query(part)


def standing(registration: Registration, conference: Conference) -> Standing:
    """What a registration is worth to its owner now."""
    until = int(registration.seat_until) if registration.seat_until else None
    state = State(registration.state)
    return rules.standing(state, conference, now_ms(), until, registration.ended)


def person_of(registration: Registration) -> Person:
    """Who registered."""
    return Person(registration.name, registration.email, registration.phone, registration.company)
