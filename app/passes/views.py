"""The attendee's own pages. The guard has opened the pass link: `g.registration`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps

from flask import (
    Blueprint,
    Response,
    abort,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.conferences import service as conferences
from app.conferences.rules import Conference, TicketType, closed_state
from app.core.clock import now_ms
from app.core.errors import AlreadyRegistered, ChangedMeanwhile, Full, NotFound, TimeIsUp
from app.passes import qr, service
from app.registrations import debts, forms, links, rules, waiting
from app.registrations import service as registrations
from app.registrations.forms import AnyForm, PersonForm, TypeForm
from app.registrations.models import Registration
from app.registrations.rules import Move, Standing
from app.web import errors, pass_cookie
from app.web.guards import Guard
from app.web.languages import select as page_language

bp = Blueprint("passes", __name__)

NOTICES = frozenset({"signed-up", "edited", "other-type", "agreed"})
ASKED = frozenset(
    {Move.EDIT, Move.CANCEL, Move.TRANSFER, Move.CHANGE_TYPE, Move.ACCEPT, Move.CONFIRM}
)


def _open_pass_link() -> None:
    secret = (request.view_args or {})["secret"]
    try:
        g.registration = registrations.by_secret(secret)
    except NotFound:
        if request.endpoint == "passes.transfer" and _pressed_twice(secret):
            abort(_given_away())
        raise


def _pressed_twice(secret: str) -> bool:
    """Whether the form that is sent has given the place away already, and closed the pass link
    behind itself. Nobody else has its key, and nothing of the new pass is shown."""
    return registrations.was_given_away(secret, _sent())


def _sent() -> tuple[str, ...]:
    """The form that gives a place away, word for word, its key first."""
    return tuple(request.form.get(name, "") for name in ("submission", *forms.PERSON))


def _given_away() -> AnyResponse:
    return redirect(url_for("my.my", notice="handed-on"), 303)


PASS_LINK = Guard("pass link", _open_pass_link, private=True)

View = Callable[[str], AnyResponse]


def _as_it_is_now(view: View) -> View:
    """Once more with the registration as it is now, if it changed at the same moment: as a rule
    the button was pressed twice, and the second press is the one that is answered."""

    @wraps(view)
    def again(secret: str) -> AnyResponse:
        try:
            return view(secret)
        except ChangedMeanwhile:
            _open_pass_link()
            return view(secret)

    return again


@dataclass(frozen=True)
class Person:
    """A registration as its owner sees it."""

    name: str
    email: str
    phone: str
    company: str
    letters: str
    state: Standing
    created_at: int
    seat_until: int | None


@bp.get("")
def show(secret: str) -> str:
    """State, pass, and what one can do."""
    registration, standing = _registration(), _standing()
    confirmed, waits = standing is Standing.CONFIRMED, standing is Standing.WAITING
    notice = request.args.get("notice")
    return render_template(
        "passes/show.html",
        **_page(registration),
        qr=_qr(service.pass_code(registration), gettext("QR code of the pass"))
        if confirmed
        else None,
        image_ready=confirmed and not debts.owes_pass(registration),
        image_url=url_for("passes.image", secret=secret),
        **(_in_line(registration) if waits else {}),
        notice=notice if notice in NOTICES else None,
        may={move.name.lower() for move in ASKED if _may(move)},
        other_types=_types_on_offer(registration) if confirmed else (),
        takes_sign_ups=closed_state(_conference(), now_ms()) is None,
        asks_consent=registrations.consent_is_missing(registration),
    )


@lru_cache(maxsize=512)
def _qr(pass_code: str, label: str) -> Markup:
    return qr.svg(pass_code, label)


@bp.get("/pass.png")
def image(secret: str) -> Response:  # noqa: ARG001  opened by the guard
    """The pass image; 404 with Retry-After until it is made."""
    if _standing() is not Standing.CONFIRMED:
        raise NotFound
    made = service.read_image(_registration())
    if made is None:
        waits = gettext("The pass is being made.")
        return Response(waits, 404, {"Retry-After": "1"}, mimetype="text/plain")
    return Response(made, mimetype="image/png")


@bp.get("/pass.pdf")
def pdf(secret: str) -> Response:  # noqa: ARG001  opened by the guard
    """The pass as a PDF, in the language of the sign-up: A4, or ?size=badge."""
    registration, conference = _registration(), _conference()
    if _standing() is not Standing.CONFIRMED:
        raise NotFound
    content = service.pdf_of(registration, conference, request.args.get("size", "a4"))
    name = f"{conference.slug}-{service.letters_of(registration)}.pdf"
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@bp.get("/calendar.ics")
def calendar(secret: str) -> Response:  # noqa: ARG001  opened by the guard
    """The conference as a calendar file."""
    registration, conference = _registration(), _conference()
    if _standing() is not Standing.CONFIRMED:
        raise NotFound
    content = service.calendar_of(registration, conference, page_language())
    response = Response(content, mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'attachment; filename="{conference.slug}.ics"'
    return response


@bp.route("/edit", methods=["GET", "POST"])
@_as_it_is_now
def edit(secret: str) -> AnyResponse:
    """Change one's own details."""
    registration, conference = _registration(), _conference()
    if not _may(Move.EDIT):
        return _back_to_pass(secret)
    person = registrations.person_of(registration)
    if request.method == "GET":
        return _form_page("passes/edit.html", forms.details(conference, person))
    form = forms.details(conference, person, request.form)
    if not _done(form, lambda: registrations.edit(registration, form.person())):
        return _form_page("passes/edit.html", form, 422)
    return _back_to_pass(secret, notice="edited" if form.person() != person else None)


