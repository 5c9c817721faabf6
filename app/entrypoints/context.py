"""The Flask app for work that comes in other than by HTTP: templates and languages need it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache

from flask import Flask, has_app_context

from app.core.logs import request_id
from app.web.errors import log_unexpected


@cache
def _app() -> Flask:
    from wsgi import app  # the one that Zappa loads, too

    return app


@contextmanager
def entered(context: object = None) -> Iterator[None]:
    """An application context: the present one, else one of the process's app; `context` is
    Lambda's, whose id the log lines get.

    What goes wrong inside is logged by kind and place and raised without its words: Lambda
    prints what leaves a function, and words may hold addresses and secrets.
    """
    request_id.set(getattr(context, "aws_request_id", None) or "-")
    with nullcontext() if has_app_context() else _app().app_context():
        try:
            yield
        except Exception as error:  # noqa: BLE001  raised again, without its words
            log_unexpected(error)
            raise EntryFailed(kind_of(error)) from None


def kind_of(error: BaseException) -> str:
    """What may be told of an error: its kind, or those of all that are in it."""
    if isinstance(error, EntryFailed):
        return str(error)
    name = type(error).__name__
    if isinstance(error, BaseExceptionGroup):
        return f"{name} of {', '.join(sorted({kind_of(one) for one in error.exceptions}))}"
    return name


class EntryFailed(Exception):
    """The work failed; its kind is all that is told."""
