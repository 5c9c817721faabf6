"""Files put into the upload bucket: S3 tells, with URL-encoded keys."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

from app.conferences import uploads
from app.entrypoints.context import entered
from app.entrypoints.sweep import Sweep


def handle(event: dict[str, Any], context: object) -> None:
    """Process each object of one S3 event; an error makes Lambda deliver it again."""
    with entered(context):
        sweep = Sweep()
        sweep.each(_take, event["Records"])
        sweep.raise_failures()


def _take(record: dict[str, Any]) -> None:
    found = record["s3"]["object"]
    uploads.take(unquote_plus(found["key"]), int(found["size"]))