@bp.route("/transfer", methods=["GET", "POST"])
@_as_it_is_now
def transfer(secret: str) -> AnyResponse:
    """Give one's place to another person: then this page is theirs, at another address."""
    registration, conference = _registration(), _conference()
    if not _may(Move.TRANSFER):
        return _back_to_pass(secret)
    if request.method == "GET":
        return _form_page("passes/transfer.html", forms.transfer(conference))
    form = forms.transfer(conference, request.form)
    if not _done(form, lambda: registrations.transfer(registration, form.person(), _sent())):
        return _form_page("passes/transfer.html", form, 422)
    return _given_away()


def _done(form: PersonForm, move: Callable[[], object]) -> bool:
    """Make the move that a form asks for, if nothing in the form is wrong."""
    if not form.validate():
        return False
    try:
        move()
    except AlreadyRegistered:
        form.email.errors = [gettext("This address has a registration of its own here.")]
        return False
    return True


@bp.route("/ticket-type", methods=["GET", "POST"])
@_as_it_is_now
def ticket_type(secret: str) -> AnyResponse:
    """Change one's ticket type, where a seat is free and nobody waits for it."""
    registration = _registration()
    if not _may(Move.CHANGE_TYPE):
        return _back_to_pass(secret)
    if request.method == "GET":
        form = forms.other_type(_types_on_offer(registration))
        return _form_page("passes/ticket_type.html", form)
    form = forms.other_type(_other_types(registration), request.form)
    if _has(form):  # pressed twice: done already
        return _back_to_pass(secret, notice="other-type")
    chosen = form.chosen()
    if not form.validate() or chosen is None:
        return _form_page("passes/ticket_type.html", form, 422)
    try:
        registrations.change_type(registration, chosen.type_id)
    except Full:
        if errors.wants_problem():
            raise
        form.offered = _types_on_offer(registration)
        form.ticket_type.errors = [gettext("No seat of this ticket type is free any more.")]
        return _form_page("passes/ticket_type.html", form, 409)
    return _back_to_pass(secret, notice="other-type")


