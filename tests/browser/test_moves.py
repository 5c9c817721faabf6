"""What becomes of a place afterwards: offered and taken, confirmed by mail, given to somebody
else, exchanged for one of another ticket type."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_waiting_list import cancel_here, see_place
from tests.browser.visitor import (
    arrive_at_pass,
    fill_in,
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


@pytest.fixture
def slug(lang: str) -> str:
    """A conference with one seat, which it offers when it comes free."""
    return f"offers-{lang}"


def see_offer(page: Page, lang: str, email: str) -> None:
    """The page says it, and so does a mail."""
    page.reload()
    hear(page, lang, "A seat is free for you")
    path = arrive_at_pass(page)
    assert secret_in(path) in get_mail(page, email, subject(lang, "A seat is free for you"))
    page.goto(path)


def press(page: Page, lang: str, button: str) -> None:
    page.get_by_role("button", name=said(lang, button)).click()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_an_offer_that_is_declined_goes_to_the_next_who_accepts(
    visit: Visit, lang: str, slug: str
) -> None:
    holder, first, second = visit(lang), visit(lang), visit(lang)
    unwilling, willing = somebody(lang), somebody(lang)
    sign_up(holder, somebody(lang), slug)
    declined = sign_up(first, unwilling, slug)
    see_place(first, 1)
    sign_up(second, willing, slug)
    see_place(second, 2)
    cancel_here(holder)
    hear(holder, lang, "Your registration is cancelled")

    see_offer(first, lang, unwilling.email)
    first.goto(f"{declined}/cancel")
    press(first, lang, "Decline the seat")
    hear(first, lang, "You declined the seat")

    see_offer(second, lang, willing.email)
    press(second, lang, "Accept the seat")
    hear(second, lang, "You are coming")
    see_image(second)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_an_address_is_confirmed_by_who_reads_its_mail(visit: Visit, lang: str) -> None:
    page, person = visit(lang), somebody(lang)
    page.goto("c/confirming")
    fill_in(page, person)
    submit_button(page).click()
    hear(page, lang, "Please look into your mail")
    mail = get_mail(page, person.email, subject(lang, "Please confirm your address"))
    reader = visit(lang)
    reader.goto(f"passes/{secret_in(mail)}")
    hear(reader, lang, "Please confirm your address")
    press(reader, lang, "Confirm my address")
    hear(reader, lang, "You are coming")
    see_image(reader)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_place_is_given_to_somebody_else(visit: Visit, lang: str) -> None:
    page, heir = visit(lang), somebody(lang, name="Tomás Ruiz")
    path = sign_up(page, somebody(lang))
    page.get_by_role("link", name=said(lang, "Give to somebody else")).click()
    page.locator("#name").fill(heir.name)
    page.locator("#email").fill(heir.email)
    page.locator("#sure").check()
    submit_button(page).click()
    words = said(lang, "Your place has gone to somebody else")
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()
    answer = page.goto(path)
    assert answer
    assert answer.status == 404  # the old link is void
    mail = get_mail(page, heir.email, subject(lang, "A place was given to you"))
    heirs = visit(lang)
    heirs.goto(f"passes/{secret_in(mail)}")
    hear(heirs, lang, "You are coming")
    expect(heirs.locator(".lan-pass__name")).to_have_text(heir.name)
    see_image(heirs)
    press(heirs, lang, "I agree")
    words = said(lang, "You agreed to how your details are used.")
    expect(heirs.get_by_role("status").filter(has_text=words)).to_be_visible()
    expect(heirs.get_by_role("button", name=said(lang, "I agree"))).to_be_hidden()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_another_ticket_type_is_chosen(visit: Visit, lang: str) -> None:
    page = visit(lang)
    path = sign_up(page, somebody(lang))
    see_image(page)
    code = page.locator(".lan-pass__code").inner_text()
    page.get_by_role("link", name=said(lang, "Change ticket type")).click()
    page.locator("input[name=ticket_type][value='2']").check()
    submit_button(page).click()
    words = said(lang, "You have another ticket type")
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()
    assert arrive_at_pass(page) == path
    workshop = {"ko": "워크숍", "en": "Workshop"}[lang]
    expect(page.locator(".lan-pass__type strong")).to_contain_text(workshop)
    assert page.locator(".lan-pass__code").inner_text() == code
    see_image(page)
