"""Sending what is owed: each mail is claimed, sent, noted. None is lost; a second copy goes out
only if the process died, or the reply was lost, between SES and our note."""

from __future__ import annotations

import logging

from app.aws import mailer
from app.aws.mailer import NotSent
from app.conferences import service as conferences
from app.notifications import mails
from app.registrations import debts, finding
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.registrations.rules import Mail

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
    return _send(registration)


def _send(registration: Registration) -> bool:
    conference = conferences.by_id(int(registration.conference_id))
    kind = Mail(registration.mail_owed)
    try:
        mailer.send(mails.compose(kind, registration, conference))
        if registration.former_email:
            mailer.send(mails.compose_moved_away(registration, conference))
    except NotSent as failure:
        log.warning("mail %s not sent: %s", kind, failure)
        if not failure.permanent:
            debts.mail_failed(registration)
            return False
    debts.mail_sent(registration)
    return True


def send_links(request_key: str) -> bool:
    """Mail the links that were asked for; False if the request is gone or nothing is to send."""
    request = finding.claim(request_key)
    if request is None:
        return False
    found = finding.registrations_to_mail(request)
    if found:
        entries = [(conferences.by_id(int(one.conference_id)), one) for one in found]
        try:
            mailer.send(mails.compose_links(request.email, request.language, entries))
        except NotSent as failure:
            log.warning("links not sent: %s", failure)
            if not failure.permanent:
                return False
    finding.answered(request)
    return bool(found)
