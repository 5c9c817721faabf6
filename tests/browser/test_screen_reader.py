"""What a screen reader says: names, roles and states, in the order in which they stand."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.served import Lanyard
from tests.browser.visitor import (
    arrive_at_pass,
    fill_in,
    said,
    see_image,
    sign_up,
    somebody,
    submit_button,
)

MOST_STOPS = 40

SIGN_UP = """
- heading "Garam Developer Conference" [level=1]
- list:
  - listitem:
    - text: "When:"
    - time: /10:00/
  - listitem: "Where: Mulbit Convention Centre, 3rd floor, Seoul"
- heading "Registration" [level=2]
- group "Ticket type":
  - radio "Full pass All talks and lunch Seats free"
  - radio /Workshop Talks and the afternoon workshop; bring a laptop/
- textbox "Name"
- paragraph: Printed on your pass like this
- textbox "E-mail"
- textbox "Mobile phone (optional)"
- textbox "Company (optional)"
- checkbox /I agree to the use of my details/
- link "use of my details"
- button "Sign up"
- heading "Developers by the river" [level=2]
"""
PASS = """
- heading "You are coming" [level=1]
- paragraph: /See you on .*, Ada Nowak/
- paragraph: Ada Nowak
- img "QR code of the pass"
- term: Pass code
- definition: /[0-9A-Z]{4} [0-9A-Z]{4}/
- button "Print"
- link "PDF"
- link "Calendar"
- term: Ticket type
- definition: Full pass
- link "Edit my details"
- link "Change ticket type"
- link "Give to somebody else"
- link "Cancel registration"
- strong: This address is the key to your pass
- button "Copy the address"
"""
OFFERED = """
- heading "A seat is free for you" [level=1]
- paragraph: /Ada Nowak, please accept it by .*/
- paragraph: /The seat is kept for you until .* After that it goes to the next in line./
- button "Accept the seat"
- link "Decline the seat"
- term: Ticket type
- definition: Full pass
- link "Edit my details"
"""
TRANSFER = """
- link "My pass"
- heading "Give my place to somebody else" [level=1]
- strong: Your pass stops working at once
- paragraph: /The other person gets a new pass/
- textbox "Their name"
- textbox "Their e-mail"
- textbox "Their phone (optional)"
- textbox "Their company (optional)"
- checkbox "I give my place away and cannot take it back."
- button "Give my place away"
"""


def test_the_sign_up_page(visit: Visit) -> None:
    page = visit("en")
    page.goto("/c/demo")
    expect(page.locator("main")).to_match_aria_snapshot(SIGN_UP)
    for field in ("name", "email"):
        expect(page.locator(f"#{field}")).to_have_js_property("required", True)
    expect(page.locator("#name")).to_have_accessible_description("Printed on your pass like this")


def test_the_pass_page(visit: Visit) -> None:
    page = visit("en")
    sign_up(page, somebody())
    see_image(page)
    expect(page.locator("main")).to_match_aria_snapshot(PASS)
    assert page.title().startswith("You are coming")


def test_an_offer(visit: Visit, lanyard: Lanyard) -> None:
    page = visit("en")
    page.goto(lanyard.make_registration("en", "offered"))
    expect(page.locator("main")).to_match_aria_snapshot(OFFERED)
    page.get_by_role("link", name="Decline the seat").press("Enter")
    dialog = page.get_by_role("dialog", name="Decline the seat?")
    expect(dialog).to_have_accessible_description(
        "It goes to the next in line at once. This cannot be undone."
    )
    expect(dialog.get_by_role("button")).to_have_text(["Keep it", "Decline the seat"])


def test_giving_a_place_away(visit: Visit) -> None:
    page = visit("en")
    page.goto(sign_up(page, somebody()) + "/transfer")
    expect(page.locator("main")).to_match_aria_snapshot(TRANSFER)
    submit_button(page).click()
    sure = page.get_by_role("checkbox")
    expect(sure).to_have_accessible_description("Please tick that you give your place away.")
    expect(page.get_by_role("textbox", name="Their name")).to_be_focused()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_each_part_has_the_language_it_is_in(visit: Visit, lang: str) -> None:
    page, other = visit(lang), {"ko": "en", "en": "ko"}[lang]
    sign_up(page, somebody(lang))
    expect(page.locator("html")).to_have_attribute("lang", lang)
    expect(page.locator(".lan-pass__band span")).to_have_attribute("lang", other)
    expect(page.locator(".lan-pass__type span")).to_have_attribute("lang", other)
    expect(page.locator("header [hreflang]")).to_have_attribute("lang", other)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_mistake_is_said_with_its_field(visit: Visit, lang: str) -> None:
    page = visit(lang)
    page.goto("/c/demo")
    submit_button(page).click()
    email = page.get_by_role("textbox", name=said(lang, "E-mail"))
    expect(email).to_match_aria_snapshot(f'- textbox "{said(lang, "E-mail")}" [invalid]')
    expect(email).to_have_accessible_description(
        said(lang, "Please enter your e-mail address. For example: name@example.com")
    )
    ticket_type = page.get_by_role("radio").first
    expect(ticket_type).to_be_focused()
    expect(ticket_type).to_have_accessible_description(said(lang, "Please choose a ticket type."))


def test_what_happens_by_itself_is_said(visit: Visit) -> None:
    """Live regions that are there, and empty, before they have something to say."""
    page, person = visit("en"), somebody()
    page.goto("/c/demo")
    offline = page.locator(".lan-submit__offline")
    expect(offline).to_have_role("status")
    expect(offline).to_have_text("")
    fill_in(page, person)
    submit_button(page).click()
    arrive_at_pass(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    said_last = page.locator("#snackbar [role=status]")
    expect(said_last).to_have_text("")
    page.get_by_role("button", name="Copy the address").click()
    expect(said_last).to_have_text("The address is copied")


def test_the_pass_being_made_is_said(visit: Visit) -> None:
    page = visit("en")
    page.route("**/pass.png", lambda route: route.fulfill(status=404))
    sign_up(page, somebody())
    expect(page.locator("#being-made")).to_match_aria_snapshot("""
        - progressbar "Your pass is being made"
        - status: It appears here by itself. Closing this page loses nothing.
    """)


def test_the_question_before_cancelling(visit: Visit) -> None:
    page = visit("en")
    sign_up(page, somebody())
    page.get_by_role("link", name="Cancel registration").press("Enter")
    dialog = page.get_by_role("dialog", name="Cancel your registration?")
    expect(dialog).to_have_accessible_description(
        "Your seat goes to the next person at once. This cannot be undone."
    )
    expect(dialog.get_by_role("button")).to_have_text(["Keep it", "Cancel it"])


def stops(page: Page) -> list[str]:
    """What is said at each press of Tab, once round the page."""
    heard: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            return heard
        heard.append(page.locator(":focus").aria_snapshot().splitlines()[0].strip("- :"))
    raise AssertionError(f"no end: {heard}")


def test_the_way_round_a_pass_page(visit: Visit) -> None:
    page = visit("en")
    page.goto(sign_up(page, somebody()))
    assert stops(page)[4:] == [
        'button "Print"',
        'link "PDF"',
        'link "Calendar"',
        'link "Edit my details"',
        'link "Change ticket type"',
        'link "Give to somebody else"',
        'link "Cancel registration"',
        'button "Copy the address"',
    ]


def test_signing_up_by_what_is_said(visit: Visit) -> None:
    """Each field found by its name and role alone, and no mouse."""
    page, person = visit("ko"), somebody("ko")
    page.goto("/c/demo")
    page.get_by_role("radio", name="일반 참가").press("Space")
    for label, value in (("이름", person.name), ("이메일", person.email)):
        page.get_by_role("textbox", name=label, exact=True).press_sequentially(value)
    page.get_by_role("checkbox").press("Space")
    page.get_by_role("button", name="참가 신청하기").press("Enter")
    arrive_at_pass(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("참가가 확정되었습니다")
