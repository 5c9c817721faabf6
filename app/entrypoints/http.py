"""All of HTTP: every blueprint, its prefix and its guard, one line each."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, Flask, g, request

from app.conferences import views as conferences
from app.entrypoints import health, outbox
from app.passes import previews
from app.passes import views as passes
from app.registrations import views as registrations
from app.web import bodies, guards, origins
from app.web.guards import Guard


class Entrance(NamedTuple):
    """A blueprint under a prefix, and who may come in."""

    blueprint: Blueprint
    prefix: str
    guard: Guard


ENTRANCES = (
    Entrance(health.bp, "", guards.PUBLIC),
    Entrance(conferences.bp, "", guards.PUBLIC),
    Entrance(registrations.sign_up_bp, "/c", guards.PUBLIC),
    Entrance(previews.bp, "/c", guards.PUBLIC),
    Entrance(registrations.my_bp, "/my", guards.OWN_BROWSER),
    Entrance(passes.bp, "/passes/<secret>", passes.PASS_LINK),
    Entrance(outbox.bp, "/dev", guards.LOCAL_MODE),
)

_GUARDS = {entrance.blueprint.name: entrance.guard for entrance in ENTRANCES}


def install(app: Flask) -> None:
    """Open all entrances of `app`, each behind its guard."""
    app.url_map.strict_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = bodies.MAX_BYTES
    app.before_request(_guard)
    for entrance in ENTRANCES:
        app.register_blueprint(entrance.blueprint, url_prefix=entrance.prefix or None)


def _guard() -> None:
    guard = _GUARDS.get(request.blueprint or "")
    g.private = guard is not None and guard.private
    origins.refuse_unknown_host()
    origins.refuse_foreign()
    bodies.require_readable()
    if guard:
        guard.check()
