"""What was mailed, for a laptop: the embedded cloud keeps it. Local mode only."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.aws import sent

bp = Blueprint("dev", __name__)


@bp.get("/outbox")
def outbox() -> str:
    """The mails of this local cloud, newest first."""
    return render_template("dev/outbox.html", messages=sent.messages())
