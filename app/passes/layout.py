"""Where on a pass each text stands: for the image and the PDF alike.

A pass is 1,050 x 1,400 pixels of 300 an inch; all lengths here are such pixels, y grows downwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from app.passes import typesetting
from app.passes.typesetting import Point, Style

WIDTH, HEIGHT = 1050, 1400
DPI = 300

MARGIN = 64
BAND = 330  # the coloured part at the top
NAME_BLOCK = (334, 718)  # from there to there: towers of marks never reach band or QR code
QR_AT, MODULE = (24, 722), 10  # its quiet zone starts there: the modules stand on the margin
BAR = 1260  # where the bar of the ticket type begins
TILE, TILE_RADIUS, LOGO_TOP = 124, 28, 166

# The ribbon in front, whose mirror image is the one behind; and the slot in which they meet.
RIBBON = ((308.5, 0), (439, 0), (580.5, 111), (466, 111))
SLOT, SLOT_RADIUS = ((455, 98), (595, 124)), 13

# In the bar, from its top: where the mark stands, and how far disc, diamond and star reach.
MARK_AT, DISC, DIAMOND, _STAR = (92, 70), 20, 22, 27
EDGE = 10  # of the white bar
STRIPE = 58  # the tone of its stripes on black

_ROOM = WIDTH - 2 * MARGIN
_COLUMN = 600
_COLUMN_ROOM = WIDTH - MARGIN - _COLUMN

_TITLE = Style(800, 50)
_SUBTITLE = Style(500, 29)
_COMPANY = Style(500, 44)
_LABEL = Style(500, 25)
_LETTERS = Style(700, 60, spacing=3)
# Of when and where: size, from line to line, and how many lines fit then.
_DETAIL_SIZES = ((32, 44, 4), (29, 40, 5), (26, 33, 6))
_TYPE_SIZES = ((58, 1), (48, 1), (40, 2), (34, 2))
_OTHER_TYPE = Style(500, 27)
# One line of a name only if it is large, so that a badge is read from afar.
_NAME_SIZES = ((218, 1), (184, 1), (152, 1), (128, 2), (112, 2), (96, 3), (84, 3), (72, 3))
# Of the longest, rather than cutting them: 4 mm are still read.
_LONG_NAME_SIZES = ((60, 4), (48, 6))
# Of a line of the name, in parts of its size: 1.02 in all, which suits Latin and Hangul.
_ABOVE, _BELOW, _OVERHANG = 0.865, 0.155, 0.06
_COMPANY_LINE = 57

WHITE_BAR = 2
_BLACK, _WHITE = 0, 255
_SOFT, _QUIET = 43, 72  # company; labels


@dataclass(frozen=True)
class PassFace:
    """All that a pass shows. Texts are any Unicode and may be empty; `when` and `where` are lines.

    `logo` is a picture file or None; `colour` is '#rrggbb'; `ticket_type_small` is the ticket type
    in the other language; `ticket_order` (from 0) chooses disc, diamond or star; `letters` are
    eight; `pass_code` is the text of the QR code.
    """

    conference_name: str
    subtitle: str
    logo: bytes | None
    colour: str
    name: str
    company: str
    ticket_type: str
    ticket_type_small: str
    ticket_order: int
    letters: str
    when: tuple[str, ...]
    where: tuple[str, ...]
    code_label: str
    when_label: str
    where_label: str
    pass_code: str


@dataclass(frozen=True)
class Text:
    """One line: where the left end of its baseline is, and its tone (0 black to 255 white)."""

    x: float
    y: float
    text: str
    style: Style
    tone: int


# The name block


@dataclass(frozen=True)
class _NameBlock:
    size: int
    name: list[str]
    company: list[str]

    @property
    def gap(self) -> int:
        """Between name and company: less where there are more lines."""
        return {1: 18, 2: 14}.get(len(self.name), 10) if self.company else 0

    @property
    def above(self) -> float:
        """From the top of a line to its baseline: room for accents and tall scripts."""
        return self.size * max(_ABOVE, *(above for above, _ in self._extents()))

    @property
    def below(self) -> float:
        """From a baseline to the next line; letters that hang may reach a little further."""
        return self.size * max(_BELOW, *(below - _OVERHANG for _, below in self._extents()))

    @property
    def height(self) -> float:
        name = len(self.name) * (self.above + self.below)
        return name + self.gap + len(self.company) * _COMPANY_LINE

    @property
    def fits(self) -> bool:
        """Whether it is no higher than its place."""
        return self.height <= NAME_BLOCK[1] - NAME_BLOCK[0]

    def _extents(self) -> list[tuple[float, float]]:
        return [typesetting.extent(line, 800) for line in self.name]


def name(face: PassFace) -> Iterator[Text]:
    """Name and company, in the middle of their block."""
    block = _name_block(typesetting.plain(face.name), typesetting.plain(face.company))
    top, bottom = NAME_BLOCK
    y = (top + bottom - block.height) / 2
    for line in block.name:
        yield Text(MARGIN, round(y + block.above), line, Style(800, block.size), _BLACK)
        y += block.above + block.below
    y += block.gap
    for line in block.company:
        yield Text(MARGIN, round(y + 44), line, _COMPANY, _SOFT)
        y += _COMPANY_LINE


def _name_block(name: str, company: str) -> _NameBlock:
    """The largest name that fits with its company; broken by words rather than anywhere, and at
    the cost of the company's second line rather than not at all."""
    for sizes, anywhere, company_lines in product(
        (_NAME_SIZES, _LONG_NAME_SIZES), (False, True), (2, 1)
    ):
        block = _largest_name(name, sizes, _company(company, company_lines), anywhere=anywhere)
        if block:
            return block
    return _shortened_name(name, _company(company, 1))


