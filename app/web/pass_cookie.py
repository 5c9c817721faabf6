"""The cookie `passes`: the pass links this browser signed up for, signed, newest first."""

from __future__ import annotations

from flask import request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from app import config
from app.aws.parameters import secret
from app.core.ids import random_token
from app.web.origins import cookie_is_believed

NAME = "passes"
MOST = 20
YEAR = 365 * 24 * 3600


def read() -> list[str]:
    """The secrets of pass links in this browser's cookie; none if the cookie is not to be
    believed."""
    return _kept() if cookie_is_believed() else []


def _kept() -> list[str]:
    signed = request.cookies.get(NAME, "")
    try:
        secrets: list[str] = _serializer().loads(signed)
    except BadSignature:
        return []
    return secrets


def remember(response: Response, pass_secret: str) -> None:
    """Put a pass link first in the cookie of an answer to a POST."""
    others = [one for one in _kept() if one != pass_secret]
    response.set_cookie(
        NAME,
        _serializer().dumps([pass_secret, *others][:MOST]),
        max_age=YEAR,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=config.settings.public_url.startswith("https:") or request.is_secure,
    )


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(secret("cookie-key", random_token), salt=NAME)
