"""The Flask app for work that comes in other than by HTTP: templates and languages need it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache

from flask import Flask, has_app_context


@cache
def _app() -> Flask:
    from wsgi import app  # the one that Zappa loads, too

    return app


def with_app() -> AbstractContextManager[object]:
    """An application context: the present one, else one of the process's app."""
    return nullcontext() if has_app_context() else _app().app_context()
