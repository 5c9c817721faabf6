"""The QR code that was served is what a scanner expects."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from playwright.sync_api import Page

from tests.browser import reading
from tests.browser.conftest import Visit
from tests.browser.served import Lanyard
from tests.browser.visitor import see_image, sign_up, somebody


def public_key(lanyard: Lanyard, slug: str) -> str:
    [row] = lanyard.command("pass", "key", slug)
    key: str = row["public_key"]
    return key


def letters_on(page: Page) -> str:
    return page.locator(".lan-pass__code").inner_text().replace(" ", "").replace("\n", "")


def test_image_page_and_record_have_one_code(visit: Visit, lanyard: Lanyard) -> None:
    page = visit("ko")
    path = sign_up(page, somebody("ko"), ticket_type=2)
    see_image(page)
    text = reading.scan(page.request.get(f"{path}/pass.png").body())
    page.locator(".lan-pass__image").evaluate("image => image.remove()")
    assert reading.scan(page.locator(".lan-pass__qr").screenshot()) == text

    scanned = reading.read(text, public_key(lanyard, "demo"))
    assert scanned == reading.Scanned(f"{letters_on(page)}.1", 2, others=())
    [record] = lanyard.command("registration", "show", letters_on(page))
    assert record["ticket_type"] == 2

    with pytest.raises(InvalidSignature):
        reading.read(text, public_key(lanyard, "few"))


def test_the_code_stays_when_details_change_and_not_when_it_is_reissued(
    visit: Visit, lanyard: Lanyard
) -> None:
    page = visit("en")
    path = sign_up(page, somebody())
    see_image(page)
    before = reading.scan(page.request.get(f"{path}/pass.png").body())
    page.goto(f"{path}/edit")
    page.locator("#name").fill("Tomás Ruiz")
    page.locator(".lan-submit button").click()
    see_image(page)
    assert reading.scan(page.request.get(f"{path}/pass.png").body()) == before

    letters = letters_on(page)
    lanyard.command("pass", "reissue", letters)
    assert page.request.get(path).status == 404  # the old link is void
    [row] = lanyard.command("pass", "link", letters)
    page.goto(row["link"])
    see_image(page)
    after = reading.scan(page.request.get(f"{page.url.partition('?')[0]}/pass.png").body())
    assert reading.read(after, public_key(lanyard, "demo")).seed == f"{letters}.2"