def _company(company: str, most: int) -> list[str]:
    return typesetting.fit(company, _COMPANY, _ROOM, most) if company else []


def _largest_name(
    name: str, sizes: Iterable[tuple[int, int]], company: list[str], *, anywhere: bool
) -> _NameBlock | None:
    for size, most in sizes:
        lines = typesetting.wrap(name, Style(800, size), _ROOM, most, anywhere=anywhere)
        if lines:
            block = _NameBlock(size, lines, company)
            if block.fits:
                return block
    return None


def _shortened_name(name: str, company: list[str]) -> _NameBlock:
    """With an ellipsis, on as many lines as its script leaves room for."""
    size, most = _LONG_NAME_SIZES[-1]
    style = Style(800, size)
    blocks = [
        _NameBlock(size, typesetting.fit(name, style, _ROOM, lines), company)
        for lines in range(most, 0, -1)
    ]
    return next((block for block in blocks if block.fits), blocks[-1])


# What stands beside the QR code


def column(face: PassFace) -> Iterator[Text]:
    """Code in letters, when and where, each below its label."""
    yield _label(788, face.code_label)
    yield Text(_COLUMN, 853, face.letters[:4], _LETTERS, _BLACK)
    yield Text(_COLUMN, 925, face.letters[4:], _LETTERS, _BLACK)
    details = _details(_plain_lines(face.when), _plain_lines(face.where))
    y = 980
    for label, lines in ((face.when_label, details.when), (face.where_label, details.where)):
        if lines:
            yield _label(y, label)
            for number, line in enumerate(lines):
                baseline = y + 41 + number * details.line_height
                yield Text(_COLUMN, baseline, line, details.style, _BLACK)
            y = baseline + 51


def _label(y: int, text: str) -> Text:
    (line,) = typesetting.fit(typesetting.plain(text), _LABEL, _COLUMN_ROOM, 1)
    return Text(_COLUMN, y, line, _LABEL, _QUIET)


@dataclass(frozen=True)
class _Details:
    style: Style
    line_height: int
    when: list[str]
    where: list[str]


def _plain_lines(lines: Sequence[str]) -> list[str]:
    return [line for line in map(typesetting.plain, lines) if line]


def _details(when: list[str], where: list[str]) -> _Details:
    """When and where in the largest size that takes them; else where is cut, then when."""
    for size, line_height, most in _DETAIL_SIZES:
        style = Style(700, size)
        details = _Details(style, line_height, _wrapped(when, style), _wrapped(where, style))
        if len(details.when) + len(details.where) <= most:
            return details
    most_when = max(most - len(details.where), 4)
    when = _cut(details.when, most_when, style)
    return replace(details, when=when, where=_cut(details.where, most - len(when), style))


