"""The browser tests once more, at each address that a deployed stage has: its API's with the stage
before each path, CloudFront's, and that of an API whose stage has no name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from app.aws import sent
from app.aws.sent import SentMail
from app.conferences.rules import Asked
from app.registrations import links
from tests import cast
from tests.browser import conferences
from tests.browser import test_moves as moves
from tests.browser import test_sending_twice as sending_twice
from tests.browser import test_signing_up as signing_up
from tests.browser import test_typing as typing_in
from tests.browser import test_without_script as without_script
from tests.browser.conftest import ARGUMENTS, Visit, browser_program
from tests.browser.conftest import visit as visit_with_a_name  # noqa: F401  a fixture
from tests.browser.visitor import DESKTOP, PHONE, somebody
from tests.e2e.crawl import Crawl
from tests.e2e.site import Site, mail_to, soon, working_in
from tests.standings import Maker

# Conferences of tests/browser/conferences.py that all addresses share; of those that offer their
# only seat, each has one to itself.
SHARED = ("early", "full", "closed", "over", "cancelled", "confirming")
OFFERS = "offers-en"


@dataclass(frozen=True)
class Place:
    """Where a stage is visited; `others` are addresses of it that begin alike."""

    name: str
    address: str
    others: tuple[str, ...] = ()

    @property
    def offers(self) -> str:
        """The slug of the conference that offers its only seat here."""
        return f"{OFFERS}-{self.name}"

    def has(self, address: str) -> bool:
        """Whether that is an address of this place, and of no other."""
        return address.startswith(self.address) and not address.startswith(self.others)


@pytest.fixture(scope="module")
def places(site: Site) -> dict[str, Place]:
    """Each address, with the conferences that the tests visit."""
    http = site.root.client("apigatewayv2")
    api = urlsplit(site.api_origin).netloc.partition(".")[0]
    http.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    stage, root = f"{site.api_origin}/{site.stage}/", f"{site.api_origin}/"
    public = _public_url(site)
    found = (
        Place("stage", stage),
        Place("root", root, (stage,)),
        Place("front", f"{public}/", (f"{public}/{site.stage}/",)),
    )
    with working_in(site):
        _make_conferences(found)
    soon(lambda: mail_to(cast.ADA))  # who has the last seat: the function is warm then
    return {place.name: place for place in found}


def _make_conferences(places: Iterable[Place]) -> None:
    types = (
        cast.ticket_type("일반 참가", "Full pass", 200),
        cast.ticket_type("워크숍", "Workshop", 50),
    )
    asked = {"phone": Asked.OPTIONAL, "company": Asked.OPTIONAL}
    cast.make_conference(slug="demo", ticket_types=types, **asked)
    for kind in SHARED:
        conferences.make(kind)
    for place in places:
        conferences.make(OFFERS, place.offers)


def _public_url(site: Site) -> str:
    found = site.root.client("lambda").get_function_configuration(FunctionName=site.name)
    return str(found["Environment"]["Variables"]["PUBLIC_URL"])


@pytest.fixture(scope="module", params=["stage", "front", "root"])
def lanyard(request: pytest.FixtureRequest, places: dict[str, Place]) -> Place:
    """One address after the other."""
    return places[request.param]


@pytest.fixture(scope="module")
def chromium(site: Site) -> Iterator[Browser]:
    """One Chromium for this file, which finds AWS here."""
    here = urlsplit(site.root.url).netloc
    rules = f"--host-resolver-rules=MAP *.amazonaws.com {here}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_program(), args=[*ARGUMENTS, rules]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(visit_with_a_name: Visit) -> Iterator[Visit]:  # noqa: F811  the fixture
    """A visitor who trusts our certificate, and reads the mails that SES has sent."""
    pages: list[Page] = []

    def arrive(lang: str = "en", width: int = DESKTOP, **options: Any) -> Page:
        page = visit_with_a_name(lang, width, ignore_https_errors=True, **options)
        page.context.route(_is_outbox, _show_mails)
        pages.append(page)
        return page

    yield arrive
    for page in pages:
        if _is_outbox(page.url):
            page.go_back()


def _is_outbox(url: str) -> bool:
    return urlsplit(url).path == "/dev/outbox"


def _show_mails(route: Route) -> None:
    """As the outbox of a laptop shows them, but as XML: it is no page of ours, to be judged."""
    cards = "".join(map(_card, sent.messages()))
    page = f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{cards}</body></html>'
    route.fulfill(body=page, content_type="application/xhtml+xml")


def _card(mail: SentMail) -> str:
    subject, to, text = map(escape, (mail.subject, mail.to, mail.text))
    return f'<div class="mdl-card"><h2>{subject}</h2>{to}<pre>{text}</pre></div>'


@pytest.mark.parametrize(("lang", "width"), [("ko", PHONE), ("en", DESKTOP)])
def test_from_the_form_to_a_pass_and_back(visit: Visit, lang: str, width: int) -> None:
    signing_up.test_from_the_form_to_a_pass_and_back(visit, lang, width)


def test_the_confirmation_leads_to_the_pass(visit: Visit) -> None:
    signing_up.test_the_confirmation_leads_to_the_pass(visit)


def test_every_link_keeps_the_language_that_was_chosen(visit: Visit) -> None:
    signing_up.test_every_link_keeps_the_language_that_was_chosen(visit)


def test_the_calendar_file_is_downloaded(visit: Visit) -> None:
    signing_up.test_the_calendar_file_is_downloaded(visit)


def test_all_works_without_a_script(visit: Visit) -> None:
    page = visit("ko", PHONE, java_script_enabled=False)
    without_script.test_from_the_form_to_a_pass_and_back(page, visit, "ko")


def test_a_full_conference_offers_its_waiting_list(visit: Visit) -> None:
    page = visit("en", DESKTOP, java_script_enabled=False)
    without_script.test_a_full_conference_offers_its_waiting_list(page, "en")


def test_the_pdf_is_there(visit: Visit) -> None:
    signing_up.test_the_pdf_is_there(visit)


def test_the_server_keeps_what_was_typed(visit: Visit) -> None:
    typing_in.test_the_server_keeps_what_was_typed(visit, script=True)


@pytest.mark.parametrize("knows", ["the cookie", "the submission key"])
def test_going_back_and_sending_again_is_the_same_pass(visit: Visit, knows: str) -> None:
    sending_twice.test_going_back_and_sending_again_is_the_same_pass(visit, knows)


def test_an_offer_that_is_declined_goes_to_the_next_who_accepts(
    visit: Visit, lanyard: Place
) -> None:
    offers = lanyard.offers
    moves.test_an_offer_that_is_declined_goes_to_the_next_who_accepts(visit, "en", offers)


def test_an_address_is_confirmed_by_who_reads_its_mail(visit: Visit) -> None:
    moves.test_an_address_is_confirmed_by_who_reads_its_mail(visit, "ko")


def test_a_place_is_given_to_somebody_else(visit: Visit) -> None:
    moves.test_a_place_is_given_to_somebody_else(visit, "en")


def test_another_ticket_type_is_chosen(visit: Visit) -> None:
    moves.test_another_ticket_type_is_chosen(visit, "ko")


# Of tests/standings.py, those with pages and forms of their own.
STANDINGS = ("confirmed", "waiting", "offered", "held", "pending", "run_out")
# Where a walk has to have come by, or it proves little: a pass is told by its standing.
PAGES = {
    "", "my", "c/demo", "c/demo/privacy", "c/early/opening.ics", "c/full", "waiting/cancel",
    "confirmed", *(f"confirmed/{part}" for part in (
        "pass.png", "pass.pdf", "calendar.ics", "edit", "transfer", "ticket-type", "cancel",
    )),
}  # fmt: skip
FORMS = {
    "c/demo/register", "c/full/register", "my/find", "offered/accept", "held/confirm",
    *(f"confirmed/{part}" for part in ("edit", "transfer", "ticket-type", "cancel")),
}  # fmt: skip


def test_all_that_pages_lead_to_is_at_this_address_and_answers(
    site: Site, places: dict[str, Place], lanyard: Place
) -> None:
    with working_in(site):
        maker = Maker("ko", somebody("ko"))  # nobody may leave more than ten times a day
        made = {name: getattr(maker, name)() for name in STANDINGS}
        secrets = {name: links.secret_of(one) for name, one in made.items()}
    passes = {name: f"{lanyard.address}passes/{secret}" for name, secret in secrets.items()}
    soon(lambda: site.ask(f"{passes['confirmed']}/pass.png").status == HTTPStatus.OK or None)
    pages = ("", "c/over", "c/cancelled", "robots.txt", "sitemap.xml")
    crawl = Crawl(site.ask, lanyard.has, places["front"].has)
    crawl.follow(*(lanyard.address + page for page in pages), *passes.values())
    crawl.send_forms()
    assert crawl.complaints == []

    def told(address: str) -> str:
        path = address.partition("?")[0].removeprefix(lanyard.address)
        for name, secret in secrets.items():
            path = path.replace(f"passes/{secret}", name)
        return path

    assert set(map(told, crawl.seen)) >= PAGES
    assert set(map(told, crawl.forms)) >= FORMS
