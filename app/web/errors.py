"""How each refusal looks over HTTP: one mapping, a page for people, problem+json for programs."""

from __future__ import annotations

import json
import logging
import traceback
from typing import NamedTuple

from flask import Flask, Response, has_request_context, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from werkzeug.exceptions import HTTPException

from app.core import errors
from app.core.errors import Refusal

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"


class Answer(NamedTuple):
    """Status, title and sentence of a refusal."""

    status: int
    title: LazyString
    message: LazyString | str


_TRY_AGAIN = lazy_gettext("Please try again. Nothing was lost or taken.")

REFUSALS: dict[type[Refusal], Answer] = {
    errors.NotFound: Answer(
        404,
        lazy_gettext("This page does not exist"),
        lazy_gettext("The address may be mistyped, or what was here is gone."),
    ),
    errors.ForeignOrigin: Answer(
        403,
        lazy_gettext("This form came from another site"),
        lazy_gettext("Please open the page here and fill in the form again."),
    ),
    errors.NotUtf8: Answer(
        400,
        lazy_gettext("We could not read this"),
        lazy_gettext("The text was not sent as UTF-8."),
    ),
    errors.UnreadableBody: Answer(
        415,
        lazy_gettext("We could not read this"),
        lazy_gettext("Please send it as a form."),
    ),
    errors.NotOpenYet: Answer(
        409,
        lazy_gettext("Registration has not opened yet"),
        lazy_gettext("Please come back when it opens."),
    ),
    errors.Closed: Answer(
        409,
        lazy_gettext("Registration is closed"),
        lazy_gettext("No new registrations are taken."),
    ),
    errors.Full: Answer(
        409,
        lazy_gettext("No seat is free"),
        lazy_gettext("All seats are taken, or others are waiting for them."),
    ),
    errors.SeatsTaken: Answer(
        409,
        lazy_gettext("More seats than that are taken"),
        lazy_gettext("%(taken)d seats are taken, so there cannot be fewer than %(taken)d."),
    ),
    errors.AlreadyRegistered: Answer(
        409,
        lazy_gettext("This address is registered already"),
        lazy_gettext("No new place was taken."),
    ),
    errors.NotMovable: Answer(
        409,
        lazy_gettext("This cannot be changed any more"),
        lazy_gettext("The registration was cancelled, or it stands where this cannot be done."),
    ),
    errors.TimeIsUp: Answer(
        409,
        lazy_gettext("The time has run out"),
        lazy_gettext(
            "The seat has gone to the next in line. You are welcome to sign up again while"
            " registration is open."
        ),
    ),
    errors.ChangedMeanwhile: Answer(
        409, lazy_gettext("Something changed at the same moment"), _TRY_AGAIN
    ),
    errors.TooMany: Answer(
        429,
        lazy_gettext("That was often enough for now"),
        lazy_gettext("Please try again later."),
    ),
    errors.UnknownHost: Answer(
        421,
        lazy_gettext("This page does not exist"),
        lazy_gettext("The address may be mistyped, or what was here is gone."),
    ),
    errors.Undecided: Answer(
        503,
        lazy_gettext("We did not learn in time whether this worked"),
        lazy_gettext(
            "If it did, a mail tells you. Sending the same form again finds it; nothing is taken"
            " twice."
        ),
    ),
    errors.Busy: Answer(503, lazy_gettext("Very many people are here right now"), _TRY_AGAIN),
}

# What werkzeug refuses by itself.
STATUSES: dict[int, tuple[str, Answer]] = {
    400: ("bad_request", REFUSALS[errors.NotUtf8]._replace(message=_TRY_AGAIN)),
    404: ("not_found", REFUSALS[errors.NotFound]),
    405: (
        "method_not_allowed",
        Answer(
            405,
            lazy_gettext("This does not work this way"),
            lazy_gettext("Please open the page and use its buttons."),
        ),
    ),
    413: (
        "too_large",
        Answer(
            413,
            lazy_gettext("That is too much"),
            lazy_gettext("The form may hold 64 kilobytes. Please shorten what you typed."),
        ),
    ),
    500: (
        "error",
        Answer(
            500,
            lazy_gettext("Something went wrong on our side"),
            lazy_gettext("Please try again in a moment."),
        ),
    ),
}


def install(app: Flask) -> None:
    """Answer every refusal and every HTTP error."""
    app.register_error_handler(Refusal, _refuse)
    app.register_error_handler(HTTPException, _fail)


ALREADY_REGISTERED = REFUSALS[errors.AlreadyRegistered]


def answer_of(refusal: Refusal) -> Answer:
    """Status and words of a refusal; the words may name what it carries."""
    answer = REFUSALS[type(refusal)]
    return answer._replace(message=str(answer.message) % vars(refusal))


def _refuse(refusal: Refusal) -> Response:
    return _respond(refusal.code, answer_of(refusal), refusal.retry_after)


def _fail(error: HTTPException) -> Response:
    status = error.code or 500
    code, answer = STATUSES.get(status) or STATUSES[400 if status < 500 else 500]
    response = _respond(code, answer._replace(status=status))
    if error.code == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return response


def _respond(code: str, answer: Answer, retry_after: int | None = None) -> Response:
    response = problem(code, answer) if wants_problem() else _page(answer)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def wants_problem() -> bool:
    """Whether a program asks: it prefers JSON to HTML."""
    best = request.accept_mimetypes.best_match(["text/html", PROBLEM, "application/json"])
    return best in (PROBLEM, "application/json")


def problem(code: str, answer: Answer, **more: object) -> Response:
    """RFC 9457 problem details; `code` is the word a program may act on."""
    content = {
        "title": str(answer.title),
        "status": answer.status,
        "detail": str(answer.message),
        "code": code,
        **more,
    }
    body = json.dumps(content, ensure_ascii=False)
    return Response(body, answer.status, mimetype=PROBLEM)


def _page(answer: Answer) -> Response:
    page = render_template(
        "errors/error.html",
        status=answer.status,
        title=answer.title,
        message=answer.message,
        action=_way_back() if answer.status == 405 else None,
    )
    return Response(page, answer.status)


def _way_back() -> tuple[str, str]:
    """From an address that only takes forms to the page that has the form."""
    page = request.path.rstrip("/").rpartition("/")[0]
    return f"{request.script_root}{page}", gettext("Open the page")


def log_unexpected(error: BaseException | None) -> None:
    """Log where an unexpected error arose: neither its words nor the path, which may hold
    secrets and names."""
    for each in error.exceptions if isinstance(error, ExceptionGroup) else ():
        log_unexpected(each)
    where = traceback.extract_tb(error.__traceback__ if error else None)
    log.error(
        "unexpected %s at %s: %s",
        type(error).__name__,
        (request.url_rule if has_request_context() else None) or "no route",
        " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(where[-6:])),
    )


def validation_problem(problems: dict[str, list[str]]) -> Response:
    """422 for a program: what is wrong, field by field."""
    answer = Answer(
        422, lazy_gettext("Please correct the form"), lazy_gettext("Nothing was taken.")
    )
    return problem("invalid", answer, errors=problems)
