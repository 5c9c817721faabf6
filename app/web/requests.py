"""Every request gets an id, and a line in the log: the route, never the path."""

from __future__ import annotations

import logging
import time
import uuid

from flask import Flask, Response, g, request

from app.core.logs import request_id

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Name each request, and tell of it when it is answered."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    context = request.environ.get("lambda.context")
    request_id.set(getattr(context, "aws_request_id", None) or uuid.uuid4().hex)
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    fields = {
        "method": request.method,
        "route": str(request.url_rule or "no route"),
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.began) * 1000, 1),
    }
    log.info("answered", extra={"fields": fields})
    return response
