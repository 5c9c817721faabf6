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
ROBOTS_SECONDS = 60
_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
_MEDIA = re.compile(r"[0-9a-f]{32}\.(png|jpg|webp)")


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


@bp.get("/media/<file>")
def media(file: str) -> Response:
    """A logo or cover, out of the public bucket; CloudFront serves it where there is one."""
    named = _MEDIA.fullmatch(file)
    image = objects.get(config.settings.site_bucket, f"media/{file}") if named else None
    if named is None or image is None:
        raise NotFound
    return immutable(Response(image, mimetype=_TYPES[named[1]]))


@bp.get("/robots.txt")
def robots() -> Response:
    """What search engines may look at: public pages."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in ("/passes/", "/my", "/dev/")),
        f"Sitemap: {config.settings.public_url}/sitemap.xml",
    ]
    return _for_robots("\n".join(lines) + "\n", "text/plain")


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """The public pages in both languages; drafts and unlisted conferences are not in it."""
    shown = [conference for conference, _ in service.on_show(now_ms())]
    paths = ["/", *(f"/c/{conference.slug}" for conference in shown)]
    page = render_template("conferences/sitemap.xml", paths=paths)
    return _for_robots(page, "application/xml")


def _for_robots(content: str, content_type: str) -> Response:
    return cacheable(Response(content, mimetype=content_type), ROBOTS_SECONDS)
