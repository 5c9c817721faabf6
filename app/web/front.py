"""Behind CloudFront the app is reached under execute-api's host and a stage prefix.

CloudFront may not forward `Host`, and Zappa puts the stage into SCRIPT_NAME: without this, links
would carry the stage and every form would seem foreign. Whoever sends the secret header is our
own distribution; for all others Zappa's values stand.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app import config

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "HTTP_X_LANYARD_FRONT"


class Front:
    """WSGI middleware that gives the app its public host and an empty script name."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        _drop_underscored(environ)
        if _is_ours(environ.pop(HEADER, None)):
            public = urlsplit(config.settings.public_url)
            environ.update(
                SCRIPT_NAME="",
                HTTP_HOST=public.netloc,
                **{"wsgi.url_scheme": public.scheme, "lanyard.front": True},
            )
        if "HTTP_COOKIE" in environ:
            environ["HTTP_COOKIE"] = _COMMA.sub("; ", environ["HTTP_COOKIE"])
        return self._app(environ, start_response)


def _drop_underscored(environ: WSGIEnvironment) -> None:
    """In WSGI `X_Lanyard_Front` is called like `X-Lanyard-Front`, and with Zappa the last one
    counts: a visitor's in place of our distribution's. As with other servers, a header whose name
    has an underscore is none."""
    sent = _headers_of(environ.get("lambda.event") or {})
    doubtful = {_wsgi_name(name) for name in sent if "_" in name}
    if not doubtful:
        return
    for name in doubtful:
        environ.pop(name, None)
    named_well = {_wsgi_name(name): value for name, value in sent.items() if "_" not in name}
    environ.update({name: named_well[name] for name in doubtful & named_well.keys()})


def _headers_of(event: dict[str, Any]) -> dict[str, str]:
    """What API Gateway says was sent; a REST API (payload v1) says each value of a header."""
    each = event.get("multiValueHeaders") or {}
    return {**(event.get("headers") or {}), **{name: ", ".join(each[name]) for name in each}}


def _wsgi_name(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


# HTTP/2 may split cookies over several headers; REST API (payload v1) joins these with commas.
_COMMA = re.compile(r",\s*(?=[A-Za-z_-]+=)")


def _is_ours(sent: Any) -> bool:
    expected = config.settings.front_secret
    # As bytes: texts are compared in ASCII alone, and anybody may send anything.
    return bool(expected and sent) and hmac.compare_digest(str(sent).encode(), expected.encode())
