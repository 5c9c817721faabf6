"""A full conference: one's place in line, and the seat that comes free."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import (
    PHONE,
    get_mail,
    hear,
    said,
    secret_in,
    see_image,
    sign_up,
    somebody,
    subject,
    submit_button,
)

QUEUE_SECONDS = 12  # for ten a place may be too high, never too low


def cancel_here(page: Page) -> None:
    """Press through the dialog."""
    page.locator("[data-dialog]").click()
    page.locator("dialog form[method=post] button").click()


def see_place(page: Page, place: int) -> None:
    expect(place_of(page)).to_have_text(str(place))


def place_of(page: Page) -> Locator:
    """The number on the page of who waits."""
    return page.locator(".lan-place__number b")


def see_place_in_time(page: Page, place: int) -> None:
    """Look again until the queue that was read before, in each process, is too old."""
    for _ in range(QUEUE_SECONDS):
        if place_of(page).inner_text() == str(place):
            return
        page.wait_for_timeout(1000)
        page.reload()
    see_place(page, place)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_who_cancels_gives_the_seat_to_the_next(visit: Visit, lang: str) -> None:
    slug = f"queue-{lang}"
    holder, first, second = visit(lang), visit(lang), visit(lang, PHONE)
    next_in_line = somebody(lang)
    sign_up(holder, somebody(lang), slug)
    hear(holder, lang, "You are coming")
    path = sign_up(first, next_in_line, slug)
    hear(first, lang, "You are on the waiting list")
    see_place(first, 1)
    expect(first.locator(".lan-pass, .lan-pass__qr")).to_have_count(0)
    sign_up(second, somebody(lang), slug)
    see_place(second, 2)

    cancel_here(holder)
    hear(holder, lang, "Your registration is cancelled")
    first.reload()
    hear(first, lang, "You are coming")
    see_image(first)
    words = subject(lang, "A seat has come free for you")
    assert secret_in(path) in get_mail(first, next_in_line.email, words)
    third = visit(lang)
    sign_up(third, somebody(lang), slug)
    see_place_in_time(third, 2)  # the second is the first in line now
    cancel_here(second)
    hear(second, lang, "You left the waiting list")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_full_conference_says_what_sending_the_form_does(visit: Visit, lang: str) -> None:
    page = visit(lang)
    page.goto("c/full")
    expect(page.locator(".lan-hero .mdl-chip")).to_have_text(said(lang, "Full, waiting list open"))
    words = said(lang, "Join the waiting list")
    expect(submit_button(page)).to_have_accessible_name(words)
    expect(page.get_by_role("heading", name=words)).to_be_visible()
