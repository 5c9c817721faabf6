"""Headers of every answer."""

from __future__ import annotations

from flask import Flask, Response, g

POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
FOR_EVER = "public, max-age=31536000, immutable"
PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


def install(app: Flask) -> None:
    """Add the headers; an answer that says nothing of caching is not kept."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    if g.get("private", False) or response.status_code >= 400:
        response.headers.update(PRIVATE)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def cacheable(response: Response, seconds: int) -> Response:
    """Let caches in front keep the answer for so many seconds; browsers ask again each time."""
    if seconds > 0:
        response.headers["Cache-Control"] = (
            f"public, max-age=0, s-maxage={seconds}, must-revalidate"
        )
    return response


def immutable(response: Response) -> Response:
    """Let everybody keep the answer for ever: its address names its content."""
    response.headers["Cache-Control"] = FOR_EVER
    return response