def _wrapped(lines: list[str], style: Style) -> list[str]:
    return [part for line in lines for part in typesetting.fit(line, style, _COLUMN_ROOM, 3)]


def _cut(lines: list[str], most: int, style: Style) -> list[str]:
    if len(lines) <= most:
        return lines
    (last,) = typesetting.fit(" ".join(lines[most - 1 :]), style, _COLUMN_ROOM, 1)
    return [*lines[: most - 1], last]


# The type bar


def bar(face: PassFace) -> Iterator[Text]:
    """The ticket type beside its mark; at the right, the same in the other language."""
    ink = _BLACK if bar_kind(face) == WHITE_BAR else _WHITE
    room: float = WIDTH - MARGIN - 144
    other = _other_type(typesetting.plain(face.ticket_type_small), ink)
    if other:
        yield other
        room -= WIDTH - MARGIN - other.x + 24
    style, lines = _type_lines(typesetting.plain(face.ticket_type), room)
    middle = 1330 + 0.35 * style.size
    for number, line in enumerate(lines):
        y = middle + (number - (len(lines) - 1) / 2) * 1.15 * style.size
        yield Text(144, round(y), line, style, ink)


def bar_kind(face: PassFace) -> int:
    """Which of the bars a ticket type has: 0 disc on black, 1 diamond on stripes, 2 star on
    white."""
    return face.ticket_order % 3


def stripes() -> Iterator[tuple[Point, ...]]:
    """The stripes of a bar, 26 dark, 26 lighter, rising to the right."""
    height = HEIGHT - BAR
    for number in range(20):
        left = 36 + number * 52 * math.sqrt(2)
        right = left + 26 * math.sqrt(2)
        yield (left, 0), (right, 0), (right - height, height), (left - height, height)


def diamond() -> list[Point]:
    """The corners of the diamond in the striped bar."""
    x, y = MARK_AT
    return [(x, y - DIAMOND), (x + DIAMOND, y), (x, y + DIAMOND), (x - DIAMOND, y)]


def star() -> list[Point]:
    """The corners of the star in the white bar; its middle is a little lower than its mark's."""
    x, y = MARK_AT[0], MARK_AT[1] + 2
    return [
        (
            x + radius * math.sin(point * math.pi / 5),
            y - radius * math.cos(point * math.pi / 5),
        )
        for point in range(10)
        for radius in (_STAR * (1, 0.45)[point % 2],)
    ]


def _other_type(text: str, ink: int) -> Text | None:
    if not text:
        return None
    (line,) = typesetting.fit(text, _OTHER_TYPE, 300, 1)
    left = WIDTH - MARGIN - typesetting.width(line, _OTHER_TYPE)
    return Text(left, 1340, line, _OTHER_TYPE, ink)


def _type_lines(text: str, room: float) -> tuple[Style, list[str]]:
    for size, most in _TYPE_SIZES:
        style = Style(800, size)
        lines = typesetting.wrap(text, style, room, most, anywhere=False)
        if lines:
            return style, lines
    return style, typesetting.fit(text, style, room, most)


# The band


def title(name: str, subtitle: str, *, beside_logo: bool) -> Iterator[Text]:
    """Name on one or two lines, subtitle on one, together in the middle of the logo's height. Its
    colour is the palette's, whatever the tone says."""
    left = 220 if beside_logo else MARGIN
    room = WIDTH - MARGIN - left
    lines = typesetting.fit(typesetting.plain(name), _TITLE, room, 2)
    subtitle = typesetting.plain(subtitle)
    y = 228 - (len(lines) * 60 + (42 if subtitle else 0)) / 2
    for line in lines:
        yield Text(left, round(y + 45), line, _TITLE, _WHITE)
        y += 60
    if subtitle:
        (line,) = typesetting.fit(subtitle, _SUBTITLE, room, 1)
        yield Text(left, round(y + 34), line, _SUBTITLE, _WHITE)
