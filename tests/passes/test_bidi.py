from __future__ import annotations

import random
from itertools import groupby

import pytest
from PIL import Image, ImageDraw, ImageFont

from app.passes import bidi
from app.passes.typesetting import FONTS


def _seen(text: str) -> str:
    """The characters from left to right."""
    levels = bidi.levels(text, bidi.base_level(text))
    return "".join(bidi.visual_order(text, levels))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("", ""),
        ("Kim 25", "Kim 25"),
        ("김하늘 25", "김하늘 25"),
        ("אבג", "גבא"),
        ("Kim אבג 12", "Kim 12 גבא"),
        ("A 12 אבג B", "A 12 גבא B"),
        ("אבג Kim", "Kim גבא"),
        ("אבג 12", "12 גבא"),
        ("אבג 1,234.5", "1,234.5 גבא"),
        ("אב-גד", "דג-בא"),
        ("محمد 25", "25 دمحم"),
        ("محمد 2-5", "5-2 دمحم"),
        ("محمد ٣٤", "٣٤ دمحم"),
        ("אב 5%", "5% בא"),
        ("12", "12"),
        ("...", "..."),
    ],
)
def test_how_a_line_is_seen(text: str, seen: str) -> None:
    assert _seen(text) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        # Brackets are not mirrored here: the font does that in a run to the left.
        ("אב (Kim) 25", "25 )Kim( בא"),
        ("אב (גד)", ")דג( בא"),
        ("Kim (אב) B", "Kim (בא) B"),
        ("Kim [(אב] B", "Kim [(בא] B"),
        ("Kim )אב( B", "Kim )בא( B"),
        ("אב (Kim", "Kim( בא"),
        ("(Kim אב) ג", "(Kim בא) ג"),
    ],
)
def test_brackets_stay_with_what_they_hold(text: str, seen: str) -> None:
    assert _seen(text) == seen


def test_the_first_letter_gives_the_direction_of_the_line() -> None:
    assert bidi.base_level("25 אב Kim") == 1
    assert bidi.base_level("25 Kim אב") == 0
    assert bidi.base_level("25") == 0


def test_marks_run_like_their_letter() -> None:
    assert bidi.levels("א\u05b7b\u0301", 0) == [1, 1, 0, 0]
    assert bidi.levels("\u0301", 1) == [1]


def test_blanks_at_the_end_stay_at_the_end() -> None:
    assert bidi.levels("Kim אב ", 0) == [0, 0, 0, 0, 1, 1, 0]
    assert bidi.levels("אב Kim ", 1) == [1, 1, 1, 2, 2, 2, 1]


def test_right_to_left_is_noticed() -> None:
    assert bidi.has_right_to_left("Kim א")
    assert bidi.has_right_to_left("٣")
    assert not bidi.has_right_to_left("Kim 김 25 (!)")


def test_it_agrees_with_fribidi() -> None:
    """FriBidi is an independent implementation; Pillow's layout uses it within one font."""
    font = ImageFont.truetype(FONTS / "noto-arabic.ttf", 16, layout_engine=ImageFont.Layout.RAQM)
    source = random.Random(9)
    for _ in range(300):
        text = "".join(source.choices("ابت012٣٤ .,:!", k=source.randrange(1, 12))).strip()
        assert _drawn_by_fribidi(font, text) == _drawn_by_us(font, text), text


def _drawn_by_fribidi(font: ImageFont.FreeTypeFont, text: str) -> bytes:
    image = Image.new("L", (400, 24), 255)
    direction = "rtl" if bidi.base_level(text) else "ltr"
    ImageDraw.Draw(image).text((2, 18), text, 0, font, anchor="ls", direction=direction)
    return image.tobytes()


def _drawn_by_us(font: ImageFont.FreeTypeFont, text: str) -> bytes:
    image = Image.new("L", (400, 24), 255)
    pen = ImageDraw.Draw(image)
    levels = bidi.levels(text, bidi.base_level(text))
    runs = [
        ("".join(character for character, _ in group), level)
        for level, group in groupby(zip(text, levels, strict=True), key=lambda item: item[1])
    ]
    x = 2.0
    for part, level in bidi.visual_order(runs, [level for _, level in runs]):
        direction = "rtl" if level % 2 else "ltr"
        pen.text((x, 18), part, 0, font, anchor="ls", direction=direction)
        x += font.getlength(part, direction=direction)
    return image.tobytes()
