from __future__ import annotations

import random
import unicodedata
from functools import cache

import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw

from app.passes import typesetting
from app.passes.typesetting import FONTS, Run, Style

NAME = Style(800, 96)


@cache
def _characters_of(file: str) -> frozenset[int]:
    return frozenset(TTFont(FONTS / file).getBestCmap())


def _runs(text: str) -> tuple[Run, ...]:
    return typesetting.line(typesetting.plain(text))


def _missing(run: Run) -> set[str]:
    file = "sans-800.ttf" if run.font == "sans" else run.font
    visible = {c for c in run.text if unicodedata.category(c) not in ("Cf",)}
    selectors = {c for c in visible if 0xFE00 <= ord(c) <= 0xFE0F or 0xE0100 <= ord(c) <= 0xE01EF}
    return {c for c in visible - selectors if ord(c) not in _characters_of(file)}


def test_the_coverage_is_that_of_the_fonts() -> None:
    covered = typesetting.coverage()
    for file, ranges in covered.items():
        found = {
            code_point
            for first, last in zip(ranges[::2], ranges[1::2], strict=True)
            for code_point in range(first, last + 1)
        }
        names = [f"sans-{weight}.ttf" for weight in (500, 700, 800)] if file == "sans" else [file]
        for name in names:
            assert found == _characters_of(name), name


def test_every_hangul_syllable_is_in_the_main_font() -> None:
    assert _characters_of("sans-500.ttf") >= set(range(0xAC00, 0xD7A4))


def test_our_cuts_do_not_use_a_reserved_name() -> None:
    for path in sorted(FONTS.glob("*.?tf")):
        names = TTFont(path)["name"]
        for number in (1, 4, 6, 16):
            assert str(names.getDebugName(number) or "Lanyard").startswith("Lanyard")
        assert "Open Font License" in f"{names.getDebugName(13)}".replace(
            "OFL", "Open Font License"
        )


@pytest.mark.parametrize(
    ("text", "fonts"),
    [
        ("김하늘", ["sans"]),
        ("Nguyễn Thị Ọ́", ["sans"]),
        ("山田 エリカ", ["noto-cjk.otf"]),
        ("金하늘", ["noto-cjk.otf", "sans"]),
        ("김하늘 山田", ["sans", "noto-cjk.otf"]),
        ("สมชาย", ["noto-thai.ttf"]),
        ("김 👍🏽", ["sans", "noto-emoji.ttf"]),
        ("ᄒᆞᆫ", ["noto-cjk.otf"]),
        ("ⵜⴰ", ["unifont.otf"]),
        ("\U00010300", ["unifont-upper.otf"]),
        ("\ue000", ["noto-sans.ttf"]),
    ],
)
def test_which_font_draws_what(text: str, fonts: list[str]) -> None:
    assert [run.font for run in _runs(text)] == fonts


def test_what_no_font_has_shows_as_unknown() -> None:
    assert [run.text for run in _runs("a\ue000\u0378b")] == ["a", "��", "b"]


def test_a_word_stays_in_one_font() -> None:
    """Pretendard lacks the letter ҟ: its neighbours follow it into Noto Sans."""
    assert _runs("Аҟуа Kim") == (Run("noto-sans.ttf", "Аҟуа Kim"),)
    assert _runs("Аҟуа 김")[0] == Run("noto-sans.ttf", "Аҟуа")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("  a \t b\u3000c\u00a0", "a b c"),
        ("\u1100\u1161\u11a8", "각"),
        ("a\u202eb\u2066c\u200bd\u00ade\ufefff", "abcdef"),
        ("a\0b\u2028c", "a b c"),
        ("\u3164\uffa0\u115f", ""),
        ("\u0301a", "\u25cc\u0301a"),
        ("o" + "\u0323\u0302\u0315\u0316\u0317", "\u1ed9\u0316\u0317"),
        ("नमस्ते", "नमस्ते"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("", ""),
    ],
)
def test_text_is_made_plain(text: str, plain: str) -> None:
    assert typesetting.plain(text) == plain


def test_towers_of_marks_are_cut() -> None:
    text = typesetting.plain("Z" + "\u0360" * 50 + "م" + "\u0651" * 50)
    assert text == "Z\u0360\u0360م" + "\u0651" * 4


def test_endless_text_is_cut() -> None:
    assert len(typesetting.plain("x" * 10_000)) == 500


