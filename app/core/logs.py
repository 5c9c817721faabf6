"""Structured logs: one JSON object a line, with the id of the request and nothing personal."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

# The id of what is being worked on: CloudWatch finds all lines of one request by it.
request_id: ContextVar[str] = ContextVar("request_id", default="-")


class JsonFormatter(logging.Formatter):
    """One record as one line of JSON. `extra={"fields": {...}}` adds fields of its own.

    Tracebacks are left out: their last line is what an error says, which may be personal.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": request_id.get(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        return json.dumps(line, ensure_ascii=False)


def write_json() -> None:
    """Let all loggers write JSON to the standard output, from INFO on; Lambda's own handler, which
    would write each line a second time, is taken away."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for talkative in ("botocore", "boto3", "urllib3", "zappa"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
