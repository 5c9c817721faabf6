"""The sign-up page and what follows from it, and "My passes"."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import config
from app.conferences import rules as conference_rules
from app.conferences import service as conferences
from app.conferences import structured
from app.conferences.rules import TAKES_SIGN_UPS, Conference, OfferState, SignUpState, TicketType
from app.core.cache import TimedCache
from app.core.clock import SECOND, now_ms
from app.core.errors import Closed, NotFound, NotOpenYet
from app.registrations import finding, forms, links, rules, service, waiting
from app.registrations.forms import SignUpForm
from app.registrations.models import Registration
from app.registrations.rules import Standing, State
from app.registrations.service import Attempt, Found, Outcome
from app.web import errors, pass_cookie
from app.web.headers import cacheable
from app.web.languages import chosen as chosen_language
from app.web.languages import select as page_language
from app.web.network import network

sign_up_bp = Blueprint("registrations", __name__)
my_bp = Blueprint("my", __name__)

PAGE_SECONDS = 5
_pages: TimedCache[str] = TimedCache(lambda: config.settings.cache_seconds)


@dataclass(frozen=True)
class Offer:
    """One ticket type as the sign-up page shows it."""

    ticket_type: TicketType
    state: OfferState
    left: int
    waiting: int


@dataclass(frozen=True)
class SignUpPage:
    """What the sign-up page says at a moment."""

    conference: Conference
    state: SignUpState
    now: int
    offers: tuple[Offer, ...]


class Shared(NamedTuple):
    """What messengers and search engines are told: addresses, and the page as data."""

    url: str
    image: str
    event: dict[str, object]


class Entry(NamedTuple):
    """One pass in "My passes"."""

    conference: Conference
    name: str
    state: Standing
    pass_url: str


@sign_up_bp.get("/<slug>")
def sign_up(slug: str) -> Response:
    """The sign-up page: the same bytes for everybody."""
    page = _page_of(conferences.public_by_slug(slug))
    html = _pages.get(_key_of(page), lambda: _render(page, forms.sign_up(page.conference)))
    return cacheable(make_response(html), _seconds_to_keep(page))


@sign_up_bp.post("/<slug>/register")
def register(slug: str) -> AnyResponse:
    """Sign up: 303 to the pass, or the page again with what was typed."""
    conference = conferences.public_by_slug(slug)
    form = forms.sign_up(conference, request.form)
    try:
        service.require_open(conference)
    except (NotOpenYet, Closed) as refusal:
        return _refuse_closed(conference, form, refusal)
    ticket_type = form.chosen()
    if not form.validate() or ticket_type is None:
        return _refuse_invalid(conference, form)
    outcome = service.register(_attempt(conference, ticket_type, form))
    return _answer(conference, outcome, form)


def _attempt(conference: Conference, ticket_type: TicketType, form: SignUpForm) -> Attempt:
    return Attempt(
        conference=conference,
        ticket_type=ticket_type,
        person=form.person(),
        submission=form.submission_hash(ticket_type),
        language=page_language(),
        consented=conference.consent is not None,
        network=network(),
    )


def _answer(conference: Conference, outcome: Outcome, form: SignUpForm) -> AnyResponse:
    registration = outcome.registration
    if conference.confirms_addresses:
        return _look_into_mail(conference, outcome)
    secret = links.secret_of(registration)
    in_this_browser = secret in pass_cookie.read()
    same_name = rules.same_person(registration.name, form.person().name)
    if outcome.found is Found.KNOWN and not (in_this_browser and same_name):
        return _refuse_known(conference, registration, in_this_browser)
    notice = "signed-up" if outcome.found is Found.NEW else None
    response = redirect(url_for("passes.show", secret=secret, notice=notice), 303)
    pass_cookie.remember(response, secret)
    return response


def _look_into_mail(conference: Conference, outcome: Outcome) -> Response:
    """The same bytes and no cookie for everybody: the mail alone tells whether the address was
    known, and leads to the pass."""
    if outcome.found is not Found.NEW:
        service.mail_link_again(outcome.registration)
    return make_response(render_template("registrations/mailed.html", conference=conference))


def _refuse_known(
    conference: Conference, registration: Registration, in_this_browser: bool
) -> Response:
    """Somebody with this address is registered. Only a browser that holds the pass sees it."""
    if not in_this_browser:
        service.mail_link_again(registration)
    if errors.wants_problem():
        return errors.problem("already_registered", errors.ALREADY_REGISTERED)
    pass_url = url_for("passes.show", secret=links.secret_of(registration))
    page = render_template(
        "registrations/already.html",
        conference=conference,
        held=in_this_browser,
        pass_url=pass_url if in_this_browser else None,
    )
    return make_response(page, 409)


def _refuse_invalid(conference: Conference, form: SignUpForm) -> Response:
    if errors.wants_problem():
        return errors.validation_problem(form.wrong())
    return _show(_page_of(conference), form, 422)


def _refuse_closed(
    conference: Conference, form: SignUpForm, refusal: NotOpenYet | Closed
) -> Response:
    if errors.wants_problem():
        return errors.problem(refusal.code, errors.answer_of(refusal))
    return _show(_page_of(conference), form, 409)


def _page_of(conference: Conference) -> SignUpPage:
    now = now_ms()
    state = conferences.state_of(conference, now)
    return SignUpPage(
        conference, state, now, _offers(conference) if state in TAKES_SIGN_UPS else ()
    )


def _offers(conference: Conference) -> tuple[Offer, ...]:
    seats = conferences.seats_of(conference)
    return tuple(_offer(conference, one, seats[one.type_id]) for one in conference.ticket_types)


def _offer(conference: Conference, ticket_type: TicketType, seats: conference_rules.Seats) -> Offer:
    state = conference_rules.offer_state(ticket_type, seats)
    full = state is OfferState.FULL
    number = conference.conference_id, ticket_type.type_id
    waiting_for_it = len(waiting.queue_of(*number).places) if full else 0
    return Offer(ticket_type, state, seats.left, waiting_for_it)


def _show(page: SignUpPage, form: SignUpForm, status: int = 200) -> Response:
    return make_response(_render(page, form), status)


def _render(page: SignUpPage, form: SignUpForm) -> str:
    return render_template(
        "registrations/sign_up.html",
        page=page,
        form=form,
        published=_published(),
        shared=_shared(page),
    )


def _shared(page: SignUpPage) -> Shared:
    """What others make of a link to the page: its one address in this language, and pictures."""
    conference, language = page.conference, page_language()
    public, path = config.settings.public_url, f"/c/{conference.slug}"
    url = f"{public}{path}?lang={language}"
    image = f"{public}{path}/preview-{conference.revision}.jpg?lang={language}"
    return Shared(url, image, structured.event(conference, page.state, language, url, image))


def _published() -> str | None:
    """The app's own address, if the page is rendered to be a file, which can take no form."""
    return config.settings.public_url if request.environ.get("lanyard.published") else None


