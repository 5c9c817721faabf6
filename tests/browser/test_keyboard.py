"""Everything can be done with the keyboard alone, and one always sees where one is."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.served import Lanyard
from tests.browser.visitor import arrive_at_pass, sign_up, somebody, submit_button

MOST_STOPS = 40

OUTLINED = """
() => {
  const focused = document.activeElement;
  const around = focused.closest(".lan-choice, .lan-conference, .lan-entry") || focused;
  return [focused, around].some(one => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
}
"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until it has the focus; each stop on the way is seen."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        assert page.evaluate(OUTLINED), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
    raise AssertionError(f"never came to {selector}")


def test_signing_up(visit: Visit) -> None:
    page, person = visit("en"), somebody()
    page.goto("/c/demo")
    tab_to(page, "input[name=ticket_type]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.locator("input[name=ticket_type]").first).to_be_checked()
    for field in ("name", "email", "company"):
        tab_to(page, f"#{field}")
        page.keyboard.type(getattr(person, field))
    tab_to(page, "#consent")
    page.keyboard.press("Space")
    tab_to(page, ".lan-submit button")
    page.keyboard.press("Enter")
    arrive_at_pass(page)


def test_enter_within_a_field_sends_and_shows_the_first_mistake(visit: Visit) -> None:
    page = visit("ko")
    page.goto("/c/demo")
    page.locator("#name").fill("김하늘")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=ticket_type]").first).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#ticket_type-error")).to_be_hidden()
    tab_to(page, "#email")
    expect(page.locator("#email")).to_have_attribute("aria-invalid", "true")


def test_the_first_stop_skips_to_the_content(visit: Visit) -> None:
    page = visit("en")
    for address in ("/", "/c/demo", "/my"):
        page.goto(address)
        page.keyboard.press("Tab")
        skip = page.locator(".lan-skip")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_dialog_takes_the_focus_and_gives_it_back(visit: Visit) -> None:
    page = visit("en")
    sign_up(page, somebody())
    tab_to(page, "[data-dialog]")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()  # the safe one
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Cancel it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-dialog]")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Your registration is cancelled")


def test_home_and_my_passes(visit: Visit) -> None:
    page, person = visit("en"), somebody()
    path = sign_up(page, person)
    page.goto("/my")
    tab_to(page, ".lan-entry a")
    page.keyboard.press("Enter")
    assert arrive_at_pass(page) == path
    page.goto("/")
    tab_to(page, "a[href*='/c/demo']")
    page.keyboard.press("Enter")
    expect(submit_button(page)).to_be_visible()


def test_giving_a_place_away(visit: Visit) -> None:
    page, taker = visit("en"), somebody()
    sign_up(page, somebody())
    tab_to(page, "a[href*='/transfer']")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Give my place to somebody else")
    for field in ("name", "email"):
        tab_to(page, f"#{field}")
        page.keyboard.type(getattr(taker, field))
    page.keyboard.press("Enter")
    expect(page.locator("#sure")).to_be_focused()
    page.keyboard.press("Space")
    tab_to(page, ".lan-submit button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="gone to somebody else")).to_be_visible()


def test_an_offer(visit: Visit, lanyard: Lanyard) -> None:
    page = visit("en")
    page.goto(lanyard.make_registration("en", "offered"))
    tab_to(page, "[data-dialog]")  # accepting stands before it
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Accept the seat")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("You are coming")
