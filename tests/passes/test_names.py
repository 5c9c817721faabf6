"""Names of people in many scripts, shaped by HarfBuzz itself: no box, nothing lost, nothing turned
round."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import replace
from functools import cache
from itertools import product

import pytest
import uharfbuzz
from PIL import Image

from app.passes import bidi, image, layout, typesetting
from app.passes.typesetting import FONTS, Run, Style
from app.registrations import forms
from tests.passes.test_image import KOREAN

# Of each script family and given names; all of them put together are 12 x 25 names.
PARTS: dict[str, tuple[str, str]] = {
    "hangul": (
        "김, 남궁, 뷁, 제갈, 독고",
        "하늘, 솔, 빛나라, 은별, 똠방",
    ),
    "hanja": (
        "金, 南宮, 諸葛, 鄭, 㐂多",
        "漢娜, 秀賢, 龘, 𠮷, 瑄",
    ),
    "hans": (
        "张, 欧阳, 刘, 陈, 黄",
        "伟, 晓雯, 玥彤, 䶮, 喆",
    ),
    "kana": (
        "𠮷野, 髙橋, 山﨑, サトウ, わたなべ",
        "エリカ, 翔太, ゆうき, 葵, ジョン",
    ),
    "latin": (
        "Nguyễn, Łukaszewicz, Ó Súilleabháin, Ďurčová, Ñandú",
        "Thị Ánh, Zoë, Þór, Ngọc, Ẹ̀kọ́",
    ),
    "cyrillic": (
        "Щербаков, Їжакевич, Ђорђевић, Қасымов, Ёлкина",
        "Юлия, Ґалаґан, Љиљана, Әсел, Пётр",
    ),
    "greek": (
        "Παπαδόπουλος, Ἀθηνᾶ, Ευαγγέλου, Ψαρρός, Ὠκεανός",
        "Γιώργος, Ἑλένη, Ξένια, Μαΐα, Άννα",
    ),
    "arabic": (
        "محمد, الأحمد, رضایی, گیلانی, ٱلْحَسَن",
        "علي, فاطمة, پریسا, لاله, عبد\u200cالله",
    ),
    "hebrew": (
        "כהן, בן־דוד, לֵוִי, פרידמן, צ׳רני",
        "דוד, רָחֵל, יוסף, שׁרה, אסתר",
    ),
    "devanagari": (
        "शर्मा, श्रीवास्तव, मुखर्जी, ऋषि, क्षेत्री",
        "प्रिया, हर्ष, ज्ञानेश, कृष्ण, ड़ॉली",
    ),
    "thai": (
        "สมชาย, จิรวัฒน์, พงษ์พิพัฒน์, ณ อยุธยา, ศรีสุข",
        "กิ่งแก้ว, น้ำฝน, ปู่, ญาณี, เก๋",
    ),
    "emoji": (
        "Ana 🌱, 김하늘 👩🏽\u200d🚀, 🇰🇷 Lee, رنا ✨, Zoë ❤️",
        "O’Neil, 한빛, 山田, Иван, 1️⃣",
    ),
}
NAMES = [
    (script, f"{family} {given}")
    for script, (families, givens) in PARTS.items()
    for family, given in product(families.split(", "), givens.split(", "))
]


@cache
def _font(file: str) -> uharfbuzz.Font:
    return uharfbuzz.Font(uharfbuzz.Face((FONTS / file).read_bytes()))


def _shaped(run: Run) -> list[uharfbuzz.GlyphInfo]:
    buffer = uharfbuzz.Buffer()
    buffer.add_str(run.text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if run.right_to_left else "ltr"
    file = "sans-800.ttf" if run.font == "sans" else run.font
    uharfbuzz.shape(_font(file), buffer)
    return list(buffer.glyph_infos)


def _runs(name: str) -> tuple[Run, ...]:
    return typesetting.line(typesetting.plain(name))


def test_there_are_300_names_in_12_scripts() -> None:
    assert (len(PARTS), len(NAMES), len(set(NAMES))) == (12, 300, 300)


@pytest.mark.parametrize("script", PARTS)
def test_no_letter_is_a_box(script: str) -> None:
    for name in (name for of, name in NAMES if of == script):
        for run in _runs(name):
            boxes = [glyph for glyph in _shaped(run) if glyph.codepoint == 0]
            assert not boxes, (name, run)


@pytest.mark.parametrize("script", PARTS)
def test_no_letter_is_lost_or_replaced(script: str) -> None:
    """Every letter and mark that was typed is in a run, in its own font's own shape."""
    for name in (name for of, name in NAMES if of == script):
        typed = sorted(_letters(unicodedata.normalize("NFC", name)))
        assert sorted(_letters("".join(run.text for run in _runs(name)))) == typed


