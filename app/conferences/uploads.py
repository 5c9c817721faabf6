"""What organisers put into the upload bucket: `uploads/<slug>/logo/<any name>`.

The outcome is written beside it under `results/`, another prefix: a function must never be started
by its own output.
"""

from __future__ import annotations

import json
import re

from app import config
from app.aws import objects
from app.conferences import logos, service
from app.core.errors import Invalid, NotFound

PREFIX = "uploads/"
RESULTS = "results/"
_LOGO = re.compile(rf"{PREFIX}([^/]+)/logo/.+", re.DOTALL)


def take(key: str, size: int) -> bool:
    """Process one uploaded object of so many bytes, and write its result; False if it was refused
    (the result says why). A file that is gone is nothing to do."""
    try:
        _process(key, size)
    except NotFound:
        _answer(key, "refused", "there is no conference or kind of file of that name")
        return False
    except Invalid as refusal:
        _answer(key, "refused", str(refusal))
        return False
    _answer(key, "done")
    return True


def _process(key: str, size: int) -> None:
    found = _LOGO.fullmatch(key)
    if found is None:
        raise NotFound
    conference = service.by_slug(found[1])
    if size > logos.MAX_BYTES:
        raise Invalid(f"logo: the file has more than {logos.MAX_BYTES // 1_000_000} MB")
    upload = objects.get(config.settings.uploads_bucket, key)
    if upload is not None:
        service.set_logo(conference.conference_id, upload)


def _answer(key: str, status: str, reason: str = "") -> None:
    result = f"{RESULTS}{key.removeprefix(PREFIX)}.json"
    body = json.dumps({"status": status, "reason": reason}).encode()
    objects.put(config.settings.uploads_bucket, result, body, "application/json")
