"""Everything works with JavaScript off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import (
    DESKTOP,
    PASS_MS,
    PHONE,
    arrive_at_pass,
    fill_in,
    get_mail,
    hear,
    said,
    secret_in,
    sign_up,
    somebody,
    submit_button,
)

WIDTHS = {"ko": PHONE, "en": DESKTOP}


@pytest.fixture(params=["ko", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def page(visit: Visit, lang: str) -> Page:
    """A browser without a script."""
    return visit(lang, WIDTHS[lang], java_script_enabled=False)


def label_and_middle(page: Page, field: str) -> tuple[float, float]:
    """The lower edge of a field's label, and the middle of the field."""
    label = page.locator(f"label[for={field}]").bounding_box()
    box = page.locator(f"#{field}").bounding_box()
    assert label
    assert box
    return label["y"] + label["height"], box["y"] + box["height"] / 2


def test_labels_stand_above_what_is_typed(page: Page, visit: Visit) -> None:
    page.goto("c/demo")
    with_script = visit("ko")
    with_script.goto("c/demo")
    for field in ("name", "email", "phone", "company"):
        lower_edge, middle = label_and_middle(page, field)
        assert lower_edge < middle
        lower_edge, middle = label_and_middle(with_script, field)
        assert lower_edge > middle  # it rests within the field until that is used


def test_from_the_form_to_a_pass_and_back(page: Page, visit: Visit, lang: str) -> None:
    person = somebody(lang)
    path = sign_up(page, person)
    hear(page, lang, "You are coming")
    expect(page.locator(".lan-pass__qr")).to_be_visible()
    for hidden in ("#being-made", "[data-print]", "[data-copy]", "dialog"):
        expect(page.locator(hidden)).to_be_hidden()
    # at once if it was made already, else when the page has loaded itself anew
    expect(page.locator(".lan-pass__image")).to_have_js_property(
        "naturalWidth", 1050, timeout=PASS_MS
    )
    page.get_by_role("link", name=said(lang, "Edit my details")).click()
    page.locator("#company").fill("Harbour Data")
    submit_button(page).click()
    assert arrive_at_pass(page) == path
    expect(page.locator(".lan-pass__company")).to_have_text("Harbour Data")

    page.goto("my")
    page.locator("#email").fill(person.email)
    submit_button(page).click()
    hear(page, lang, "Please look into your mail")
    reader = visit(lang)
    reader.goto(".")
    assert secret_in(path) in get_mail(reader, person.email, said(lang, "Your passes"))

    page.goto(path)
    page.get_by_role("link", name=said(lang, "Cancel registration")).click()
    hear(page, lang, "Cancel your registration?")
    page.get_by_role("link", name=said(lang, "Keep it")).click()
    hear(page, lang, "You are coming")
    page.get_by_role("link", name=said(lang, "Cancel registration")).click()
    page.get_by_role("button", name=said(lang, "Cancel it")).click()
    hear(page, lang, "Your registration is cancelled")


def test_the_browser_itself_asks_for_what_is_missing(page: Page) -> None:
    page.goto("c/demo")
    fill_in(page, somebody())
    page.locator("#name").fill("")
    submit_button(page).click()
    expect(page.locator("#name")).to_be_focused()
    expect(page).to_have_url("c/demo")


def test_the_server_asks_for_what_is_missing(page: Page, lang: str) -> None:
    """Blanks are enough for the browser, not for us."""
    page.goto("c/demo")
    fill_in(page, somebody(lang, name=" ", email="haneul@example"))
    submit_button(page).click()
    expect(page.locator("#errors strong")).to_have_text(
        said(lang, "Please mend {n} fields").replace("{n}", "2")
    )
    expect(page.locator("#name")).to_be_focused()
    expect(page.locator("#name-error")).to_be_visible()
    expect(page.locator("#email")).to_have_value("haneul@example")


def test_a_page_that_is_not_open_yet_asks_to_be_loaded_again(page: Page, lang: str) -> None:
    page.goto("c/early")
    advice = page.locator("noscript p")
    expect(advice).to_be_visible()
    expect(advice).to_have_text(said(lang, "Please load this page again then."))
    expect(page.get_by_role("timer")).to_be_hidden()


def test_a_full_conference_offers_its_waiting_list(page: Page, lang: str) -> None:
    path = sign_up(page, somebody(lang), "full")
    hear(page, lang, "You are on the waiting list")
    page.goto(f"{path}/cancel")
    page.get_by_role("button", name=said(lang, "Leave the list")).click()
    hear(page, lang, "You left the waiting list")
