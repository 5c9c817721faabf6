"""Every page in every state: what axe finds, and that nothing stands out at the side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import (
    DESKTOP,
    PHONE,
    fill_in,
    registered,
    said,
    see_image,
    somebody,
    submit_button,
)

WIDTHS = (320, PHONE, 820, DESKTOP)
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LONG = "Wolfeschlegelsteinhausenbergerdorff " * 2
AXE = Axe()
# Style sheets need not be fetched once more: no rule that is on looks into them.
AXE_OPTIONS = {"resultTypes": ["violations"], "preload": False}

Open = Callable[[Page, str], object]


def address(path: str) -> Open:
    """A page that is just there."""
    return lambda page, lang: page.goto(path)


def wrong(page: Page, lang: str) -> None:
    page.goto("/c/demo")
    submit_button(page).click()
    expect(page.locator("#errors")).to_be_visible()


def refused(page: Page, lang: str) -> None:
    """The server's answer to a form that is wrong in every field."""
    page.goto("/c/strict")
    page.locator("form").evaluate("form => { form.noValidate = true; form.submit(); }")
    expect(page.locator("#errors a")).to_have_count(6)


def pass_page(page: Page, lang: str) -> None:
    page.goto(registered(page, lang, somebody(lang)))
    see_image(page)


def pass_being_made(page: Page, lang: str) -> None:
    page.route("**/pass.png", lambda route: route.fulfill(status=404))
    page.goto(registered(page, lang, somebody(lang)))
    expect(page.locator("#being-made")).to_be_visible()


def pass_of_a_long_name(page: Page, lang: str) -> None:
    page.route("**/pass.png", lambda route: route.fulfill(status=404))
    page.goto(registered(page, lang, somebody(lang, name=LONG, company=LONG), ticket_type=2))
    expect(page.locator("#being-made")).to_be_visible()


def pass_in_german(page: Page, lang: str) -> None:
    page.goto(registered(page, lang, somebody(lang, company=LONG), "german"))
    see_image(page)


def waiting_in_german(page: Page, lang: str) -> None:
    for _ in range(2):
        path = registered(page, lang, somebody(lang), "german", ticket_type=2)
    page.goto(path)
    expect(page.locator(".lan-place")).to_be_visible()


def cancelling_in_german(page: Page, lang: str) -> None:
    page.goto(registered(page, lang, somebody(lang), "german") + "/cancel")


def my_passes_in_german(page: Page, lang: str) -> None:
    registered(page, lang, somebody(lang, name=LONG), "german")
    page.goto("/my")
    expect(page.locator(".lan-entry")).to_be_visible()


def pass_edited(page: Page, lang: str) -> None:
    page.goto(registered(page, lang, somebody(lang)) + "?notice=edited")
    expect(page.get_by_text(said(lang, "Saved"))).to_be_visible()


