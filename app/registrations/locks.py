"""The lock of an address: one live registration per address and conference."""

from __future__ import annotations

from app.aws import access
from app.aws.tables import Delete, Put, Update, change
from app.core import messages
from app.core.errors import AlreadyRegistered, ChangedMeanwhile
from app.registrations import debts, links, moves, records, rules
from app.registrations.models import AddressLock, Registration
from app.registrations.rules import Mail


def lock(registration: Registration, email: str) -> Put:
    """Take an address for a registration; refused (AlreadyRegistered) if it is taken."""
    row = AddressLock(
        *_key(email, int(registration.conference_id)),
        registration_id=registration.registration_id,
        submission=registration.submission,
    )
    return Put(row, AddressLock.address.does_not_exist(), AlreadyRegistered)


def unlock(registration: Registration) -> Delete:
    """Let the address of a registration be used again."""
    return Delete(_row_of(registration))


def renew(registration: Registration, submission: str) -> Update:
    """Let no form that was sent before lead to the registration."""
    fresh = [AddressLock.submission.set(submission)]
    return Update(_row_of(registration), AddressLock.address.exists(), actions=fresh)


def holder_of(email: str, conference_id: int) -> tuple[AddressLock, Registration] | None:
    """The lock of an address, and the registration that holds it."""
    try:
        row = AddressLock.get(*_key(email, conference_id), consistent_read=True)
    except AddressLock.DoesNotExist:
        return None
    registration = records.find(int(row.registration_id))
    return (row, registration) if registration else None


def _row_of(registration: Registration) -> AddressLock:
    return AddressLock(*_key(registration.email, int(registration.conference_id)))


def _key(email: str, conference_id: int) -> tuple[str, str]:
    return links.hashed_address(email), f"{conference_id}#-"


def mail_link_again(registration: Registration) -> None:
    """Mail the pass link to its owner because somebody used the address again: at most 3 times an
    hour, and not when a mail with the link is on its way anyway."""
    number = str(int(registration.registration_id))
    if not access.allowed("link", number, limit=rules.LINK_MAILS_AN_HOUR):
        return
    nothing_owed = Registration.mail_owed.does_not_exist()
    try:
        change(registration, nothing_owed, debts.owe(registration, Mail.LINK))
    except ChangedMeanwhile:
        return
    moves.tell(registration, messages.REGISTRATION_REPEATED)
