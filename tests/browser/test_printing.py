"""One pass a sheet and nothing else: above all not the address, which is the key to it."""

from __future__ import annotations

import io

import pypdf
import pytest
from playwright.sync_api import Page, expect

from tests.browser import reading
from tests.browser.conftest import Visit
from tests.browser.served import Lanyard
from tests.browser.visitor import PHONE, secret_in, see_image, sign_up, somebody

SHEETS = ("A4", "Letter", "A6")

# As printers do where backgrounds are off; our policy allows no style sheet that is not a file.
WITHOUT_BACKGROUNDS = """
const sheet = new CSSStyleSheet();
sheet.replaceSync("*, *::before, *::after { background: none !important }");
document.adoptedStyleSheets = [sheet];
"""


@pytest.fixture(params=["the image is there", "the image is missing"])
def page(request: pytest.FixtureRequest, visit: Visit) -> Page:
    """A pass page before printing."""
    page = visit("ko", PHONE)
    if request.param == "the image is missing":
        page.route("**/pass.png", lambda route: route.fulfill(status=404))
        sign_up(page, somebody("ko"))
        expect(page.locator("#being-made")).to_be_visible()
    else:
        sign_up(page, somebody("ko"))
        see_image(page)
    return page


@pytest.mark.parametrize("backgrounds", [True, False])
def test_a_pass_is_one_sheet_without_its_address(page: Page, backgrounds: bool) -> None:
    for paper in SHEETS:
        printed = page.pdf(
            format=paper,
            print_background=backgrounds,
            display_header_footer=True,  # as browsers' own dialogs do
        )
        [sheet] = pypdf.PdfReader(io.BytesIO(printed)).pages
        text = sheet.extract_text()
        assert "김하늘" in text
        for secret in ("http", "127.0.0.1", "/passes/", secret_in(page.url)):
            assert secret not in text
            assert secret.encode() not in printed  # nor as a link
        assert "/Annots" not in sheet
        for word in ("참가가 확정되었습니다", "인쇄", "취소", "lanyard"):
            assert word not in text


@pytest.mark.parametrize("backgrounds", [True, False])
def test_the_code_on_paper_is_read(page: Page, lanyard: Lanyard, backgrounds: bool) -> None:
    page.emulate_media(media="print")
    if not backgrounds:
        page.evaluate(WITHOUT_BACKGROUNDS)
    text = reading.scan(page.screenshot(full_page=True))
    [key] = lanyard.command("pass", "key", "demo")
    assert reading.read(text, key["public_key"]).item == 1


def test_the_printed_image_is_90_mm_wide(visit: Visit) -> None:
    page = visit("en")
    sign_up(page, somebody())
    see_image(page)
    page.emulate_media(media="print")
    box = page.locator(".lan-pass__image").bounding_box()
    assert box
    assert box["width"] == pytest.approx(90 / 25.4 * 96, abs=1)
    assert box["height"] == pytest.approx(120 / 25.4 * 96, abs=1)
    expect(page.locator("h1, .lan-header, .lan-mine__card").locator("visible=true")).to_have_count(
        0
    )


def test_the_button_prints(visit: Visit) -> None:
    page = visit("en")
    page.add_init_script("window.print = () => { window.printed = true; };")
    sign_up(page, somebody())
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
