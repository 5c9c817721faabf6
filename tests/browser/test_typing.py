"""What the form says while one types, and that it never gets in the way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import (
    PHONE,
    arrive_at_pass,
    fill_in,
    said,
    sign_up,
    somebody,
    submit_button,
)

FIELDS = ("ticket_type", "name", "email", "consent")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_an_empty_form_says_what_is_missing(visit: Visit, lang: str) -> None:
    page = visit(lang, PHONE)
    page.goto("c/demo")
    submit_button(page).click()
    for field in FIELDS:
        expect(page.locator(f"#{field}-error")).to_be_visible()
    expect(page.locator("#errors a")).to_have_count(4)
    expect(page.locator("#phone-error")).to_be_hidden()
    expect(page.locator("input[name=ticket_type]").first).to_be_focused()
    assert page.url.endswith("/c/demo")
    page.locator("#errors a", has_text=said(lang, "E-mail")).click()
    expect(page.locator("#email")).to_be_focused()


def test_each_mistake_goes_as_soon_as_it_is_mended(visit: Visit) -> None:
    page = visit("en")
    page.goto("c/demo")
    submit_button(page).click()
    page.locator("input[name=ticket_type]").first.check()
    expect(page.locator("#ticket_type-error")).to_be_hidden()
    page.locator("#name").press_sequentially("A")
    expect(page.locator("#name-error")).to_be_hidden()
    expect(page.locator("#errors strong")).to_have_text("Please mend 2 fields")
    page.locator("#email").press_sequentially("ada@example")
    expect(page.locator("#email-error")).to_contain_text("not complete")
    page.locator("#email").press_sequentially(".com")
    expect(page.locator("#email-error")).to_be_hidden()
    page.locator("#consent").check()
    expect(page.locator("#errors")).to_be_hidden()


def test_nothing_is_said_before_a_field_is_left(visit: Visit) -> None:
    page = visit("en")
    page.goto("c/demo")
    page.locator("#email").press_sequentially("ada@")
    expect(page.locator("#email-error")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(page.locator("#email-error")).to_be_visible()
    expect(page.locator("#email")).to_have_attribute("aria-describedby", "email-error")
    page.locator("#phone").press_sequentially("010-12")
    page.keyboard.press("Tab")
    expect(page.locator("#phone-error")).to_contain_text("not a whole phone number")


def compose(keyboard: CDPSession, syllable: str) -> None:
    """Type as a Korean input method does: the syllable may still change."""
    end = len(syllable)
    keyboard.send(
        "Input.imeSetComposition", {"text": syllable, "selectionStart": end, "selectionEnd": end}
    )


def test_nothing_is_said_within_a_syllable(visit: Visit) -> None:
    page = visit("ko")
    page.goto("c/demo")
    keyboard = page.context.new_cdp_session(page)
    error, name = page.locator("#name-error"), page.locator("#name")
    submit_button(page).click()
    expect(error).to_be_visible()
    name.focus()
    for typed in ("ㄱ", "기", "김"):
        compose(keyboard, typed)
        expect(name).to_have_value(typed)
        expect(error).to_be_visible()
    keyboard.send("Input.insertText", {"text": "김"})
    expect(error).to_be_hidden()
    expect(name).to_have_value("김")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_enter_that_ends_a_word_sends_nothing(visit: Visit, lang: str) -> None:
    """As a Japanese input method has it: kana, changed into kanji, taken by Enter."""
    page, person = visit(lang), somebody(lang)
    page.goto("c/demo")
    fill_in(page, person)
    page.evaluate("addEventListener('submit', () => { document.title = 'sent'; })")
    name = page.locator("#name")
    name.fill("")
    keyboard = page.context.new_cdp_session(page)
    for typed in ("き", "きむ", "きむら", "木村"):
        compose(keyboard, typed)
    enter = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    keyboard.send("Input.insertText", {"text": "木村"})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter, "key": "Enter"})
    expect(name).to_have_value("木村")
    expect(name).to_be_focused()
    assert page.title() != "sent"
    page.keyboard.press("Enter")
    arrive_at_pass(page)
    expect(page.locator(".lan-pass__name")).to_have_text("木村")


def test_browsers_know_what_to_fill_in(visit: Visit) -> None:
    page = visit("en", PHONE)
    page.goto("c/demo")
    for field, kind, typed in (
        ("name", "name", "text"),
        ("email", "email", "email"),
        ("phone", "tel", "tel"),
        ("company", "organization", "text"),
    ):
        expect(page.locator(f"#{field}")).to_have_attribute("autocomplete", kind)
        expect(page.locator(f"#{field}")).to_have_attribute("type", typed)  # the keyboard, too


def test_browsers_fill_in_nobody_else(visit: Visit) -> None:
    """Who gets a place is not who sits here."""
    page = visit("en", PHONE)
    page.goto(sign_up(page, somebody()) + "/transfer")
    for field in ("name", "email", "phone", "company"):
        expect(page.locator(f"#{field}")).to_have_attribute("autocomplete", "off")
        expect(page.locator(f"#{field}")).to_have_value("")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_back_and_forward_keep_what_was_typed(visit: Visit, lang: str) -> None:
    page, person = visit(lang), somebody(lang, phone="010-1234-5678")
    page.goto("/")
    page.locator("a[href*='/c/demo']").click()
    fill_in(page, person)
    page.go_back()
    page.go_forward()
    for field in ("name", "email", "phone", "company"):
        expect(page.locator(f"#{field}")).to_have_value(getattr(person, field))
    expect(page.locator("#consent")).to_be_checked()
    page.locator("header nav a").first.click()
    expect(page).to_have_url(re.compile("/my"))
    page.go_back()
    expect(page.locator("#name")).to_have_value(person.name)
    submit_button(page).click()
    arrive_at_pass(page)


def test_a_press_right_after_a_mistake_is_not_lost(visit: Visit) -> None:
    """Leaving the field brings a sentence, which must not move the button from the pointer."""
    page, person = visit("ko", PHONE), somebody("ko")
    page.goto("c/demo")
    fill_in(page, person)
    page.locator("#email").fill("haneul@")
    press_where_it_is(page)
    expect(page.locator("#errors")).to_be_visible()
    expect(page.locator("#email")).to_be_focused()
    page.locator("#email").fill(person.email)
    press_where_it_is(page)
    arrive_at_pass(page)


def press_where_it_is(page: Page) -> None:
    """Press the button at the place where it is seen now, whatever moves meanwhile."""
    submit_button(page).scroll_into_view_if_needed()
    place = submit_button(page).bounding_box()
    assert place
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.down()
    page.mouse.up()


@pytest.mark.parametrize("script", [True, False])
def test_the_server_keeps_what_was_typed(visit: Visit, script: bool) -> None:
    """An address that looks right in the browser, but that no mail reaches."""
    page, person = visit("ko", java_script_enabled=script), somebody("ko", phone="010-1234-5678")
    page.goto("c/demo")
    fill_in(page, person)
    address = "haneul@-example.com" if script else "haneul@example"
    page.locator("#email").fill(address)
    submit_button(page).click()
    expect(page.locator("#email-error")).to_be_visible()
    expect(page.locator("#email")).to_be_focused()
    expect(page.locator("#email")).to_have_value(address)
    expect(page.locator("#email")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#errors a")).to_have_text("이메일")
    for field in ("name", "phone", "company"):
        expect(page.locator(f"#{field}")).to_have_value(getattr(person, field))
    expect(page.locator("input[name=ticket_type]").first).to_be_checked()
    expect(page.locator("#consent")).to_be_checked()
    page.locator("#email").fill(person.email)
    submit_button(page).click()
    arrive_at_pass(page)
