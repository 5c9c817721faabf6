"""The pass as a PDF: read back as text, as a picture, and as what its fonts are."""

from __future__ import annotations

import io
import re
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from app.passes import image, layout, pdf
from app.passes.layout import PassFace
from app.passes.pdf import Size
from tests.passes.test_image import KOREAN, LATIN

MM = 72 / 25.4
HINT = "Cut along the corner marks, or fold twice."
ARABIC = replace(KOREAN, name="محمد علي 山田", company="Nguyễn Thị Ánh")


@cache
def _made(face: PassFace, size: Size) -> bytes:
    return pdf.render(face, size, HINT)


def _page(face: PassFace, size: Size) -> PdfReader:
    return PdfReader(io.BytesIO(_made(face, size)))


def _rasterised(face: PassFace, size: Size, dpi: int, folder: Path) -> Image.Image:
    """As poppler, a renderer of its own, shows it."""
    source = folder / "pass.pdf"
    source.write_bytes(_made(face, size))
    drawn = folder / "pass"
    command = ["pdftoppm", "-r", str(dpi), "-png", "-singlefile", str(source), str(drawn)]
    subprocess.run(command, check=True)
    return Image.open(drawn.with_suffix(".png"))


def _text(face: PassFace, size: Size) -> str:
    command = ["pdftotext", "-layout", "-", "-"]
    done = subprocess.run(command, check=True, input=_made(face, size), stdout=subprocess.PIPE)
    return done.stdout.decode()


@pytest.mark.parametrize(("size", "mm"), [(Size.A4, (210, 297)), (Size.BADGE, (88.9, 118.53))])
def test_it_is_one_page_of_its_size(size: Size, mm: tuple[float, float]) -> None:
    (page,) = _page(KOREAN, size).pages
    assert (page.mediabox.width, page.mediabox.height) == pytest.approx(
        [side * MM for side in mm], abs=0.1
    )


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert pdf.render(LATIN, Size.A4) == pdf.render(LATIN, Size.A4)


@pytest.mark.parametrize("size", list(Size))
@pytest.mark.parametrize("face", [KOREAN, LATIN])
def test_what_it_says_can_be_searched_and_copied(face: PassFace, size: Size) -> None:
    said = " ".join(_text(face, size).split())
    for words in (face.conference_name, face.company, face.ticket_type, *face.when, *face.where):
        assert words in said
    assert all(part in said for part in re.split("[ -]", face.name))


def test_latin_and_korean_are_in_embedded_fonts() -> None:
    (page,) = _page(KOREAN, Size.A4).pages
    resources: Any = page["/Resources"]
    fonts = [font.get_object() for font in resources["/Font"].values()]
    assert {font["/BaseFont"].partition("+")[2] for font in fonts} == {
        "LanyardSans-500", "LanyardSans-700", "LanyardSans-800",
    }  # fmt: skip
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)


@pytest.mark.parametrize(("size", "dpi"), [(Size.A4, 110), (Size.BADGE, 72)])
@pytest.mark.parametrize("face", [KOREAN, LATIN, ARABIC])
def test_the_code_is_read_back(face: PassFace, size: Size, dpi: int, tmp_path: Path) -> None:
    (barcode,) = zxingcpp.read_barcodes(_rasterised(face, size, dpi, tmp_path).convert("L"))
    assert barcode.text == face.pass_code


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("face", [KOREAN, LATIN, ARABIC])
def test_it_looks_like_the_image(face: PassFace, order: int, tmp_path: Path) -> None:
    """Blurred, so that only what stands elsewhere or is missing counts."""
    shown = replace(face, ticket_order=order)
    drawn = _rasterised(shown, Size.BADGE, layout.DPI, tmp_path).convert("L")
    small = (105, 140)
    one, other = (
        picture.resize(small, Image.Resampling.BOX).tobytes()
        for picture in (drawn, Image.open(io.BytesIO(image.render(shown))).convert("L"))
    )
    differing = [abs(a - b) for a, b in zip(one, other, strict=True) if abs(a - b) > 60]
    assert len(differing) < 20


def test_the_hint_stands_on_a4_alone() -> None:
    assert "corner marks" in _text(LATIN, Size.A4)
    assert "corner marks" not in _text(LATIN, Size.BADGE)


def test_no_text_is_refused() -> None:
    odd = replace(KOREAN, name="\u202egnp.exe" * 40, company="", when=(), where=(), letters="")
    assert pdf.render(odd, Size.A4).startswith(b"%PDF")


def test_many_passes_stand_four_on_a_page(tmp_path: Path) -> None:
    faces = [replace(LATIN, name=f"Visitor Number{n}", letters=f"{n:08}") for n in range(9)]
    made = pdf.sheets(faces)
    assert len(PdfReader(io.BytesIO(made)).pages) == 3
    source = tmp_path / "sheets.pdf"
    source.write_bytes(made)
    subprocess.run(
        ["pdftoppm", "-r", "110", "-png", str(source), str(tmp_path / "page")], check=True
    )
    codes = [zxingcpp.read_barcodes(Image.open(page)) for page in sorted(tmp_path.glob("*.png"))]
    assert [len(found) for found in codes] == [4, 4, 1]
    text = subprocess.run(["pdftotext", str(source), "-"], check=True, stdout=subprocess.PIPE)
    assert all(f"Number{n}" in text.stdout.decode() for n in range(9))


def test_no_passes_are_an_empty_page() -> None:
    assert len(PdfReader(io.BytesIO(pdf.sheets([]))).pages) == 1
