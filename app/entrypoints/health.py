"""Whether the process answers, and whether what it needs does."""

from __future__ import annotations

from flask import Blueprint, Response

from app.aws import readiness

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """200 as soon as requests are served: cheap, and asks nobody else."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> tuple[dict[str, bool], int]:
    """Each service that a request needs, and whether it answers; 503 unless all do."""
    found = readiness.check()
    return found, 200 if all(found.values()) else 503
