"""The main job: from the form to the pass, and all that one can do with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import (
    DESKTOP,
    PHONE,
    arrive_at_pass,
    fetched,
    fill_in,
    get_mail,
    heading,
    hear,
    picture,
    said,
    secret_in,
    see_image,
    sign_up,
    somebody,
    subject,
    submit_button,
)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_from_the_form_to_a_pass_and_back(visit: Visit, lang: str, width: int) -> None:
    page, person = visit(lang, width), somebody(lang)
    page.goto(".")
    page.locator("h2 a[href*='/c/demo']").click()
    fill_in(page, person)
    submit_button(page).click()
    path = arrive_at_pass(page)
    hear(page, lang, "You are coming")
    assert f'lang="{lang}"' in page.content()
    expect(page.locator(".lan-pass__qr")).to_be_visible()
    expect(page.locator(".lan-pass__name")).to_have_text(person.name)
    see_image(page)

    edit(page, path, lang)
    find(page, path, person.email, lang)
    cancel(page, path, lang)


def edit(page: Page, path: str, lang: str) -> None:
    """The name is another one, and so is the image."""
    before = picture(page, path)
    page.get_by_role("link", name=said(lang, "Edit my details")).click()
    page.locator("#name").fill("이서준")
    submit_button(page).click()
    expect(page.get_by_role("status").filter(has_text=said(lang, "Saved"))).to_be_visible()
    assert arrive_at_pass(page) == path
    expect(page.locator(".lan-pass__name")).to_have_text("이서준")
    see_image(page)
    assert picture(page, path) != before


def find(page: Page, path: str, email: str, lang: str) -> None:
    """My passes shows it, and can have it mailed."""
    page.locator("nav a").first.click()
    expect(page.locator(".lan-entry")).to_contain_text("이서준")
    page.locator("#email").fill(email)
    submit_button(page).click()
    hear(page, lang, "Please look into your mail")
    assert secret_in(path) in get_mail(page, email, said(lang, "Your passes"))
    page.goto("my")
    page.locator(".lan-entry a").click()
    assert arrive_at_pass(page) == path


def cancel(page: Page, path: str, lang: str) -> None:
    """Asked first; then the pass is gone, and may be had again."""
    opener = page.locator("[data-dialog]")
    opener.click()
    dialog = page.get_by_role("dialog", name=said(lang, "Cancel your registration?"))
    dialog.get_by_role("button", name=said(lang, "Keep it")).click()
    expect(dialog).to_be_hidden()
    opener.click()
    dialog.get_by_role("button", name=said(lang, "Cancel it")).click()
    hear(page, lang, "Your registration is cancelled")
    expect(page.locator(".lan-pass")).to_have_count(0)
    assert picture(page, path)[0] == 404
    page.goto("my")
    expect(page.locator(".lan-entry")).to_have_count(0)
    page.goto(path)
    page.get_by_role("link", name=said(lang, "Sign up again")).click()
    expect(submit_button(page)).to_be_visible()


def test_the_confirmation_leads_to_the_pass(visit: Visit) -> None:
    page, person = visit("ko"), somebody("ko")
    path = sign_up(page, person)
    text = get_mail(page, person.email, subject("ko", "Your pass"))
    assert secret_in(path) in text
    stranger = visit("en")  # a browser that knows nothing, and prefers another language
    stranger.goto(f"{path}?lang=ko")
    hear(stranger, "ko", "You are coming")


def test_every_link_keeps_the_language_that_was_chosen(visit: Visit) -> None:
    page = visit("ko")
    page.goto("c/demo")
    page.locator("nav a[hreflang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    fill_in(page, somebody())
    submit_button(page).click()
    arrive_at_pass(page)
    hear(page, "en", "You are coming")
    page.locator("nav a").first.click()
    hear(page, "en", "My passes")
    page.locator("nav a[hreflang=ko]").click()
    hear(page, "ko", "My passes")


def test_copying_the_address_is_said(visit: Visit) -> None:
    page = visit("en", permissions=["clipboard-read", "clipboard-write"])
    path = sign_up(page, somebody())
    page.get_by_role("button", name="Copy the address").click()
    snackbar = page.locator("#snackbar")
    expect(snackbar.get_by_role("status")).to_have_text("The address is copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith(path)  # without the query
    snackbar.get_by_role("button").click()
    expect(snackbar).to_be_hidden()


def test_the_calendar_file_is_downloaded(visit: Visit) -> None:
    page = visit("en")
    sign_up(page, somebody())
    with page.expect_download() as download:
        page.get_by_role("link", name="Calendar").click()
    assert download.value.suggested_filename == "demo.ics"
    assert download.value.path().read_text().startswith("BEGIN:VCALENDAR")


def test_the_pdf_is_there(visit: Visit) -> None:
    page = visit("en")
    sign_up(page, somebody())
    address = page.get_by_role("link", name="PDF").get_attribute("href")
    assert address
    status, content = fetched(page, address)
    assert (status, content[:5]) == (200, b"%PDF-")


def test_an_image_that_comes_late_is_explained(visit: Visit) -> None:
    page = visit("en")
    page.clock.install()
    page.route("**/pass.png", lambda route: route.fulfill(status=404))
    sign_up(page, somebody())
    status = page.locator("#being-made").get_by_role("status")
    expect(status).to_contain_text("appears here by itself")
    expect(page.locator(".lan-pass__qr")).to_be_visible()
    page.clock.run_for(11_000)
    expect(status).to_contain_text("The mail will bring it")
    page.unroute("**/pass.png")
    page.clock.run_for(11_000)
    see_image(page)


def test_a_form_that_asks_for_more(visit: Visit) -> None:
    page, person = visit("en"), somebody("en", phone="010-1234-5678")
    page.goto("c/strict")
    fill_in(page, replace(person, phone="", company=""))
    submit_button(page).click()
    expect(page.locator("#phone")).to_be_focused()
    expect(page.locator("#company-error")).to_be_visible()
    sign_up(page, person, "strict")
    expect(heading(page)).to_have_text("You are coming")
