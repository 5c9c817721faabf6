"""The lock of an address: one live registration per address and conference.

Where several people may share an address, one per address and name.
"""

from __future__ import annotations

from app.aws.tables import Delete, Put, Update, Write
from app.conferences import service as conferences
from app.core.errors import AlreadyRegistered
from app.registrations import links, records
from app.registrations.models import AddressLock, Registration
from app.registrations.rules import Person

Key = tuple[str, str]


def key_of(conference_id: int, person: Person) -> Key:
    """The key of the lock that keeps a person from registering twice."""
    shared = conferences.by_id(conference_id).shared_addresses
    scope = links.hashed_name(person.name) if shared else "-"
    return links.hashed_address(person.email), f"{conference_id}#{scope}"


def key_for(registration: Registration) -> Key:
    """The key of the lock that a live registration has."""
    return key_of(int(registration.conference_id), records.person_of(registration))


def lock(registration: Registration, person: Person, submission: str) -> Put:
    """Keep a person's address for a registration; refused (AlreadyRegistered) if it is taken."""
    row = AddressLock(
        *key_of(int(registration.conference_id), person),
        registration_id=registration.registration_id,
        submission=submission,
    )
    return Put(row, AddressLock.address.does_not_exist(), AlreadyRegistered)


def unlock(registration: Registration) -> Delete:
    """Let the address of a registration be used again."""
    return Delete(_row_of(registration))


def move(registration: Registration, person: Person, submission: str) -> list[Write]:
    """Keep a person's address in place of that of the one before."""
    conference_id = int(registration.conference_id)
    if key_of(conference_id, person) == key_for(registration):
        return [] if submission == registration.submission else [renew(registration, submission)]
    return [lock(registration, person, submission), unlock(registration)]


def renew(registration: Registration, submission: str) -> Update:
    """Let no form that was sent before lead to the registration."""
    fresh = [AddressLock.submission.set(submission)]
    return Update(_row_of(registration), AddressLock.address.exists(), actions=fresh)


def holder_of(conference_id: int, person: Person) -> tuple[AddressLock, Registration] | None:
    """The lock of a person's address, and the registration that holds it."""
    try:
        row = AddressLock.get(*key_of(conference_id, person), consistent_read=True)
    except AddressLock.DoesNotExist:
        return None
    registration = records.find(int(row.registration_id))
    return (row, registration) if registration else None


def _row_of(registration: Registration) -> AddressLock:
    return AddressLock(*key_for(registration))
