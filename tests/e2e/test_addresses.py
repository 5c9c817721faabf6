"""The browser tests once more, at each address that a deployed stage has: its API's with the stage
before each path, CloudFront's, and that of an API whose stage has no name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from app.aws import sent
from app.aws.sent import SentMail
from app.conferences.rules import Asked
from tests import cast
from tests.browser import test_signing_up as signing_up
from tests.browser import test_without_script as without_script
from tests.browser.conftest import ARGUMENTS, Visit, browser_program
from tests.browser.conftest import visit as visit_with_a_name  # noqa: F401  a fixture
from tests.browser.visitor import DESKTOP, PHONE
from tests.e2e.site import Site, working_in


@dataclass(frozen=True)
class Place:
    """Where a stage is visited."""

    address: str

    @property
    def origin(self) -> str:
        """The address without a path."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"


@pytest.fixture(scope="module")
def places(site: Site) -> dict[str, Place]:
    """Each address, with the conference that the tests visit."""
    http = site.root.client("apigatewayv2")
    api = urlsplit(site.api_origin).netloc.partition(".")[0]
    http.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    types = (cast.ticket_type("일반 참가", "Full pass", 200),)
    asked = {"phone": Asked.OPTIONAL, "company": Asked.OPTIONAL}
    with working_in(site):
        cast.make_conference(slug="demo", ticket_types=types, **asked)
    return {
        "stage": Place(f"{site.api_origin}/{site.stage}/"),
        "root": Place(f"{site.api_origin}/"),
        "front": Place(f"{_public_url(site)}/"),
    }


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


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_all_works_without_a_script(visit: Visit, lang: str) -> None:
    page = visit(lang, without_script.WIDTHS[lang], java_script_enabled=False)
    without_script.test_from_the_form_to_a_pass_and_back(page, visit, lang)