@bp.route("/cancel", methods=["GET", "POST"])
@_as_it_is_now
def cancel(secret: str) -> AnyResponse:
    """Give the place back: asked first, done by POST."""
    registration = _registration()
    if not _may(Move.CANCEL):  # pressed twice: done already
        return _back_to_pass(secret)
    if request.method == "GET":
        return make_response(render_template("passes/cancel.html", **_page(registration)))
    registrations.cancel(registration)
    return _back_to_pass(secret)


@bp.post("/agree")
@_as_it_is_now
def agree(secret: str) -> AnyResponse:
    """Agree to the conference's consent text, where somebody else has filled in the form; asked
    once more if the text is another by now."""
    registration = _registration()
    registrations.agree(registration, request.form.get("version", ""))
    asked_again = registrations.consent_is_missing(registration)
    return _back_to_pass(secret, notice=None if asked_again else "agreed")


@bp.post("/accept")
@_as_it_is_now
def accept(secret: str) -> AnyResponse:
    """Take the seat that is offered."""
    return _in_time(secret, Move.ACCEPT, registrations.accept)


@bp.post("/confirm")
@_as_it_is_now
def confirm(secret: str) -> AnyResponse:
    """Show that the mail has come: only who got it has this address."""
    return _in_time(secret, Move.CONFIRM, registrations.confirm_address)


def _in_time(secret: str, move: Move, make: Callable[[Registration], object]) -> AnyResponse:
    standing, registration = _standing(), _registration()
    if standing is Standing.RUN_OUT:
        registrations.run_out(int(registration.registration_id))
        raise TimeIsUp
    if _may(move):  # if not, it was pressed twice
        make(registration)
    return _back_to_pass(secret)


def _other_types(registration: Registration) -> tuple[TicketType, ...]:
    """Those of which a person may have a seat without asking."""
    own = int(registration.type_id)
    types = _conference().ticket_types
    return tuple(one for one in types if one.type_id != own and not one.approval)


def _has(form: TypeForm) -> bool:
    """Whether what is chosen is one's own ticket type."""
    return str(form.ticket_type.data) == str(_registration().type_id)


def _types_on_offer(registration: Registration) -> tuple[TicketType, ...]:
    """Those of which a seat seems to be free at the moment."""
    others = _other_types(registration)
    seats = conferences.seats_of(_conference()) if others else {}
    return tuple(one for one in others if seats[one.type_id].left)


def _form_page(template: str, form: AnyForm, status: int = 200) -> Response:
    if status == 422 and errors.wants_problem():
        return errors.validation_problem(form.wrong())
    page = render_template(template, form=form, **_page(_registration()))
    return make_response(page, status)


def _page(registration: Registration) -> dict[str, object]:
    conference = _conference()
    return {
        "conference": conference,
        "registration": _person(registration),
        "ticket_type": conference.require_type(int(registration.type_id)),
        "secret": links.secret_of(registration),
    }


def _back_to_pass(secret: str, notice: str | None = None) -> AnyResponse:
    response = redirect(url_for("passes.show", secret=secret, notice=notice), 303)
    if request.method == "POST":
        pass_cookie.remember(response, secret)
    return response


def _person(registration: Registration) -> Person:
    return Person(
        **vars(registrations.person_of(registration)),
        letters=service.letters_of(registration),
        state=_standing(),
        created_at=int(registration.created_at),
        seat_until=debts.seat_until(registration),
    )


def _in_line(registration: Registration) -> dict[str, int]:
    place = waiting.position(registration)
    queue = waiting.queue_of(int(registration.conference_id), int(registration.type_id))
    return {"place": place, "waiting": max(len(queue.places), place)}


def _may(move: Move) -> bool:
    """Whether the owner may do it now. A place given on approval goes to nobody else."""
    registration = _registration()
    wanted = _conference().require_type(int(registration.type_id))
    return rules.may(_standing(), move) and not (move is Move.TRANSFER and wanted.approval)


def _standing() -> Standing:
    return registrations.standing(_registration(), _conference())


def _registration() -> Registration:
    registration: Registration = g.registration
    return registration


def _conference() -> Conference:
    return conferences.by_id(int(_registration().conference_id))
