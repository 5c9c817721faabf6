from __future__ import annotations

import base64
import io
import random
from dataclasses import replace
from functools import cache

import pytest
import zxingcpp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from PIL import Image, ImageDraw

from app.passes import code, image
from app.passes.layout import PassFace

KEY = code.new_private_key()
Box = tuple[int, int, int, int]

BAND: Box = (0, 0, 1050, 330)
NAME: Box = (0, 330, 1050, 722)
QR: Box = (24, 722, 554, 1252)
COLUMN: Box = (590, 722, 1050, 1260)
BAR: Box = (0, 1260, 1050, 1400)

KOREAN = PassFace(
    conference_name="가람 개발자 콘퍼런스 2026",
    subtitle="Garam Developer Conference",
    logo=None,
    colour="#0b5563",
    name="김하늘",
    company="물결소프트",
    ticket_type="일반 참가",
    ticket_type_small="FULL PASS",
    ticket_order=0,
    letters="7KQ4M9XT",
    when=("2026년 10월 17일 (토)", "10:00–18:00"),
    where=("물빛컨벤션센터 3층", "서울"),
    code_label="참가증 코드",
    when_label="일시",
    where_label="장소",
    pass_code=code.encode(code.PassCode(code.seed_of("7KQ4M9XT", 1), 1), KEY),
)
LATIN = replace(
    KOREAN,
    conference_name="Harbour Data Summit 2026",
    subtitle="Workshops and talks",
    colour="#ffc83d",
    name="Maximiliane Featherstonehaugh-Okonkwo",
    company="Institute for Coastal Statistics",
    ticket_type="Workshop",
    ticket_type_small="워크숍",
    ticket_order=1,
    when=("Fri 6 Nov 2026", "9:30–17:00 KST"),
    where=("Pier Hall 2", "Busan"),
)


@cache
def _drawn(face: PassFace) -> Image.Image:
    return Image.open(io.BytesIO(image.render(face)))


def _ink(face: PassFace, box: Box) -> Box | None:
    """Where anything dark is drawn within the box, in pixels of the whole pass."""
    part = _drawn(face).convert("L").crop(box).point(lambda value: 255 if value < 128 else 0)
    found = part.getbbox()
    if found is None:
        return None
    left, top, right, bottom = found
    return left + box[0], top + box[1], right + box[0], bottom + box[1]


def _code(picture: Image.Image) -> str:
    (barcode,) = zxingcpp.read_barcodes(picture)
    return str(barcode.text)


def _logo(colour: str, mode: str = "RGBA") -> bytes:
    picture = Image.new(mode, (300, 300), (0, 0, 0, 0) if mode == "RGBA" else "#3355aa")
    ImageDraw.Draw(picture).ellipse((50, 50, 250, 250), fill=colour)
    output = io.BytesIO()
    picture.save(output, "png")
    return output.getvalue()


@pytest.mark.parametrize("face", [KOREAN, LATIN])
def test_it_is_a_png_for_a_card_of_89_by_119_mm(face: PassFace) -> None:
    picture = _drawn(face)
    assert picture.format == "PNG"
    assert picture.mode == "P"
    assert picture.size == (1050, 1400)
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    assert len(picture.getcolors() or ()) <= 64
    assert len(image.render(face)) < 60_000


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert image.render(LATIN) == image.render(LATIN)


@pytest.mark.parametrize("face", [KOREAN, LATIN])
def test_the_code_is_read_back_and_verified(face: PassFace) -> None:
    text = _code(_drawn(face).convert("L"))
    assert text == face.pass_code
    signed = base64.b64decode(text[::-1])
    public = serialization.load_pem_public_key(base64.b64decode(code.public_key_of(KEY)))
    assert isinstance(public, ed25519.Ed25519PublicKey)
    public.verify(signed[-64:], signed[5:-64])


@pytest.mark.parametrize("face", [KOREAN, LATIN])
def test_the_code_is_read_when_small_and_grey(face: PassFace) -> None:
    small = _drawn(face).convert("RGB").resize((175, 233), Image.Resampling.LANCZOS)
    assert _code(small.convert("L")) == face.pass_code


