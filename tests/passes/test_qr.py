from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image

from app.passes import code, qr

KEY = code.new_private_key()
TEXTS = [
    code.encode(code.PassCode(code.seed_of("7KQ4M9XT", version), 1), KEY) for version in range(1, 6)
]
SVG = "{http://www.w3.org/2000/svg}"


def _drawn(svg: str, scale: int) -> Image.Image:
    """The path, drawn by this test: M x y, h, v, H, z."""
    root = ElementTree.fromstring(svg)
    (path,) = root.findall(f"{SVG}path")
    image = Image.new("L", (53 * scale, 53 * scale), 255)
    rectangles = re.findall(r"M(\d+) (\d+)h(\d+)v1H(\d+)z", path.attrib["d"])
    assert "".join("M{} {}h{}v1H{}z".format(*r) for r in rectangles) == path.attrib["d"]
    for x, y, width, back in rectangles:
        assert x == back
        left, top = int(x) * scale, int(y) * scale
        image.paste(0, (left, top, left + int(width) * scale, top + scale))
    return image


def _read(image: Image.Image) -> zxingcpp.Barcode:
    (barcode,) = zxingcpp.read_barcodes(image)
    assert barcode.format == zxingcpp.BarcodeFormat.QRCode
    return barcode


@pytest.mark.parametrize("text", TEXTS)
def test_the_svg_is_read_back(text: str) -> None:
    assert _read(_drawn(qr.svg(text, "QR"), 4)).text == text


@pytest.mark.parametrize("text", TEXTS)
def test_the_png_is_read_back(text: str) -> None:
    image = Image.open(io.BytesIO(qr.png(text, 3)))
    assert image.size == (159, 159)
    assert _read(image.convert("L")).text == text


def test_it_always_has_45_modules_and_level_m() -> None:
    for text in ("A", "9" * 40, TEXTS[0], "a" * code.MAX_TEXT):
        rows = qr.matrix(text)
        assert len(rows) == qr.MODULES
        assert {len(row) for row in rows} == {qr.MODULES}
        assert _read(_drawn(qr.svg(text, "QR"), 4)).ec_level == "M"


def test_a_longer_text_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        qr.matrix("a" * (code.MAX_TEXT + 1))


def test_the_svg_names_itself_and_scales_sharply() -> None:
    root = ElementTree.fromstring(qr.svg(TEXTS[0], 'QR <code> "1"'))
    assert root.attrib["viewBox"] == "0 0 53 53"
    assert root.attrib["class"] == "lan-pass__qr"
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'QR <code> "1"'
    assert root.attrib["shape-rendering"] == "crispEdges"
    assert "style" not in root.attrib


def test_the_quiet_zone_is_white() -> None:
    image = _drawn(qr.svg(TEXTS[0], "QR"), 1)
    assert image.crop((0, 0, 53, 4)).getextrema() == (255, 255)
    assert image.crop((0, 0, 4, 53)).getextrema() == (255, 255)
    assert image.crop((0, 49, 53, 53)).getextrema() == (255, 255)
    assert image.crop((49, 0, 53, 53)).getextrema() == (255, 255)
    assert image.getpixel((4, 4)) == image.getpixel((48, 4)) == image.getpixel((4, 48)) == 0