def _key_of(page: SignUpPage) -> Hashable:
    """What a rendered page depends on and what may change before it is rendered anew anyway."""
    seats = tuple((offer.left, offer.waiting) for offer in page.offers)
    language = (page_language(), chosen_language())
    shown = page.conference.slug, page.conference.revision, page.state, seats
    return *shown, language, request.script_root, _published()


def _seconds_to_keep(page: SignUpPage) -> int:
    """Never past the moment at which the clock alone changes the page."""
    change = conference_rules.next_change(page.conference, page.now)
    return PAGE_SECONDS if change is None else min(PAGE_SECONDS, (change - page.now) // SECOND)


@my_bp.get("")
def my() -> str:
    """The passes signed up for from this browser, and the form to find others."""
    return _my_page(forms.FindForm(), handed_on=request.args.get("notice") == "handed-on")


@my_bp.post("/find")
def find() -> AnyResponse:
    """Have the links of an address mailed to it: the same answer whether it is known or not."""
    form = forms.FindForm(request.form)
    if not form.validate():
        return make_response(_my_page(form), 422)
    finding.ask(form.email.data or "", page_language())
    return make_response(render_template("registrations/find.html"))


def _my_page(form: forms.FindForm, *, handed_on: bool = False) -> str:
    entries = [_entry(one) for secret in pass_cookie.read() if (one := _opened(secret))]
    return render_template("registrations/my.html", entries=entries, form=form, handed_on=handed_on)


def _opened(secret: str) -> Registration | None:
    try:
        registration = service.by_secret(secret)
    except NotFound:  # a link that was revoked since
        return None
    return None if registration.state == State.CANCELLED else registration


def _entry(registration: Registration) -> Entry:
    conference = conferences.by_id(int(registration.conference_id))
    return Entry(
        conference,
        registration.name,
        service.standing(registration, conference),
        url_for("passes.show", secret=links.secret_of(registration)),
    )
