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


# HTTP/2 may split cookies over several headers; REST API (payload v1) joins these with commas.
_COMMA = re.compile(r",\s*(?=[A-Za-z_-]+=)")


def _is_ours(sent: Any) -> bool:
    expected = config.settings.front_secret
    # As bytes: texts are compared in ASCII alone, and anybody may send anything.
    return bool(expected and sent) and hmac.compare_digest(str(sent).encode(), expected.encode())
