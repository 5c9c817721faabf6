"""Every page in every state: what axe finds, and that no text stands out, is cut or covered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.served import Lanyard
from tests.browser.visitor import (
    DESKTOP,
    PHONE,
    fill_in,
    hear,
    registered,
    said,
    see_image,
    somebody,
    submit_button,
)

WIDTHS = (320, PHONE, DESKTOP // 2, 820, DESKTOP)  # half a desktop is what 200 % leaves of it
LONG = "Wolfeschlegelsteinhausenbergerdorff " * 2
AXE = Axe()
# Beside all that are on anyway. The rest ask for more than AA, or for the style sheets, which would
# be fetched once more, or take what is large, as a name on a pass, for a heading.
AXE_RULES = (
    "focus-order-semantics",
    "identical-links-same-purpose",
    "label-content-name-mismatch",
    "table-fake-caption",
    "target-size",
    "td-has-header",
)
AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "preload": False,
    "rules": {rule: {"enabled": True} for rule in AXE_RULES},
}

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


def look_into_your_mail(page: Page, lang: str) -> None:
    page.goto("/c/confirming")
    fill_in(page, somebody(lang))
    submit_button(page).click()
    hear(page, lang, "Please look into your mail")


def transfer_refused(page: Page, lang: str) -> None:
    """The server's answer to a form that is wrong in every field."""
    page.goto(registered(page, lang, somebody(lang, phone="010-1234-5678"), "strict") + "/transfer")
    page.locator("form").evaluate("form => { form.noValidate = true; form.submit(); }")
    expect(page.locator("#errors a")).to_have_count(5)


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
    "sign-up, on request": address("/c/requests"),
    "sign-up, addresses to be confirmed": address("/c/confirming"),
    "look into your mail": look_into_your_mail,
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
    "transfer, refused": transfer_refused,
    "my passes, after a transfer": address("/my?notice=handed-on"),
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


# Registrations of tests/standings.py, and which of their pages.
STANDINGS = (
    "german-offered",
    "german-offered/cancel",
    "german-held",
    "german-pending",
    "german-pending/cancel",
    "german-waiting/cancel",
    "german-run_out",
    "german-declined",
    "german-confirmed/transfer",
    "german-confirmed/ticket-type",
    "approved/ticket-type",  # no other type
    "promoted",
    "given",
    "held/cancel",
    "turned_down",
    "withdrawn",
    "left",
    "called_off",
    "over",
)


@pytest.fixture(scope="session")
def pass_links(lanyard: Lanyard) -> Callable[[str], dict[str, str]]:
    """The paths of their pass links by name, in a language."""
    names = {one.partition("/")[0] for one in STANDINGS}

    @cache
    def paths(lang: str) -> dict[str, str]:
        made = lanyard.make_registrations(lang, *sorted(names))
        return {name: path for name, (path, _) in made.items()}

    return paths


class EveryPage:
    """Read by its two subclasses, which may run in two processes."""

    lang: str
    width: int

    @pytest.mark.parametrize("open_page", PAGES.values(), ids=PAGES)
    def test_it(self, visit: Visit, open_page: Open) -> None:
        page = visit(self.lang, self.width)
        open_page(page, self.lang)
        self.look_at(page)

    @pytest.mark.parametrize("standing", STANDINGS)
    def test_every_standing(
        self, visit: Visit, pass_links: Callable[[str], dict[str, str]], standing: str
    ) -> None:
        page = visit(self.lang, self.width)
        name, _, part = standing.partition("/")
        answer = page.goto(f"{pass_links(self.lang)[name]}/{part}".rstrip("/"))
        assert answer
        assert answer.status == 200
        assert page.url.rstrip("/").endswith(part)  # and not led back
        self.look_at(page)

    def look_at(self, page: Page) -> None:
        expect(page.locator("html")).to_have_attribute("lang", self.lang)
        assert violations(page) == []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert ragged(page) == [], f"at {width}"
        page.evaluate(TWICE_AS_LARGE)
        for width in (PHONE, DESKTOP):
            page.set_viewport_size({"width": width, "height": 800})
            assert ragged(page) == [], f"twice as large at {width}"
        page.emulate_media(forced_colors="active")
        assert violations(page, runOnly=["color-contrast"]) == [], "in forced colours"


