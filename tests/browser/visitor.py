"""What a visitor does and sees, in the words of the domain."""

from __future__ import annotations

import itertools
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from playwright.sync_api import Locator, Page, expect

from app.registrations.rules import Person

ROOT = Path(__file__).parents[2]
PHONE, DESKTOP = 390, 1280
PASS_MS = 20_000
MAIL_MS = 20_000
PASS_ADDRESS = re.compile(r"/passes/([\w-]{28})(\?|$)")

_numbers = itertools.count(1)


@cache
def _korean() -> Catalog:
    with (ROOT / "translations/ko/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="ko")


def said(lang: str, english: str) -> str:
    """How a page says it in the language."""
    if lang == "en":
        return english
    message = _korean().get(english)
    assert message, english
    return str(message.string)


def subject(lang: str, english: str) -> str:
    """The part of a mail's subject before the conference's name."""
    return said(lang, f"{english}: %(conference)s").partition(":")[0]


def somebody(lang: str = "en", **changes: str) -> Person:
    """A person with an address that nobody else has."""
    number = next(_numbers)
    name = {"ko": "김하늘", "en": "Ada Nowak"}[lang]
    values = {"name": name, "email": f"visitor{number}@example.com", "company": "물결소프트"}
    return Person(**(values | changes))


def submit_button(page: Page) -> Locator:
    """The one coloured button of the form."""
    return page.locator(".lan-submit button")


def fill_in(page: Page, person: Person, ticket_type: int = 1) -> None:
    """Fill in the whole form."""
    page.locator(f"input[name=ticket_type][value='{ticket_type}']").check()
    for field in ("name", "email", "phone", "company"):
        page.locator(f"#{field}").fill(getattr(person, field))
    page.locator("#consent").check()


def sign_up(page: Page, person: Person, slug: str = "demo", ticket_type: int = 1) -> str:
    """Sign up through the form; the path of the pass link."""
    page.goto(f"c/{slug}")
    fill_in(page, person, ticket_type)
    submit_button(page).click()
    return arrive_at_pass(page)


def registered(
    page: Page, lang: str, person: Person, slug: str = "demo", ticket_type: int = 1
) -> str:
    """Sign up as this browser, but without its form, where that is not what a test is about; the
    path of the pass link."""
    fields: dict[str, str | float | bool] = {**vars(person), "consent": "yes"}
    fields["ticket_type"] = ticket_type
    address = f"/c/{slug}/register?lang={lang}"
    answer = page.request.post(address, form=fields, max_redirects=0)
    assert answer.status == 303, answer.text()
    return urlsplit(answer.headers["location"]).path


def arrive_at_pass(page: Page) -> str:
    """Wait for the pass page, and for its scripts; its path."""
    expect(page).to_have_url(PASS_ADDRESS)
    page.wait_for_load_state()
    return urlsplit(page.url).path


def picture(page: Page, path: str) -> tuple[int, bytes]:
    """The image of a pass, as `fetched`."""
    return fetched(page, f"{path}/pass.png")


def fetched(page: Page, address: str) -> tuple[int, bytes]:
    """A file, as the page itself would fetch it: status and content."""
    status, content = page.evaluate(_FETCH, address)
    return status, bytes(content)


_FETCH = """
async address => {
  const answer = await fetch(address);
  return [answer.status, [...new Uint8Array(await answer.arrayBuffer())]];
}
"""


def secret_in(path: str) -> str:
    """The secret of a pass link."""
    found = PASS_ADDRESS.search(path)
    assert found, path
    return found[1]


def see_image(page: Page) -> None:
    """Wait until the pass image is there, and drawn as large as it was made."""
    image = page.locator(".lan-pass__image")
    expect(image).to_have_js_property("naturalWidth", 1050, timeout=PASS_MS)
    expect(page.locator("#being-made")).to_be_hidden()


def heading(page: Page) -> Locator:
    """The page's only h1."""
    return page.locator("h1")


def hear(page: Page, lang: str, english: str) -> None:
    """Wait until the page's heading says so in the language."""
    expect(heading(page)).to_have_text(said(lang, english))


# Asks again and again, as somebody does who waits for mail.
_WAIT_FOR_MAIL = """
async ([address, subject, deadline]) => {
  const isThere = async () => {
    const text = await (await fetch("/dev/outbox")).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    return [...page.querySelectorAll(".mdl-card")].some(card =>
      card.textContent.includes(address) && card.querySelector("h2").textContent.includes(subject));
  };
  const begin = performance.now();
  while (!await isThere()) {
    if (performance.now() - begin > deadline) return false;
    await new Promise(resolve => setTimeout(resolve, 250));
  }
  return true;
}
"""


def get_mail(page: Page, address: str, subject: str) -> str:
    """Wait until the mail to the address stands in the outbox; its text. Leaves the page there."""
    came = page.evaluate(_WAIT_FOR_MAIL, [address, subject, MAIL_MS])
    assert came, f"no mail with this subject: {subject}"
    page.goto("/dev/outbox")
    mail = page.locator(".mdl-card").filter(has_text=address)
    mail = mail.filter(has=page.locator("h2", has_text=subject)).first
    return mail.locator("pre").inner_text()
