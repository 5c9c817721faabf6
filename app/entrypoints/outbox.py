"""What was mailed, for a laptop: the embedded cloud keeps it. Local mode only."""

from __future__ import annotations

from email.message import EmailMessage

from flask import Blueprint, Response, render_template

from app.aws import sent
from app.core.errors import NotFound

bp = Blueprint("dev", __name__)

# A mail is not a page of ours: it has styles of its own, and may do nothing.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'self'; sandbox allow-popups"
)


@bp.get("/outbox")
def outbox() -> str:
    """The mails of this local cloud, newest first."""
    return render_template("dev/outbox.html", messages=sent.messages())


@bp.get("/outbox/<mail_id>/page")
def page(mail_id: str) -> Response:
    """The HTML part of a mail, as a mail program shows it."""
    response = Response(sent.page_of(_mail(mail_id)), mimetype="text/html")
    response.headers["Content-Security-Policy"] = _MAIL_POLICY
    return response


@bp.get("/outbox/<mail_id>/attachments/<int:number>")
def attachment(mail_id: str, number: int) -> Response:
    """What hangs on a mail, to be saved."""
    found = dict(enumerate(_mail(mail_id).iter_attachments())).get(number)
    if found is None:
        raise NotFound
    content = found.get_payload(decode=True)
    response = Response(content, mimetype=found.get_content_type())
    response.headers.set("Content-Disposition", "attachment", filename=found.get_filename())
    return response


def _mail(mail_id: str) -> EmailMessage:
    found = sent.message(mail_id)
    if found is None:
        raise NotFound
    return found
