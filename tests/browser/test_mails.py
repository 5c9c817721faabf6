"""Mails as programs show them: narrow, dark, with pictures and without."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.served import Lanyard
from tests.browser.test_every_page import AXE_RULES, violations
from tests.browser.visitor import get_mail, said, subject

NARROW = 320
SUBJECTS = {
    "german-confirmed": "Your pass",
    "german-offered": "A seat is free for you",
    "german-held": "Please confirm your address",
    "german-pending": "We have your request",
    "german-declined": "Your request was declined",
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# The page around it is the mail program's.
RULES = {
    **{rule: {"enabled": True} for rule in AXE_RULES},
    **{rule: {"enabled": False} for rule in ("landmark-one-main", "region")},
}
# As programs do that throw away what stands in <head>, and show no pictures.
BARE = ((r"(?s)<style>.*?</style>", ""), (r'src="data:[^"]*"', 'src="data:,"'))


def mails(page: Page, lang: str, lanyard: Lanyard) -> list[str]:
    """The HTML of one mail of each kind."""
    made = lanyard.make_registrations(lang, *SUBJECTS)
    page.goto("/")
    return [html_of(page, made[name][1], subject(lang, SUBJECTS[name])) for name in made]


def html_of(page: Page, email: str, words: str) -> str:
    get_mail(page, email, words)
    mail = page.locator(".mdl-card").filter(has_text=email)
    mail = mail.filter(has=page.locator("h2", has_text=words)).first
    address = mail.locator("iframe").get_attribute("src")
    assert address
    return page.request.get(address).text()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_narrow_window_shows_all_of_it(visit: Visit, lanyard: Lanyard, lang: str) -> None:
    found = mails(visit(lang), lang, lanyard)
    assert len(found) == len(set(found)) == len(SUBJECTS)
    for scheme in SCHEMES:
        page = visit(lang, NARROW, color_scheme=scheme)
        for html in found:
            page.set_content(html)
            title = page.title()
            assert page.evaluate("document.documentElement.scrollWidth") == NARROW, title
            assert violations(page, rules=RULES) == [], f"{title}, {scheme}"
            expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_without_pictures_and_styles_it_says_the_same(
    visit: Visit, lanyard: Lanyard, lang: str
) -> None:
    page = visit(lang, NARROW)
    html = mails(visit(lang), lang, lanyard)[0]
    for found, instead in BARE:
        html = re.sub(found, instead, html)
    page.set_content(html)
    assert violations(page, rules=RULES) == []
    words = said(lang, "QR code of the pass, code %(letters)s").partition("%")[0]
    expect(page.get_by_role("img", name=re.compile(f"{words}[0-9A-Z]{{4}} "))).to_be_visible()
    expect(page.get_by_role("link", name=said(lang, "Open my pass"))).to_be_visible()


def test_a_mail_that_is_too_wide_would_be_found(visit: Visit) -> None:
    page = visit("en", NARROW)
    page.set_content(f"<table><td>{'w' * 99}</td></table>")
    assert page.evaluate("document.documentElement.scrollWidth") > NARROW
