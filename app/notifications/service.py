"""Sending what is owed: each mail is claimed, sent, noted. None is lost; a second copy goes out
only if the process died, or the reply was lost, between SES and our note. A mail that was not taken
stays owed: for as long as no mail is taken at all, else for nine tries within a day."""

from __future__ import annotations

import logging
from email.message import EmailMessage

from app.aws import access, metrics
from app.aws.metrics import Metric
from app.conferences import service as conferences
from app.core.clock import HOUR, MINUTE, now_ms
from app.mail import pace
from app.mail.transport import NotSent
from app.notifications import mails
from app.registrations import debts, finding, links
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.registrations.rules import Mail

MAILS_AN_HOUR = 10
# Each try waits twice as long as the one before: 5 minutes, then 10, 20, the last 11 hours.
TRIES = 9
FIRST_PAUSE = 5 * MINUTE

log = logging.getLogger(__name__)


def send_owed(registration_id: int) -> bool:
    """Send the mail that a registration is owed; False if none is, or somebody else sends it."""
    registration = registrations.find(registration_id)
    if registration is None:
        return False
    if not registration.mail_owed:
        debts.settle(registration)
        return False
    if not debts.claim_mail(registration):
        return False
    if not _may_have_another(registration.email):
        debts.postpone(registration, now_ms() + HOUR)
        return False
    return _send(registration)


def _may_have_another(email: str) -> bool:
    """Whether an address has had fewer mails this hour than anybody would want."""
    return access.allowed("mail", links.hashed_address(email), limit=MAILS_AN_HOUR)


def _send(registration: Registration) -> bool:
    conference = conferences.by_id(int(registration.conference_id))
    kind = Mail(registration.mail_owed)
    try:
        for former in sorted(registration.former_emails or ()):
            _deliver(mails.compose_to_former(former, kind, registration.language, conference))
            debts.told(registration, former)
        sent = _deliver(mails.compose(kind, registration, conference))
    except NotSent as failure:
        _try_again(registration, failure)
        return False
    (debts.mail_sent if sent else debts.mail_refused)(registration)
    return sent


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


def _try_again(registration: Registration, failure: NotSent) -> None:
    """Leave a mail to the schedule; but one that fails again and again by itself is given up."""
    tries = debts.tries(registration)
    if failure.pause:
        debts.mail_left(registration)
    elif tries + 1 < TRIES:
        debts.mail_failed(registration, now_ms() + FIRST_PAUSE * 2**tries)
    else:
        metrics.count(Metric.REFUSED)
        debts.mail_refused(registration)


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
