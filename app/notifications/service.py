"""Sending what is owed: each mail is claimed, sent, noted. None is lost; a second copy goes out
only if the process died, or the reply was lost, between SES and our note. A mail that was not taken
stays owed: for as long as no mail is taken at all, else for nine tries within a day."""

from __future__ import annotations

import logging
from email.message import EmailMessage

from app.aws import access, metrics
from app.aws.metrics import Metric
from app.conferences import service as conferences
from app.conferences.rules import Conference
from app.core.clock import HOUR, MINUTE, now_ms
from app.mail import pace
from app.mail.transport import NotSent
from app.notifications import mails
from app.passes import service as passes
from app.registrations import debts, finding, links
from app.registrations.models import Registration
from app.registrations.rules import TELLS_OF_A_PLACE, Mail

MAILS_AN_HOUR = 10
# Each try waits twice as long as the one before: 5 minutes, then 10, 20, the last 11 hours.
TRIES = 9
FIRST_PAUSE = 5 * MINUTE

log = logging.getLogger(__name__)


def pay(registration_id: int) -> None:
    """Make the pass and send the mail that a registration is owed, unless somebody else does. A
    pass that cannot be drawn does not keep the mail; while no mail may be sent, it stays owed."""
    registration = debts.claim(registration_id)
    if registration is None:
        return
    try:
        passes.pay(registration)
    finally:
        later = _send(registration) if registration.mail_owed and pace.is_open() else None
        passes.conclude(registration, later)


def send_owed(registration_id: int) -> bool:
    """Send the mail that a registration is owed; False if none is, it cannot be sent now, or
    somebody else sends it."""
    registration = debts.claim(registration_id)
    if registration is None:
        return False
    later = _send(registration) if (was_owed := bool(registration.mail_owed)) else None
    debts.note(registration, later)
    return was_owed and not (registration.mail_owed or registration.mail_refused)


def _send(registration: Registration) -> int | None:
    """Send the owed mail; if that is to be tried again, when (ms UTC). Who had the registration
    is told first: no matter how many mails the address has had that it was moved to."""
    conference = conferences.by_id(int(registration.conference_id))
    kind = Mail(registration.mail_owed)
    try:
        for former in sorted(registration.former_emails or ()):
            _deliver(mails.compose_to_former(former, kind, registration.language, conference))
            debts.told(registration, former)
        if not _may_have_another(registration, conference):
            return now_ms() + HOUR
        sent = _deliver(mails.compose(kind, registration, conference))
    except NotSent as failure:
        return _next_try(registration, failure)
    (debts.mail_sent if sent else debts.mail_refused)(registration)
    return None


def _may_have_another(registration: Registration, conference: Conference) -> bool:
    """Whether an address has had fewer mails this hour than anybody would want. A mail that tells
    of a place is not counted: nobody can have it kept from its reader by having others sent, and
    how often an address can begin anew is limited. But where many share an address, there may be
    many of these too."""
    address = links.hashed_address(registration.email)
    counted: tuple[str, ...] = ("mail", address)
    if registration.mail_owed in TELLS_OF_A_PLACE:
        if not conference.shared_addresses:
            return True
        counted = ("place", str(conference.conference_id), address)
    return access.allowed(*counted, limit=MAILS_AN_HOUR)


def _deliver(mail: EmailMessage) -> bool:
    """Send a mail; False if it was refused for good. Raises NotSent if it may be tried again."""
    try:
        pace.send(mail)
    except NotSent as failure:
        log.warning("mail not sent: %s", failure)
        if not failure.permanent:
            raise
        metrics.count(Metric.REFUSED)
        return False
    metrics.count(Metric.MAILS)
    return True


def _next_try(registration: Registration, failure: NotSent) -> int | None:
    """When a mail is to be tried again; one that fails again and again by itself is given up."""
    if failure.pause:
        return None  # it stays due
    debts.mail_failed(registration)
    tries = debts.tries(registration)
    if tries < TRIES:
        return int(now_ms() + FIRST_PAUSE * 2 ** (tries - 1))
    metrics.count(Metric.REFUSED)
    debts.mail_refused(registration)
    return None


def send_links(request_key: str) -> bool:
    """Mail the links that were asked for; False if the request is gone or nothing is to send."""
    request = finding.claim(request_key)
    if request is None:
        return False
    found = finding.registrations_to_mail(request)
    if found:
        entries = [(conferences.by_id(int(one.conference_id)), one) for one in found]
        try:
            _deliver(mails.compose_links(request.email, request.language, entries))
        except NotSent:
            return False
    finding.answered(request)
    return bool(found)
