"""Offers, requests, and giving a place away: each is asked or can be
done again, and a page says what happened."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.served import Lanyard
from tests.browser.visitor import (
    PHONE,
    get_mail,
    hear,
    registered,
    said,
    secret_in,
    see_image,
    sign_up,
    somebody,
    subject,
    submit_button,
)


def press(page: Page, lang: str, english: str) -> None:
    """Press what is called so, a link or a button."""
    words = said(lang, english)
    page.get_by_role("link", name=words).or_(page.get_by_role("button", name=words)).click()


def row_of(lanyard: Lanyard, slug: str, email: str) -> dict[str, Any]:
    """What the organiser's list says of somebody."""
    rows: list[dict[str, Any]] = lanyard.command("registration", "list", slug)
    return next(one for one in rows if one["email"] == email)


@pytest.mark.parametrize(("lang", "script"), [("ko", True), ("en", False)])
def test_an_offer_is_accepted(visit: Visit, lanyard: Lanyard, lang: str, script: bool) -> None:
    page = visit(lang, PHONE, java_script_enabled=script)
    path = lanyard.make_registration(lang, "offered")
    page.goto(path)
    hear(page, lang, "A seat is free for you")
    press(page, lang, "Accept the seat")
    hear(page, lang, "You are coming")
    expect(page.locator(".lan-pass__qr")).to_be_visible()
    page.go_back()
    page.goto(path)
    hear(page, lang, "You are coming")


@pytest.mark.parametrize(("lang", "script"), [("ko", True), ("en", False)])
def test_an_offer_is_declined_when_asked_again(
    visit: Visit, lanyard: Lanyard, lang: str, script: bool
) -> None:
    page = visit(lang, PHONE, java_script_enabled=script)
    page.goto(lanyard.make_registration(lang, "offered"))
    for answer in ("Keep it", "Decline the seat"):
        press(page, lang, "Decline the seat")
        asked = page.get_by_role("dialog") if script else page.locator("main")
        expect(asked.get_by_role("heading")).to_have_text(said(lang, "Decline the seat?"))
        words = said(lang, answer)
        asked.get_by_role("button", name=words).or_(asked.get_by_role("link", name=words)).click()
        kept = answer == "Keep it"
        hear(page, lang, "A seat is free for you" if kept else "You declined the seat")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_request_is_approved(visit: Visit, lanyard: Lanyard, lang: str) -> None:
    page, person = visit(lang, PHONE), somebody(lang)
    path = sign_up(page, person, "requests")
    hear(page, lang, "We have your request")
    expect(page.locator(".lan-pass, .lan-pass__qr")).to_have_count(0)
    lanyard.command("registration", "approve", row_of(lanyard, "requests", person.email)["code"])
    page.reload()
    hear(page, lang, "You are coming")
    see_image(page)
    mail = get_mail(page, person.email, subject(lang, "Your request was approved"))
    assert path in mail


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_request_is_declined(visit: Visit, lanyard: Lanyard, lang: str) -> None:
    page, person = visit(lang), somebody(lang)
    path = registered(page, lang, person, "requests")
    lanyard.command("registration", "decline", row_of(lanyard, "requests", person.email)["code"])
    page.goto(path)
    hear(page, lang, "Your request was declined")
    get_mail(page, person.email, subject(lang, "Your request was declined"))


@pytest.mark.parametrize(("lang", "script"), [("ko", True), ("en", False)])
def test_a_place_is_given_away(visit: Visit, lang: str, script: bool) -> None:
    page, giver, taker = visit(lang, java_script_enabled=script), somebody(lang), somebody(lang)
    path = sign_up(page, giver)
    press(page, lang, "Give to somebody else")
    page.locator("#name").fill("이서준")
    page.locator("#email").fill(taker.email)
    submit_button(page).click()
    expect(page.locator("#sure")).to_be_focused()  # asked first
    page.locator("#sure").check()
    submit_button(page).click()
    hear(page, lang, "My passes")
    note = page.get_by_role("status").filter(
        has_text=said(lang, "Your place has gone to somebody else")
    )
    expect(note).to_be_visible()
    expect(page.locator(".lan-entry")).to_have_count(0)
    page.goto(path)
    hear(page, lang, "This page does not exist")

    other = visit(lang)
    other.goto("/")
    get_mail(other, giver.email, subject(lang, "Your place has gone to somebody else"))
    fresh = secret_in(get_mail(other, taker.email, subject(lang, "A place was given to you")))
    assert fresh != secret_in(path)
    other.goto(f"/passes/{fresh}")
    hear(other, lang, "You are coming")
    expect(other.locator(".lan-pass__name")).to_have_text("이서준")
    see_image(other)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_another_ticket_type_is_another_pass(visit: Visit, lanyard: Lanyard, lang: str) -> None:
    page = visit(lang, PHONE)
    path = lanyard.make_registration(lang, "confirmed")
    page.goto(path)
    see_image(page)
    before = page.request.get(f"{path}/pass.png").body()
    press(page, lang, "Change ticket type")
    hear(page, lang, "Change my ticket type")
    submit_button(page).click()
    words = said(lang, "You have another ticket type")
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()
    see_image(page)
    assert page.request.get(f"{path}/pass.png").body() != before
