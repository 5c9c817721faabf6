"""What organisers put into the upload bucket: `uploads/<slug>/logo/<any name>`, and `cover` in
place of `logo`.

The outcome is written beside it under `results/`, another prefix: a function must never be started
by its own output.
"""

from __future__ import annotations

import json
import re

from app import config
from app.aws import objects
from app.conferences import pictures, service
from app.conferences.pictures import Kind
from app.core.errors import Invalid, NotFound

PREFIX = "uploads/"
RESULTS = "results/"
_PICTURE = re.compile(rf"{PREFIX}([^/]+)/({'|'.join(Kind)})/.+", re.DOTALL)
_SET = {Kind.LOGO: service.set_logo, Kind.COVER: service.set_cover}


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
    found = _PICTURE.fullmatch(key)
    if found is None:
        raise NotFound
    conference, kind = service.by_slug(found[1]), Kind(found[2])
    pictures.require_bytes(size, kind)
    upload = objects.get(config.settings.uploads_bucket, key)
    if upload is not None:
        _SET[kind](conference.conference_id, upload)


def _answer(key: str, status: str, reason: str = "") -> None:
    result = f"{RESULTS}{key.removeprefix(PREFIX)}.json"
    body = json.dumps({"status": status, "reason": reason}).encode()
    objects.put(config.settings.uploads_bucket, result, body, "application/json")
