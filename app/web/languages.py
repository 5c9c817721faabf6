"""The page's language: `?lang=` where it is given, else what the browser prefers.

No cookie: the address alone decides, so that a cache in front can keep one page per language.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, g, has_request_context, request
from flask_babel import Babel

from app.core.text import LANGUAGES

# Addresses that are the same in every language.
_WITHOUT_LANGUAGE = frozenset(
    {
        "static",
        "conferences.brand",
        "conferences.media",
        "conferences.robots",
        "conferences.sitemap",
        "passes.image",
        "passes.pdf",
        "health.alive",
        "health.ready",
    }
)


def install(app: Flask) -> None:
    """Choose each request's language, and carry a chosen one on in every link."""
    Babel(app, locale_selector=select, default_translation_directories="../translations")
    app.url_defaults(_carry_on)
    app.after_request(_vary)


def select() -> str:
    """The language of this request: ko or en."""
    return chosen() or _preferred()


def _preferred() -> str:
    """What the browser likes best of ours, as the edge function in front decides it: by the
    language alone, so that British English is English."""
    accepted = (value for value, quality in request.accept_languages if quality > 0)
    wanted = (value.partition("-")[0].lower() for value in accepted)
    return next((language for language in wanted if language in LANGUAGES), LANGUAGES[0])


def chosen() -> str | None:
    """The language that the address names, if it names one of ours."""
    lang = request.args.get("lang")
    return lang if lang in LANGUAGES else None


def _carry_on(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint in _WITHOUT_LANGUAGE or not has_request_context():
        return
    lang = g.get("language") or chosen()
    if lang:
        values.setdefault("lang", lang)


def _vary(response: Any) -> Any:
    if chosen() is None and response.mimetype == "text/html":
        response.vary.add("Accept-Language")
    return response