def test_the_code_is_pure_black_and_white_with_its_quiet_zone() -> None:
    part = _drawn(KOREAN).convert("RGB").crop(QR)
    assert {colour for _, colour in part.getcolors() or ()} == {(0, 0, 0), (255, 255, 255)}
    assert _ink(KOREAN, (0, 718, 590, 1260)) == (64, 762, 514, 1212)


def test_the_band_has_the_colours_of_the_conference() -> None:
    picture = _drawn(KOREAN).convert("RGB")
    assert picture.getpixel((5, 5)) == picture.getpixel((1045, 325)) == (11, 85, 99)
    assert picture.getpixel((400, 30)) == (6, 49, 57)
    assert picture.getpixel((650, 30)) == (9, 66, 77)
    assert picture.getpixel((525, 111)) == (255, 255, 255)


def test_all_else_is_grey() -> None:
    red, green, blue = _drawn(LATIN).convert("RGB").crop((0, 330, 1050, 1400)).split()
    assert red.tobytes() == green.tobytes() == blue.tobytes()


def test_the_name_stands_as_the_design_shows() -> None:
    assert _ink(KOREAN, (0, 330, 1050, 600)) == pytest.approx((70, 395, 624, 590), abs=5)
    assert _ink(LATIN, (0, 330, 1050, 440)) == pytest.approx((69, 357, 613, 430), abs=2)
    assert _ink(LATIN, (0, 450, 1050, 550)) == pytest.approx((69, 459, 1004, 547), abs=2)
    assert _ink(LATIN, (0, 650, 1050, 722)) == pytest.approx((67, 661, 652, 693), abs=2)


def test_the_column_stands_as_the_design_shows() -> None:
    assert _ink(KOREAN, (590, 800, 1050, 870)) == pytest.approx((604, 810, 766, 857), abs=3)
    assert _ink(KOREAN, (590, 870, 1050, 940)) == pytest.approx((603, 882, 777, 926), abs=3)
    assert _ink(KOREAN, (590, 990, 1050, 1032)) == pytest.approx((601, 995, 906, 1028), abs=3)
    assert _ink(KOREAN, (590, 1124, 1050, 1165)) == pytest.approx((601, 1131, 848, 1160), abs=3)


