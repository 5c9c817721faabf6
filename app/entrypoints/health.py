"""Whether the process answers: cheap, and asks nobody else."""

from __future__ import annotations

from flask import Blueprint, Response

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """200 as soon as requests are served."""
    return Response("ok\n", mimetype="text/plain")