def _letters(text: str) -> str:
    return "".join(one for one in text if unicodedata.category(one)[0] in "LMN")


@pytest.mark.parametrize(("name", "seen"), [
    ("محمد علي", ["محمد علي"]),
    ("김하늘 محمد", ["김하늘 ", "محمد"]),
    ("דוד Kim", ["Kim", " דוד"]),
])  # fmt: skip
def test_right_to_left_is_drawn_so(name: str, seen: list[str]) -> None:
    runs = _runs(name)
    assert "".join(run.text for run in runs).replace(" ", "") == "".join(seen).replace(" ", "")
    for run in (run for run in runs if run.text.strip()):
        is_hebrew_or_arabic = any("֐" <= one <= "ࣿ" for one in run.text)
        assert run.right_to_left == is_hebrew_or_arabic


def test_arabic_letters_are_joined() -> None:
    """Each has the shape of its place: none is drawn as if it stood alone."""
    [run] = _runs("محمد")
    alone = {_shaped(Run(run.font, letter, right_to_left=True))[0].codepoint for letter in "محمد"}
    joined = [glyph.codepoint for glyph in _shaped(run)]
    assert not alone & set(joined[1:])


@pytest.mark.parametrize("script", PARTS)
def test_every_name_is_drawn_within_the_pass(script: str) -> None:
    """Whole: a name that fits is not cut, and stays in its block."""
    for name in [name for of, name in NAMES if of == script][::6]:
        drawn = Image.open(io.BytesIO(image.render(replace(KOREAN, name=name)))).convert("L")
        for gap in ((0, 331, 1050, 335), (0, 716, 1050, 722)):
            assert drawn.crop(gap).getextrema() == (255, 255), name


NAME_WEIGHT = 800
LONGEST = (
    "María del Carmen Inmaculada Concepción Fernández-Villaverde y Rodríguez de la Santísima",
    "Wolfeschlegelsteinhausenbergerdorff Hubert Blaine Maximilian Featherstonehaugh-Okonkwo",
    "محمد عبد الرحمن بن عبد العزيز بن محمد بن عبد الله آل سعود الأحمد القحطاني الشمري الحربي",
    "Венгржановский-Преображенский Константин Константинович Чернышевский-Вознесенский младший",
    "김" * forms.NAME_LENGTH,
    "W" * forms.NAME_LENGTH,
)


@pytest.mark.parametrize("name", LONGEST, ids=lambda name: name[:12])
@pytest.mark.parametrize("company", ["", "Institute for Coastal Statistics " * 3])
def test_the_longest_name_is_not_cut(name: str, company: str) -> None:
    """As long as the form takes them."""
    drawn = layout.name(replace(KOREAN, name=name, company=company))
    shown = "".join(one.text for one in drawn if one.style.weight == NAME_WEIGHT)
    assert shown.replace(" ", "") == typesetting.plain(name).replace(" ", "")


@pytest.mark.parametrize(
    ("name", "leftmost"),
    [
        ("María del Carmen de la Concepción محمد Fernández-Villaverde", "محمد"),
        ("محمد بن عبد العزيز بن عبد الله القحطاني Kim علي", "علي"),
    ],
)
def test_each_line_of_a_name_runs_as_the_name_does(name: str, leftmost: str) -> None:
    """Not as the word does that happens to begin it."""
    lines = typesetting.wrap(name, Style(800, 96), 922, 4, anywhere=False)
    [line] = [one for one in lines or () if leftmost in one]
    runs = [run.text.strip() for run in typesetting.line(line)]
    assert runs[0] == leftmost
    assert not set("".join(runs)) & set(bidi.MARKS)


def test_an_override_cannot_turn_the_rest_round() -> None:
    """Bidi overrides and isolates are taken away: what stands after a name stays as it is."""
    plain = typesetting.plain("\u202eevil\u202c \u2067name\u2069")
    assert plain == "evil name"
    assert [run.text for run in typesetting.line(plain)] == ["evil name"]