class TestKoreanOnAPhone(EveryPage):
    lang, width = "ko", PHONE


class TestEnglishOnADesktop(EveryPage):
    lang, width = "en", DESKTOP


def violations(page: Page, **options: object) -> list[str]:
    """What axe finds, of any weight, and where."""
    answer = AXE.run(page, options=AXE_OPTIONS | options).response
    found: list[dict[str, Any]] = answer["violations"]
    return [
        f"{one['impact']} {one['id']}: {node['html'][:120]} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]


# The text alone, as a browser can enlarge it; our policy allows no style sheet that is not a file.
TWICE_AS_LARGE = """
const sheet = new CSSStyleSheet();
sheet.replaceSync(":root { font-size: 200% }");
document.adoptedStyleSheets = [sheet];
"""

# Lines of text that stand out of the window or of the button, chip or card they are in; that a box
# cuts; that lie over each other. The pass itself is as large as it is, and what lies above the
# whole page covers it on purpose.
RAGGED = """
() => {
  const OVER = ".lan-pass, .mdl-snackbar, dialog, .lan-skip, .lan-hidden";
  const BOXES = ".mdl-button, .mdl-chip, .mdl-card, .lan-note, .lan-choice";
  const page = document.documentElement;
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.closest(OVER) || !element.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      const text = node.data.trim().slice(0, 40);
      if (box.width) lines.push({ element, text, left: box.left, right: box.right,
        top: box.top + box.height / 4, bottom: box.bottom - box.height / 4 });
    }
  }
  const found = [];
  if (page.scrollWidth > page.clientWidth) found.push("the page scrolls sideways");
  const inside = (line, box) => line.left > box.left - 1 && line.right < box.right + 1
    && line.top > box.top - 1 && line.bottom < box.bottom + 1;
  for (const line of lines) {
    if (line.left < 0 || line.right > page.clientWidth)
      found.push(`beside the window: ${line.text}`);
    for (let box = line.element; box !== document.body; box = box.parentElement) {
      const { display, overflowX } = getComputedStyle(box);
      const holds = overflowX !== "visible" || box.matches(BOXES);
      if (display.match(/^(inline|contents)$/) || !holds) continue;
      if (!inside(line, box.getBoundingClientRect())) found.push(`out of its box: ${line.text}`);
    }
  }
  lines.forEach((one, at) => lines.slice(at + 1).forEach((other) => {
    if (one.left < other.right - 1 && other.left < one.right - 1
        && one.top < other.bottom - 1 && other.top < one.bottom - 1)
      found.push(`over each other: ${one.text} / ${other.text}`);
  }));
  return found;
}
"""


def ragged(page: Page) -> list[str]:
    """What is wrong with where the lines of text stand."""
    found: list[str] = page.evaluate(RAGGED)
    return found


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_who_prefers_dark_pages_sees_the_same(visit: Visit, lang: str) -> None:
    """All of it, not half: these pages are light alone."""
    page = visit(lang, PHONE)
    for address in ("/c/demo", "/my"):
        page.goto(address)
        light = page.screenshot(full_page=True)
        page.emulate_media(color_scheme="dark")
        assert page.screenshot(full_page=True) == light
        page.emulate_media(color_scheme="light")


def test_axe_would_find_something(visit: Visit) -> None:
    page = visit("en")
    page.goto("/c/demo")
    page.locator("label[for=email]").evaluate("label => label.remove()")
    assert "critical label" in violations(page)[0]


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ("h2.style.marginLeft = '-99px'", "beside the window: Registration"),
        ("h2.style.cssText = 'overflow: hidden; height: 9px'", "out of its box: Registration"),
        ("h2.style.transform = 'translateY(46px)'", "over each other: Registration / Ticket type"),
        ("document.body.style.width = '999px'", "the page scrolls sideways"),
    ],
)
def test_ragged_lines_would_be_found(visit: Visit, mistake: str, said: str) -> None:
    page = visit("en", PHONE)
    page.goto("/c/demo")
    page.locator(".lan-hang h2").evaluate(f"h2 => {{ {mistake} }}")
    assert [one for one in ragged(page) if said in one]
