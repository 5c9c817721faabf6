"""Sending what is owed: each mail is claimed, sent, noted. None is lost; a second copy goes out
only if the process died, or the reply was lost, between SES and our note."""

from __future__ import annotations

import logging
from email.message import EmailMessage

from app.aws import access, mailer, metrics
from app.aws.mailer import NotSent
from app.aws.metrics import Metric
from app.conferences import service as conferences
from app.core.clock import HOUR, now_ms
from app.notifications import mails
from app.registrations import debts, finding, links
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.registrations.rules import Mail

MAILS_AN_HOUR = 10

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
    for former in sorted(registration.former_emails or ()):
        if not _deliver(mails.compose_to_former(former, kind, registration.language, conference)):
            debts.mail_failed(registration)
            return False
        debts.told(registration, former)
    if not _deliver(mails.compose(kind, registration, conference)):
        debts.mail_failed(registration)
        return False
    debts.mail_sent(registration)
    return True


def _deliver(mail: EmailMessage) -> bool:
    """Whether a mail is done with: sent, or refused for good."""
    try:
        mailer.send(mail)
    except NotSent as failure:
        log.warning("mail not sent: %s", failure)
        return failure.permanent
    metrics.count(Metric.MAILS)
    return True


def send_links(request_key: str) -> bool:
    """Mail the links that were asked for; False if the request is gone or nothing is to send."""
    request = finding.claim(request_key)
    if request is None:
        return False
    found = finding.registrations_to_mail(request)
    if found:
        entries = [(conferences.by_id(int(one.conference_id)), one) for one in found]
        if not _deliver(mails.compose_links(request.email, request.language, entries)):
            return False
    finding.answered(request)
    return bool(found)