def asked_whether_to_cancel(page: Page, lang: str) -> None:
    page.goto(registered(page, lang, somebody(lang)))
    page.locator("[data-dialog]").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def address_copied(page: Page, lang: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(registered(page, lang, somebody(lang)))
    page.locator("[data-copy]").click()
    expect(page.locator("#snackbar")).to_be_visible()


def waiting(page: Page, lang: str) -> None:
    page.goto(registered(page, lang, somebody(lang), "full"))
    expect(page.locator(".lan-place")).to_be_visible()


def cancelled(page: Page, lang: str) -> None:
    page.goto(registered(page, lang, somebody(lang)) + "/cancel")
    page.locator("form button").click()
    expect(page.locator("main.lan-mine--cancelled")).to_be_visible()


def edit_page(page: Page, lang: str) -> None:
    page.goto(registered(page, lang, somebody(lang)) + "/edit")


def cancel_page(page: Page, lang: str) -> None:
    page.goto(registered(page, lang, somebody(lang)) + "/cancel")


def my_passes(page: Page, lang: str) -> None:
    registered(page, lang, somebody(lang))
    page.goto("/my")
    expect(page.locator(".lan-entry")).to_be_visible()


def find_my_pass(page: Page, lang: str) -> None:
    page.goto("/my")
    page.locator("#email").fill("nobody@example.com")
    submit_button(page).click()
    expect(page).to_have_url("/my/find")


def held_already(page: Page, lang: str) -> None:
    """Another name for the same address, from the browser that holds its pass."""
    person = somebody(lang)
    registered(page, lang, person)
    page.goto("/c/demo")
    fill_in(page, replace(person, name=LONG))
    submit_button(page).click()
    expect(page).to_have_url("/c/demo/register")


def known_already(page: Page, lang: str) -> None:
    """The same from another browser."""
    person = somebody(lang)
    registered(page, lang, person)
    page.context.clear_cookies()
    page.goto("/c/demo")
    fill_in(page, replace(person, name=LONG))
    submit_button(page).click()
    expect(page).to_have_url("/c/demo/register")


PAGES: dict[str, Open] = {
    "sign-up": address("/c/demo"),
    "sign-up, early": address("/c/early"),
    "sign-up, few left": address("/c/few"),
    "sign-up, full": address("/c/full"),
    "sign-up, closed": address("/c/closed"),
    "sign-up, over": address("/c/over"),
    "sign-up, cancelled": address("/c/cancelled"),
    "sign-up, a pale colour and a long name": address("/c/yellow"),
    "sign-up, nearly black": address("/c/queue-en"),
    "sign-up, orange": address("/c/queue-ko"),
    "sign-up, wrong": wrong,
    "sign-up, refused": refused,
    "registered, held here": held_already,
    "registered, not held here": known_already,
    "privacy": address("/c/demo/privacy"),
    "pass": pass_page,
    "pass, being made": pass_being_made,
    "pass, a long name": pass_of_a_long_name,
    "pass, edited": pass_edited,
    "pass, asked whether to cancel": asked_whether_to_cancel,
    "pass, address copied": address_copied,
    "pass, waiting": waiting,
    "pass, cancelled": cancelled,
    "edit": edit_page,
    "cancel": cancel_page,
    "my passes, none": address("/my"),
    "my passes": my_passes,
    "find my pass": find_my_pass,
    "outbox": address("/dev/outbox"),
    "sign-up, German": address("/c/german"),
    "privacy, German": address("/c/german/privacy"),
    "pass, German": pass_in_german,
    "pass, waiting, German": waiting_in_german,
    "cancel, German": cancelling_in_german,
    "my passes, German": my_passes_in_german,
    "not found": address("/nowhere"),
    "wrong method": address("/c/demo/register"),
    # last: it is kept for two seconds, and then shows all conferences
    "home": address("/"),
}


@pytest.mark.parametrize("open_page", PAGES.values(), ids=PAGES)
class EveryPage:
    """Read by its two subclasses, which may run in two processes."""

    lang: str
    width: int

    def test_it(self, visit: Visit, open_page: Open) -> None:
        page = visit(self.lang, self.width)
        open_page(page, self.lang)
        expect(page.locator("html")).to_have_attribute("lang", self.lang)
        assert violations(page) == []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(OVERFLOW) <= 0, f"wider than {width}"


class TestKoreanOnAPhone(EveryPage):
    lang, width = "ko", PHONE


class TestEnglishOnADesktop(EveryPage):
    lang, width = "en", DESKTOP


def violations(page: Page) -> list[str]:
    """What axe finds, of any weight, and where."""
    found: list[dict[str, Any]] = AXE.run(page, options=AXE_OPTIONS).response["violations"]
    return [
        f"{one['impact']} {one['id']}: {node['html'][:120]} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]


def test_axe_would_find_something(visit: Visit) -> None:
    page = visit("en")
    page.goto("/c/demo")
    page.locator("label[for=email]").evaluate("label => label.remove()")
    assert "critical label" in violations(page)[0]
