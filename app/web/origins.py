"""Cross-site requests: refused by what the browser says of itself, without tokens in pages.

Pages under /c/ are the same bytes for everybody, so they can carry no token.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import g, request

from app import config
from app.core.errors import ForeignOrigin, UnknownHost

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def refuse_foreign() -> None:
    """Raise ForeignOrigin for a form that another site sent.

    A request with neither header (old clients, programs) is allowed, but then the pass cookie is
    not believed: see `cookie_is_believed`.
    """
    if request.method in _SAFE_METHODS:
        return
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin is not None:
        if origin not in allowed():
            raise ForeignOrigin
    elif site is not None and site not in ("same-origin", "none"):
        raise ForeignOrigin
    g.cookie_is_believed = origin is not None or site is not None


def refuse_unknown_host() -> None:
    """Raise UnknownHost on a laptop unless the request is for this machine by its own name: a
    page elsewhere could have its host name lead here (DNS rebinding)."""
    own = request.host_url.rstrip("/")
    if config.settings.is_local and not (_is_loopback(own) or own == config.settings.public_origin):
        raise UnknownHost


def cookie_is_believed() -> bool:
    """Whether this request's cookies were surely sent by one of our own pages."""
    return bool(request.method in _SAFE_METHODS or g.get("cookie_is_believed"))


def allowed() -> set[str]:
    """The origins that may send forms: the public address, the API's own, sites that publish
    our pages; on a laptop the loopback address that was asked."""
    settings = config.settings
    origins = {settings.public_origin, *settings.site_origins}
    own = request.host_url.rstrip("/")
    if _is_loopback(own) if settings.is_local else own.endswith(".amazonaws.com"):
        origins.add(own)
    return origins


def _is_loopback(origin: str) -> bool:
    host = urlsplit(origin).hostname or ""
    return host in _LOOPBACK or host.endswith(".localhost")