NAMES = [
    "이",
    "남궁 민수",
    "황보관악산사람이름긴이",
    "Nguyễn Thị Minh Khai",
    "José María de la Cruz y García-Márquez",
    "Wolfeschlegelsteinhausenbergerdorff",
    "Александр Солженицын",
    "高橋エリカ",
    "محمد عبد الرحمن",
    "דוד בן-גוריון",
    "สมชาย ใจดี",
    "अमिताभ श्रीवास्तव",
    "နောင်နောင်",
    "김하늘 👨‍👩‍👧‍👦 🇰🇷",
    "x" * 200,
    "가" * 200,
    "م" * 200,
    "ⵜⴰⵎⴰⵣⵉⵖⵜ",
    "\u0301\u0489",
    "Z" + "\u0311\u036b" * 60,
    "=1+1 <b>",
    "\ue000\u0378",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("company", ["", "한국과학기술원 " * 12])
def test_any_name_stays_in_its_place(name: str, company: str) -> None:
    face = replace(KOREAN, name=name, company=company)
    left, top, right, bottom = _ink(face, NAME) or (64, 334, 64, 334)
    assert top >= 334
    assert bottom <= 718
    assert 40 <= left < 120
    assert right <= 1000
    assert _code(_drawn(face).convert("L")) == face.pass_code


@pytest.mark.parametrize("name", NAMES)
def test_all_other_text_may_be_anything_too(name: str) -> None:
    face = replace(
        KOREAN,
        conference_name=name,
        subtitle=name,
        ticket_type=name,
        ticket_type_small=name,
        when=(name, name, name),
        where=(name, name, name),
        code_label=name,
        when_label=name,
        where_label=name,
    )
    _, _, right, bottom = _ink(face, COLUMN) or (0, 0, 0, 0)
    assert right <= 1000
    assert bottom <= 1258
    assert _code(_drawn(face).convert("L")) == face.pass_code


def test_nothing_need_be_given() -> None:
    face = replace(
        KOREAN,
        conference_name="",
        subtitle="",
        name="",
        company="",
        ticket_type="",
        ticket_type_small="",
        when=(),
        where=("", " "),
        code_label="",
        when_label="",
        where_label="",
    )
    assert _ink(face, NAME) is None
    assert _ink(face, (590, 940, 1050, 1258)) is None


def test_random_text_never_fails() -> None:
    source = random.Random(11)
    for _ in range(8):
        text = "".join(
            chr(number) for number in source.choices(range(0x110000), k=60) if number >> 11 != 27
        )
        image.render(replace(KOREAN, name=text, company=text, where=(text,), ticket_type=text))


def test_a_name_is_as_large_as_its_length_allows() -> None:
    heights = []
    for name in ("김하늘", "김하늘봄", "김하늘봄여름", "김하늘봄여름가을"):
        _, top, _, bottom = _ink(replace(KOREAN, name=name, company=""), NAME) or (0, 0, 0, 0)
        heights.append(bottom - top)
    assert heights[0] == pytest.approx(heights[1], abs=12)
    assert heights[1] > heights[2] > heights[3]


def test_ticket_types_differ_without_colour_and_repeat() -> None:
    bars = [
        _drawn(replace(KOREAN, ticket_order=order)).convert("L").crop(BAR).tobytes()
        for order in range(4)
    ]
    assert len(set(bars)) == 3
    assert bars[0] == bars[3]
    shares = [sum(bar) / 255 / len(bar) for bar in bars[:3]]
    assert shares[0] < 0.1 < shares[1] < 0.3
    assert shares[2] > 0.6


def test_a_logo_stands_on_a_white_tile_and_moves_the_text() -> None:
    face = replace(KOREAN, logo=_logo("#cc2244"))
    picture = _drawn(face).convert("RGB")
    assert picture.getpixel((126, 228)) == pytest.approx((204, 34, 68), abs=4)
    assert picture.getpixel((126, 170)) == (255, 255, 255)
    assert picture.getpixel((65, 167)) == picture.getpixel((5, 5)) == (11, 85, 99)
    assert _first_light(face, 200) == pytest.approx(220, abs=3)
    assert _first_light(KOREAN, 20) == pytest.approx(64, abs=3)


def test_an_opaque_logo_fills_the_tile() -> None:
    picture = _drawn(replace(KOREAN, logo=_logo("#ffcc00", "RGB"))).convert("RGB")
    assert picture.getpixel((126, 170)) == pytest.approx((51, 85, 170), abs=4)
    assert picture.getpixel((65, 167)) == (11, 85, 99)


@pytest.mark.parametrize("logo", [b"", b"nonsense", _logo("#cc2244")[:200]])
def test_a_broken_logo_is_left_out(logo: bytes) -> None:
    assert image.render(replace(KOREAN, logo=logo)) == image.render(KOREAN)


@pytest.mark.parametrize(
    "colour", ["#ffc83d", "#e4572e", "#6b3fa0", "#00a878", "#f4f1ea", "#111111", "#ffffff"]
)
def test_any_colour_keeps_its_band_and_its_code(colour: str) -> None:
    face = replace(KOREAN, colour=colour, logo=_logo(colour))
    picture = _drawn(face).convert("RGB")
    assert picture.getpixel((5, 5)) == tuple(bytes.fromhex(colour[1:]))
    assert len(_drawn(face).getcolors() or ()) <= 64
    assert _code(picture.convert("L")) == face.pass_code


def test_a_wrong_colour_or_code_is_refused() -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        image.render(replace(KOREAN, colour="red"))
    with pytest.raises(ValueError, match="fit"):
        image.render(replace(KOREAN, pass_code="x" * 123))


def _first_light(face: PassFace, start: int) -> int:
    """The first column from `start` on where the band's text is."""
    part = _drawn(face).convert("L").crop((start, 150, 1050, 320))
    found = part.point(lambda value: 255 if value > 200 else 0).getbbox()
    assert found
    return start + found[0]
