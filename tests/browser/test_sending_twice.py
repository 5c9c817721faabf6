"""Pressing twice, going back, sending again, and two people behind one address."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import APIResponse, Page, Request, Route, expect

from tests.browser.conftest import Visit
from tests.browser.served import Lanyard
from tests.browser.visitor import (
    PHONE,
    arrive_at_pass,
    fill_in,
    get_mail,
    hear,
    sign_up,
    somebody,
    subject,
    submit_button,
)

PATIENCE_MS = 21_000  # a little more than form.js has


def test_pressing_twice_registers_once(visit: Visit, lanyard: Lanyard) -> None:
    page, person = visit("ko"), somebody("ko")
    sent = sendings(page)
    page.goto("c/demo")
    fill_in(page, person)
    submit_button(page).dblclick()
    arrive_at_pass(page)
    assert len(sent) == 1
    registered = lanyard.command("registration", "list", "demo")
    assert [one["email"] for one in registered].count(person.email) == 1


def sendings(page: Page) -> list[Request]:
    """The forms that the page sends from now on."""
    sent: list[Request] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request)

    page.on("request", note)
    return sent


# A network so slow that nothing happens: the forms that would have been sent are counted.
HOLD = """
window.held = 0;
addEventListener("submit", event => {
  if (!event.defaultPrevented) window.held += 1;
  event.preventDefault();
});
"""


def test_sending_is_shown_and_cannot_be_repeated(visit: Visit) -> None:
    page, button = (page := visit("en")), submit_button(page)
    page.add_init_script(HOLD)
    page.goto("c/demo")
    fill_in(page, somebody())
    button.click()
    expect(button).to_have_accessible_name("Sending")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    button.click(force=True)
    assert page.evaluate("held") == 1


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_without_a_network_nothing_typed_is_lost(visit: Visit, lang: str) -> None:
    page, person = visit(lang), somebody(lang)
    page.goto("c/demo")
    fill_in(page, person)
    page.context.set_offline(True)
    submit_button(page).click()
    words = {"ko": ("연결되어 있지 않습니다", "다시 연결되었습니다"), "en": ("offline", "is back")}[
        lang
    ]
    expect(page.get_by_role("status").filter(has_text=words[0])).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value(person.name)
    page.context.set_offline(False)
    expect(page.get_by_role("status").filter(has_text=words[1])).to_be_visible()
    submit_button(page).click()
    page.wait_for_url("**/passes/**")


# What the button says, and whether the bar is seen, as soon as it cannot be pressed again.
NOTE_SENDING = """
button => new MutationObserver(() => {
  const bar = document.querySelector("[role=progressbar]");
  sessionStorage.setItem("seen", `${button.innerText.trim()} ${bar.checkVisibility()}`);
}).observe(button, { attributeFilter: ["aria-disabled"] })
"""


def test_a_slow_network_shows_that_it_is_sending(visit: Visit) -> None:
    page = visit("ko", PHONE)
    page.goto("/c/demo")
    fill_in(page, somebody("ko"))
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", slow)
    submit_button(page).evaluate(NOTE_SENDING)
    submit_button(page).dblclick()
    arrive_at_pass(page)
    assert page.evaluate("sessionStorage.getItem('seen')") == "보내는 중 true"


def test_an_answer_that_is_lost_on_the_way_loses_nothing(visit: Visit, lanyard: Lanyard) -> None:
    """The server has it, the browser has not heard: sending once more opens the same pass."""
    page, person = visit("en", PHONE), somebody()
    answers: list[APIResponse] = []

    def lose(route: Route) -> None:
        answers.append(route.fetch(max_redirects=0))
        route.abort("aborted")

    page.clock.install()
    page.goto("/c/demo")
    fill_in(page, person)
    page.route("**/register*", lose)
    submit_button(page).click()
    expect(submit_button(page)).to_have_attribute("aria-disabled", "true")
    page.unroute("**/register*")
    page.clock.run_for(PATIENCE_MS)
    expect(submit_button(page)).to_have_accessible_name("Sign up")
    expect(page.locator("#name")).to_have_value(person.name)
    submit_button(page).click()
    path = arrive_at_pass(page)
    [first] = answers
    assert first.status == 303
    assert path in first.headers["location"]
    registered = lanyard.command("registration", "list", "demo")
    assert [one["email"] for one in registered].count(person.email) == 1


def test_an_offer_accepted_with_two_presses(visit: Visit, lanyard: Lanyard) -> None:
    page = visit("en", PHONE)
    page.goto(lanyard.make_registration("en", "offered"))
    page.get_by_role("button", name="Accept the seat").dblclick()
    hear(page, "en", "You are coming")


@pytest.mark.parametrize("knows", ["the cookie", "the submission key"])
def test_going_back_and_sending_again_is_the_same_pass(visit: Visit, knows: str) -> None:
    page, person = visit("ko"), somebody("ko")
    path = sign_up(page, person)
    if knows == "the submission key":
        page.context.clear_cookies()
    page.go_back()
    expect(page.locator("#name")).to_have_value(person.name)
    submit_button(page).click()
    assert arrive_at_pass(page) == path


def test_going_back_and_giving_another_name_is_told(visit: Visit) -> None:
    page, person = visit("en"), somebody()
    path = sign_up(page, person)
    page.go_back()
    page.locator("#name").fill("Seojun Lee")
    submit_button(page).click()
    hear(page, "en", "You are signed up already")
    page.get_by_role("link", name="Open my pass").click()
    assert arrive_at_pass(page) == path
    expect(page.locator(".lan-pass__name")).to_have_text(person.name)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_known_address_elsewhere_gets_mail_but_no_pass(visit: Visit, lang: str) -> None:
    person = somebody(lang)
    path = sign_up(visit(lang), person)
    stranger = visit(lang)
    stranger.goto("c/demo")
    fill_in(stranger, replace(person, name="이서준"))
    submit_button(stranger).click()
    hear(stranger, lang, "This address is signed up already")
    assert path not in stranger.content()
    assert person.name not in stranger.content()
    words = subject(lang, "You are registered already")
    assert path in get_mail(stranger, person.email, words)
