"""Sets any Unicode text in the fonts of the passes: which font draws what, how wide it is, where
its lines break.

A text stays in one font where one has it all, else each of its words, else each of its letters
with their marks. What no font has is drawn as U+FFFD, so that no box appears and nothing that was
typed vanishes unseen. Fonts and what they cover are made by scripts/fonts.py.

Pillow is imported where it is used: the sign-up path must not pay for it.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from app.passes import bidi

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parent / "fonts"
ELLIPSIS = "…"
Point = tuple[float, float]

_SANS = "sans"  # one family in three weights, sans-500.ttf to sans-800.ttf
_WEIGHTS = (500, 700, 800)
# Of last resort: they have nearly everything, coarsely, so they never take a whole word.
_LAST = ("unifont.otf", "unifont-upper.otf")

_UNKNOWN, _UNKNOWN_FONT = "\ufffd", "noto-sans.ttf"
_DOTTED_CIRCLE = "\u25cc"
_MOST_MARKS = 4  # on one letter: real names need three,
_MOST_ACCENTS = 2  # and of those that fit any letter, two
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_JOINER = "\u200d"
# Default-ignorable characters that shaping may need: joiners, variation selectors, emoji tags.
_INVISIBLE = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef]")
# Others do nothing in one line of text: soft hyphen, grapheme joiner, fillers, bidi marks, ...
_USELESS = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]"
)
_BREAKS = re.compile(r"(?<=[ \-‐–—/])(?=[^ ])")
_LONGEST = 500
_REFERENCE = 100  # pixels; widths grow in proportion, so each text is measured once


@dataclass(frozen=True)
class Style:
    """A weight (500, 700 or 800), a size in pixels, and how far apart the letters stand."""

    weight: int
    size: int
    spacing: int = 0


@dataclass(frozen=True)
class Run:
    """A part of a line in one font and one direction."""

    font: str
    text: str
    right_to_left: bool = False


def plain(text: str) -> str:
    """The text as it is set: NFC, blanks single, without what cannot be seen in one line, and no
    longer than could ever be shown."""
    visible = "".join(_visible(character) for character in unicodedata.normalize("NFC", text))
    single = " ".join(_USELESS.sub("", visible[:_LONGEST]).split())
    return "".join(_drawable(cluster) for cluster in _clusters(single))


def width(text: str, style: Style) -> float:
    """How many pixels wide the text is in one line."""
    spaced = style.spacing * len(_clusters(text)) if style.spacing else 0
    return _width(text, style.weight) * style.size / _REFERENCE + spaced


@lru_cache(maxsize=1024)
def extent(text: str, weight: int) -> tuple[float, float]:
    """How far it reaches above and below the baseline, in parts of the size."""
    above = below = 0.0
    for run in line(text):
        _, top, _, bottom = _font(run.font, weight, _REFERENCE).getbbox(
            run.text, anchor="ls", direction=_direction(run)
        )
        above, below = max(above, -top), max(below, bottom)
    return above / _REFERENCE, below / _REFERENCE


def wrap(text: str, style: Style, room: float, most: int, *, anywhere: bool) -> list[str] | None:
    """Lines at most `room` pixels wide, broken at spaces and hyphens or (`anywhere`) between any
    two letters; None if more than `most` would be needed. A hyphen at a break hangs outside."""
    lines = [""]
    for piece in _clusters(text) if anywhere else _BREAKS.split(text):
        if width(_within(lines[-1] + piece), style) <= room:
            lines[-1] += piece
        elif len(lines) == most or width(_within(piece), style) > room:
            return None
        else:
            lines.append(piece.lstrip())
    return [_part(text, line.rstrip()) for line in lines]


def _part(text: str, line: str) -> str:
    """A line that begins with letters of the other direction runs as the whole text does: a mark
    says so, which is not drawn."""
    base = bidi.base_level(text)
    return line if bidi.base_level(line) == base else bidi.MARKS[base] + line


def fit(text: str, style: Style, room: float, most: int) -> list[str]:
    """Like `wrap`, by words if they fit, else by letters, else with an ellipsis at the end."""
    for anywhere in (False, True):
        lines = wrap(text, style, room, most, anywhere=anywhere)
        if lines is not None:
            return lines
    by_words, by_letters = (
        _shortened(text, style, room, most, anywhere=anywhere) for anywhere in (False, True)
    )
    is_much_shorter = sum(map(len, by_words)) < 0.7 * sum(map(len, by_letters))
    return by_letters if is_much_shorter else by_words


def draw(
    canvas: ImageDraw.ImageDraw,
    xy: tuple[float, float],
    text: str,
    style: Style,
    fill: int | str,
) -> None:
    """Draw one line; xy is the left end of its baseline."""
    x, y = xy
    for run, length in measured(text, style):
        font = _font(run.font, style.weight, style.size)
        canvas.text((x, y), run.text, fill, font, anchor="ls", direction=_direction(run))
        x += length + style.spacing


def measured(text: str, style: Style) -> Iterator[tuple[Run, float]]:
    """The runs of one line, each with its width in pixels, without what stands between."""
    for run in line(text, spaced=bool(style.spacing)):
        yield run, _length(run, style.weight, style.size)


@lru_cache(maxsize=4096)
def _length(run: Run, weight: int, size: int) -> float:
    return _font(run.font, weight, size).getlength(run.text, direction=_direction(run))


def picture(run: Run, style: Style, fill: str) -> tuple[Image.Image, Point]:
    """A run on transparent ground, and where its upper left corner is from the baseline's left
    end (pixels)."""
    from PIL import Image, ImageDraw

    font, direction = _font(run.font, style.weight, style.size), _direction(run)
    left, top, right, bottom = font.getbbox(run.text, anchor="ls", direction=direction)
    size = max(1, math.ceil(right - left)), max(1, math.ceil(bottom - top))
    drawn = Image.new("RGBA", size, (255, 255, 255, 0))
    pen = ImageDraw.Draw(drawn)
    pen.text((-left, -top), run.text, fill, font, anchor="ls", direction=direction)
    return drawn, (left, top)


def is_plain_sans(run: Run) -> bool:
    """Whether our sans draws it letter by letter: no marks to be placed, nothing to be joined."""
    marks = any(unicodedata.category(character)[0] == "M" for character in run.text)
    return run.font == _SANS and not run.right_to_left and not marks


def sans_file(weight: int) -> Path:
    """The file of our sans in one weight (TrueType)."""
    return FONTS / f"{_SANS}-{weight}.ttf"


def _direction(run: Run) -> str:
    return "rtl" if run.right_to_left else "ltr"


def _within(line: str) -> str:
    """What of a line must stand inside its margins."""
    return line.rstrip().removesuffix("-").removesuffix("‐")


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc" or category[0] == "Z":
        return " "
    return "" if category == "Cs" else character


def _shortened(text: str, style: Style, room: float, most: int, *, anywhere: bool) -> list[str]:
    """As many letters as fit with an ellipsis: found by halving."""
    clusters = _clusters(text)
    low, high = 0, len(clusters)
    lines = [ELLIPSIS]
    while low < high:
        middle = (low + high + 1) // 2
        shorter = "".join(clusters[:middle]).rstrip() + ELLIPSIS
        found = wrap(shorter, style, room, most, anywhere=anywhere)
        if found is None:
            high = middle - 1
        else:
            low, lines = middle, found
    return lines


@lru_cache(maxsize=4096)
def _width(text: str, weight: int) -> float:
    """At the reference size."""
    return sum(
        _font(run.font, weight, _REFERENCE).getlength(run.text, direction=_direction(run))
        for run in line(text)
    )


@lru_cache(maxsize=1024)
def line(text: str, *, spaced: bool = False) -> tuple[Run, ...]:
    """The runs from left to right; letters that stand apart are a run each."""
    if spaced:
        return tuple(run for letter in _clusters(text) for run in line(letter))
    if not bidi.has_right_to_left(text):
        return _runs(text.lstrip(bidi.MARKS))
    return tuple(_both_ways(text))


def _both_ways(marked: str) -> Iterator[Run]:
    base, text = bidi.base_level(marked), marked.lstrip(bidi.MARKS)
    pieces = [(run.font, cluster) for run in _runs(text) for cluster in _clusters(run.text)]
    levels = bidi.levels([cluster[0] for _, cluster in pieces], base)
    logical = [
        (Run(font, "".join(text for (_, text), _ in group), bool(level % 2)), level)
        for (font, level), group in groupby(
            zip(pieces, levels, strict=True), key=lambda item: (item[0][0], item[1])
        )
    ]
    return iter(bidi.visual_order([run for run, _ in logical], [level for _, level in logical]))


@lru_cache(maxsize=1024)
def _runs(text: str) -> tuple[Run, ...]:
    """Which font draws what, in the order of reading."""
    font = _font_of(text)
    if font:
        return (Run(font, text),)
    words = [_word_runs(word) for word in re.split("( )", text) if word]
    return tuple(_joined([run for runs in words for run in runs]))


def _word_runs(word: str) -> list[Run]:
    font = _font_of(word)
    if font:
        return [Run(font, word)]
    return [run for cluster in _clusters(word) for run in _cluster_runs(cluster)]


def _cluster_runs(cluster: str) -> list[Run]:
    font = _font_of(cluster) or _last_font_of(cluster)
    if font:
        return [Run(font, cluster)]
    if len(cluster) > 1:
        return [run for character in cluster for run in _cluster_runs(character)]
    return [] if _INVISIBLE.match(cluster) else [Run(_UNKNOWN_FONT, _UNKNOWN)]


def _joined(runs: list[Run]) -> Iterator[Run]:
    """Neighbours in the same font as one run, so that they are shaped together."""
    for font, group in groupby(runs, key=lambda run: run.font):
        yield Run(font, "".join(run.text for run in group))


def _font_of(text: str) -> str | None:
    """The first font but the last resort that has every visible character."""
    needed = {ord(character) for character in _INVISIBLE.sub("", text)}
    return next((font for font in coverage() if font not in _LAST and _has(font, needed)), None)


def _last_font_of(text: str) -> str | None:
    needed = {ord(character) for character in _INVISIBLE.sub("", text)}
    return next((font for font in _LAST if _has(font, needed)), None)


def _has(font: str, code_points: set[int]) -> bool:
    ranges = coverage()[font]
    return all(_is_within(ranges, code_point) for code_point in code_points)


def _is_within(ranges: list[int], code_point: int) -> bool:
    place = bisect_right(ranges, code_point)
    return place % 2 == 1 or (place > 0 and ranges[place - 1] == code_point)


@cache
def coverage() -> dict[str, list[int]]:
    """For each font, in the order of choice, first and last character of each run it has."""
    read: dict[str, list[int]] = json.loads((FONTS / "coverage.json").read_bytes())
    sans = [read.pop(f"{_SANS}-{weight}.ttf") for weight in _WEIGHTS]
    return {_SANS: sans[0], **read}


@lru_cache(maxsize=128)
def _font(name: str, weight: int, size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    file = sans_file(weight) if name == _SANS else FONTS / name
    return ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.RAQM)


@lru_cache(maxsize=1024)
def _clusters(text: str) -> tuple[str, ...]:
    """Letters with their marks, joined emoji, syllables of single jamo: what no line break and no
    change of font may part. A rough form of UAX #29's grapheme clusters."""
    clusters: list[str] = []
    for character in text:
        if clusters and _continues(clusters[-1], character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return tuple(clusters)


def _continues(cluster: str, character: str) -> bool:
    last = cluster[-1]
    return (
        unicodedata.category(character)[0] == "M"
        or bool(_INVISIBLE.match(character))
        or last == _JOINER
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or (_is_flag_letter(character) and _is_flag_letter(last) and len(cluster) == 1)
        or _is_same_syllable(last, character)
        # After a virama the next consonant is part of the same sign.
        or (unicodedata.combining(last) == 9 and character.isalpha())
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _is_same_syllable(last: str, character: str) -> bool:
    """Conjoining jamo: L L* V V* T T*."""
    kind, before = _jamo(character), _jamo(last)
    return (kind, before) in (("L", "L"), ("V", "L"), ("V", "V"), ("T", "V"), ("T", "T"))


def _jamo(character: str) -> str:
    if "\u1100" <= character <= "\u115e" or "\ua960" <= character <= "\ua97c":
        return "L"
    if "\u1161" <= character <= "\u11a7" or "\ud7b0" <= character <= "\ud7c6":
        return "V"
    if "\u11a8" <= character <= "\u11ff" or "\ud7cb" <= character <= "\ud7fb":
        return "T"
    return ""


def _drawable(cluster: str) -> str:
    """With a base, if it is marks alone, and with no more marks than can be told apart."""
    base = cluster if unicodedata.category(cluster[0])[0] != "M" else _DOTTED_CIRCLE + cluster
    accents = marks = 0
    kept = ""
    for character in base:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        accents += bool(_ACCENTS.match(character))
        kept += character if marks <= _MOST_MARKS and accents <= _MOST_ACCENTS else ""
    return kept
