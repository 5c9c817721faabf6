"""Lanyard: registration, passes and door check-in for conferences, with no server to keep."""

from __future__ import annotations

import logging
from types import TracebackType

from flask import Flask

from app import config
from app.core import logs
from app.web import errors

_ExcInfo = tuple[type, BaseException, TracebackType]


class Lanyard(Flask):
    """Flask, but it never logs a path (pass links are secrets) nor what an error says."""

    def log_exception(self, exc_info: _ExcInfo | tuple[None, None, None]) -> None:
        """Log where the error arose."""
        errors.log_unexpected(exc_info[1])


def create_app() -> Flask:
    """The app for the deployment that the environment names; on a laptop with its own cloud."""
    from app.entrypoints import cli, http
    from app.web import front, headers, languages, requests, templating

    if config.settings.is_local:
        _boot_embedded_cloud()
    else:
        logs.write_json()
    logging.getLogger("zappa.wsgi").setLevel(logging.WARNING)  # its access line shows the path
    app = Lanyard("app", template_folder="../templates", static_folder=None)
    requests.install(app)
    languages.install(app)
    templating.install(app)
    errors.install(app)
    headers.install(app)
    http.install(app)
    cli.install(app)
    app.wsgi_app = front.Front(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _boot_embedded_cloud() -> None:
    from app.local import server  # never in the Lambda package

    server.boot(config.settings)