@pytest.mark.parametrize(
    "cluster",
    ["Ọ́", "👨‍👩‍👧‍👦", "👍🏽", "🇰🇷", "क्ष", "ᄒᆞᆫ", "กำ"[:1] + "ิ์", "❤️", "1️⃣"],
)
def test_what_belongs_together_is_never_parted(cluster: str) -> None:
    lines = typesetting.wrap(cluster * 30, NAME, 800, 99, anywhere=True)
    assert lines is not None
    assert len(lines) > 1
    assert {line.replace(cluster, "") for line in lines} == {""}


def test_two_flags_are_two() -> None:
    lines = typesetting.wrap("🇰🇷🇯🇵" * 10, NAME, 800, 99, anywhere=True)
    assert lines
    assert all(len(line) % 2 == 0 for line in lines)


def test_lines_break_at_spaces_and_hyphens() -> None:
    text = "Maximiliane Featherstonehaugh-Okonkwo"
    lines = ["Maximiliane", "Featherstonehaugh-", "Okonkwo"]
    assert typesetting.wrap(text, NAME, 922, 3, anywhere=False) == lines
    assert typesetting.wrap(text, NAME, 922, 2, anywhere=False) is None
    assert typesetting.wrap(text, Style(800, 128), 922, 3, anywhere=False) is None


def test_every_line_is_within_its_room_but_for_a_hyphen() -> None:
    source = random.Random(4)
    for _ in range(50):
        text = typesetting.plain("".join(source.choices("abW가힣山م -", k=source.randrange(60))))
        for line in typesetting.fit(text, NAME, 700, 3):
            assert typesetting.width(line.rstrip("-"), NAME) <= 700


def test_a_long_word_breaks_anywhere() -> None:
    lines = typesetting.fit("Wolfeschlegelsteinhausenbergerdorff", NAME, 922, 3)
    assert "".join(lines) == "Wolfeschlegelsteinhausenbergerdorff"
    assert len(lines) == 2


@pytest.mark.parametrize("text", ["x" * 400, "가" * 400, "lorem ipsum " * 40, "م" * 400])
def test_what_is_too_long_ends_in_an_ellipsis(text: str) -> None:
    lines = typesetting.fit(text, NAME, 922, 2)
    assert len(lines) <= 2
    assert lines[-1].endswith("…")
    assert sum(map(len, lines)) > 15


def test_an_ellipsis_parts_no_word_where_it_need_not() -> None:
    text = "Institute for Oceanographic Measurements " * 5
    lines = typesetting.fit(text, Style(500, 44), 922, 2)
    assert lines[0] == "Institute for Oceanographic Measurements"


def test_room_for_nothing_still_gives_a_line() -> None:
    assert typesetting.fit("abc", NAME, 10, 1) == ["…"]


def test_width_grows_with_size_and_spacing() -> None:
    at_50, at_100 = (typesetting.width("김 Kim", Style(700, size)) for size in (50, 100))
    assert at_100 == pytest.approx(2 * at_50)
    assert typesetting.width("7KQ4", Style(700, 60, spacing=3)) == pytest.approx(
        typesetting.width("7KQ4", Style(700, 60)) + 12, abs=2
    )


def test_how_far_text_reaches() -> None:
    above, below = typesetting.extent("Hx", 800)
    assert above == pytest.approx(0.73, abs=0.03)
    assert below == pytest.approx(0, abs=0.02)
    assert typesetting.extent("နောင်", 800)[1] > 0.4


def test_any_text_is_drawn_by_fonts_that_have_it() -> None:
    source = random.Random(7)
    canvas = ImageDraw.Draw(Image.new("L", (400, 60), 255))
    for text in (_noise(source) for _ in range(150)):
        plain = typesetting.plain(text)
        assert typesetting.plain(plain) == plain, ascii(text)
        for run in typesetting.line(plain):
            assert not _missing(run), ascii(text)
        typesetting.draw(canvas, (0, 40), plain, Style(500, 20), 0)


def _noise(source: random.Random) -> str:
    """Characters of everywhere, with many that join, combine, turn or hide."""
    blocks = [
        range(0x20, 0x250),
        range(0x300, 0x370),
        range(0x590, 0x780),
        range(0x900, 0x1200),
        range(0x2000, 0x2070),
        range(0xAC00, 0xD7A4),
        range(0x4E00, 0xA000),
        range(0xF900, 0x10000),
        range(0x10000, 0x20000),
        range(0x1F1E6, 0x1FB00),
        range(0x20000, 0x32000),
        range(0xE0000, 0xE0200),
        range(0x110000),
    ]
    drawn = (source.choice(source.choice(blocks)) for _ in range(source.randrange(1, 40)))
    return "".join(chr(code) for code in drawn if not 0xD800 <= code < 0xE000)
