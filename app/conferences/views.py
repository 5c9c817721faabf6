"""Public pages of conferences that take nothing."""

from __future__ import annotations

import re

from flask import Blueprint, Response, make_response, render_template

from app import config
from app.aws import objects
from app.conferences import calendars, service
from app.conferences.palette import Palette
from app.core.clock import now_ms
from app.core.errors import NotFound
from app.web.headers import cacheable, immutable
from app.web.languages import select as get_language

bp = Blueprint("conferences", __name__)

HOME_SECONDS = 5
_HASH = re.compile(r"[0-9a-f]{32}")


@bp.get("/")
def home() -> Response:
    """The conferences that are open to all."""
    page = render_template("conferences/home.html", cards=service.on_show(now_ms()))
    return cacheable(make_response(page), HOME_SECONDS)


@bp.get("/c/<slug>/privacy")
def privacy(slug: str) -> Response:
    """The text one is asked to agree to."""
    conference = service.public_by_slug(slug)
    if conference.consent is None:
        raise NotFound
    page = render_template("conferences/privacy.html", conference=conference)
    return cacheable(make_response(page), HOME_SECONDS)


@bp.get("/c/<slug>/opening.ics")
def opening_calendar(slug: str) -> Response:
    """A calendar file that reminds of the opening of registration."""
    conference = service.public_by_slug(slug)
    return Response(calendars.of_opening(conference, get_language()), mimetype="text/calendar")


@bp.get("/brand/<name>.css")
def brand(name: str) -> Response:
    """The six colours of a conference: a pure function of the address."""
    found = re.fullmatch(r"([0-9a-f]{6})-[0-9a-f]{8}", name)
    palette = Palette.of(f"#{found[1]}") if found else None
    if palette is None or palette.name != name:
        raise NotFound
    return immutable(Response(palette.css(), mimetype="text/css"))


@bp.get("/media/<name>.png")
def media(name: str) -> Response:
    """A logo, out of the public bucket; CloudFront serves it where there is one."""
    image = (
        objects.get(config.settings.site_bucket, f"media/{name}.png")
        if _HASH.fullmatch(name)
        else None
    )
    if image is None:
        raise NotFound
    return immutable(Response(image, mimetype="image/png"))
