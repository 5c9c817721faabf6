"""What each state of a conference says, and the page that opens by itself."""

from __future__ import annotations

import datetime
import time

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import Visit
from tests.browser.served import Lanyard
from tests.browser.visitor import hear, said, submit_button

HOUR = 3600
OPENING_MS = 20_000


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("slug", "chip", "answer"),
    [
        ("early", "Not open yet", "Opens on %(moment)s"),
        ("closed", "Registration closed", "Registration has closed"),
        ("over", "It is over", "The conference is over"),
        ("cancelled", "Conference cancelled", "The conference is cancelled"),
    ],
)
def test_a_conference_that_takes_nobody(
    visit: Visit, lang: str, slug: str, chip: str, answer: str
) -> None:
    page = visit(lang)
    page.goto(f"/c/{slug}")
    expect(page.locator(".lan-hero .mdl-chip")).to_have_text(said(lang, chip))
    expect(page.locator(".lan-answer h2")).to_contain_text(said(lang, answer).partition("%")[0])
    expect(page.locator("form")).to_have_count(0)


@pytest.mark.parametrize("slug", ["few", "unlisted", "strict", "yellow"])
def test_a_conference_that_takes_sign_ups(visit: Visit, slug: str) -> None:
    page = visit("en")
    page.goto(f"/c/{slug}")
    expect(submit_button(page)).to_have_accessible_name("Sign up")
    chips = page.locator(".lan-hero .mdl-chip")
    expect(chips).to_have_text("Few seats left" if slug == "few" else "Registration open")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_draft_is_not_there(visit: Visit, lang: str) -> None:
    page = visit(lang)
    answer = page.goto("/c/draft")
    assert answer
    assert answer.status == 404
    hear(page, lang, "This page does not exist")


def test_home_shows_what_is_open_to_all(visit: Visit) -> None:
    page = visit("en")
    page.goto("/")
    cards = {link.get_attribute("href") for link in page.locator(".lan-conference a").all()}
    assert {"/c/demo", "/c/early", "/c/closed", "/c/full"} <= cards
    assert {"/c/draft", "/c/unlisted", "/c/over", "/c/cancelled"}.isdisjoint(cards)


def test_times_are_told_in_the_visitors_zone_too(visit: Visit) -> None:
    here, abroad = visit("en"), visit("en", timezone_id="America/New_York")
    own = [page.locator(".lan-facts [data-moment]") for page in (here, abroad)]
    here.goto("/c/demo")
    abroad.goto("/c/demo")
    expect(own[0]).to_be_hidden()  # the same as the conference's
    expect(own[1]).to_contain_text("where you are")


def test_the_page_opens_by_itself_at_the_servers_moment(visit: Visit, lanyard: Lanyard) -> None:
    """Whatever the visitors' clocks say: one is an hour ahead, one an hour behind."""
    pages = [visit("en"), visit("ko")]
    for page, shift in zip(pages, (HOUR, -HOUR), strict=True):
        page.clock.install(time=datetime.datetime.now(datetime.UTC) + datetime.timedelta(0, shift))
    opens_at = lanyard.make_conferences("opening")["opening"]
    asked = [pages_asked_for(page) for page in pages]
    for page in pages:
        page.goto("/c/opening")
        expect(page.get_by_role("timer")).to_contain_text("00:0")
        expect(submit_button(page)).to_have_count(0)
    assert time.time() * 1000 < opens_at
    for page in pages:
        expect(submit_button(page)).to_be_visible(timeout=OPENING_MS)
    assert time.time() * 1000 >= opens_at
    for requests in asked:
        # the page, the server's time, a look whether it is open, and the page anew
        assert len(requests) <= 5, requests


def pages_asked_for(page: Page) -> list[str]:
    """The times that the page asks for itself from now on."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/c/opening"):
            asked.append(f"{request.method} {request.resource_type}")

    page.on("request", note)
    return asked
