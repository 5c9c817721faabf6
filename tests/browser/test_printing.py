"""One pass a sheet and nothing else: above all not the address, which is the key to it."""

from __future__ import annotations

import io
import subprocess
from typing import Literal

import pypdf
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import reading
from tests.browser.conftest import Visit
from tests.browser.served import Lanyard
from tests.browser.visitor import PHONE, secret_in, see_image, sign_up, somebody

SHEETS = ("A4", "Letter", "A6")
DPI = 150
MODULES, QUIET = 45, 4
PASS_MM = 90
CODE_MM = PASS_MM * MODULES * 10 / 1050
WHITE = 250

# Of every text on the pass: how dark it is, from 0 (black) to 255, and what it says.
TONES = """
() => [...document.querySelectorAll(".lan-pass__sheet *")]
  .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .map((one) => {
    const [red, green, blue] = getComputedStyle(one).color.match(/\\d+/g).map(Number);
    return [0.3 * red + 0.6 * green + 0.1 * blue, one.textContent];
  })
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


@pytest.mark.parametrize("across", [False, True], ids=["upright", "across"])
@pytest.mark.parametrize("saves_ink", [False, True])
def test_a_pass_is_one_sheet_with_its_code_and_without_its_address(
    page: Page, lanyard: Lanyard, saves_ink: bool, across: bool
) -> None:
    [key] = lanyard.command("pass", "key", "demo")
    if saves_ink:
        page.emulate_media(color_scheme="dark")
    for paper in SHEETS:
        printed = page.pdf(
            format=paper,
            landscape=across,
            print_background=not saves_ink,
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
        picture = drawn(printed)
        found = reading.find(picture)
        assert reading.read(found.text, key["public_key"]).item == 1
        assert found.side / DPI * 25.4 == pytest.approx(CODE_MM, abs=0.4)
        assert around(picture, found) >= WHITE
        assert min(corners(picture)) >= WHITE


def drawn(printed: bytes) -> Image.Image:
    """The only sheet as a printer draws it, in tones of grey."""
    command = ["pdftoppm", "-r", str(DPI), "-gray", "-singlefile"]
    done = subprocess.run(command, input=printed, check=True, capture_output=True)
    return Image.open(io.BytesIO(done.stdout))


def around(picture: Image.Image, found: reading.Found) -> int:
    """The darkest tone of the quiet zone: four modules on all sides of the code."""
    module = found.side / MODULES
    zone = picture.crop(found.grown(QUIET * module - 1))
    edge = round((QUIET - 0.5) * module)
    zone.paste(255, (edge, edge, zone.width - edge, zone.height - edge))
    return min(zone.tobytes())


def corners(picture: Image.Image) -> list[int]:
    """The tones at the corners of a sheet."""
    tones, width = picture.tobytes(), picture.width
    return [tones[0], tones[width - 1], tones[-width], tones[-1]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_dark_on_paper(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(media="print", color_scheme=scheme)
    tones = page.evaluate(TONES)
    assert "김하늘" in {text for _, text in tones}
    assert [text for tone, text in tones if tone > 80] == []
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"


def test_the_printed_image_is_90_mm_wide(visit: Visit) -> None:
    page = visit("en")
    sign_up(page, somebody())
    see_image(page)
    page.emulate_media(media="print")
    box = page.locator(".lan-pass__image").bounding_box()
    assert box
    assert box["width"] == pytest.approx(PASS_MM / 25.4 * 96, abs=1)
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
