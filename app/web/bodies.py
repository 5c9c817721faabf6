"""Bodies that are not what they should be are refused before any view reads them."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from app.core.errors import NotUtf8, UnreadableBody

MAX_BYTES = 64 * 1024
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def require_readable() -> None:
    """Raise RequestEntityTooLarge for a body of MAX_BYTES and more, UnreadableBody unless a POST
    carries a form, NotUtf8 unless that is UTF-8.

    Werkzeug would replace bad bytes silently, and somebody's name would be kept wrong.
    """
    if request.method != "POST":
        return
    body = request.get_data()
    if len(body) >= MAX_BYTES:  # a chunked body is cut there, silently
        raise RequestEntityTooLarge
    if body and request.mimetype not in _FORMS:
        raise UnreadableBody
    if request.mimetype == _FORMS[0]:
        body = unquote_to_bytes(body.replace(b"+", b" "))
    try:
        body.decode()
        request.query_string.decode()
        unquote_to_bytes(request.query_string).decode()
    except UnicodeDecodeError:
        raise NotUtf8 from None
