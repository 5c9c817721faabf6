"""The picture of a pass: a PNG of 1,050 x 1,400 pixels, 300 a inch, 64 colours.

Only the band at the top has colour; all else is grey, drawn as one 8-bit picture and mapped to 32
greys of the palette. So nothing needs reducing from true colour, black and white of the QR code
stay pure, and the same face always gives the same bytes. All lengths are pixels.

Pillow is imported where it is used: the sign-up path must not pay for it.
"""

from __future__ import annotations

import io
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from app.conferences.palette import Palette, Rgb, mix, parse
from app.passes import qr, typesetting
from app.passes.typesetting import Style

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1050, 1400
DPI = (300, 300)

_MARGIN = 64
_ROOM = WIDTH - 2 * _MARGIN
_BAND = 330
_NAME_BLOCK = (334, 718)
_QR_AT, _MODULE = (24, 722), 10  # its quiet zone starts there: the modules stand on the margin
_COLUMN = 600
_COLUMN_ROOM = WIDTH - _MARGIN - _COLUMN
_BAR = 1260
_TILE = 124

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
# Of a line of the name, in parts of its size: 1.02 in all, which suits Latin and Hangul.
_ABOVE, _BELOW, _OVERHANG = 0.865, 0.155, 0.06
_COMPANY_LINE = 57

_BLACK, _WHITE = 0, 255
_SOFT, _QUIET = 43, 72  # company; labels
_STRIPE = 58
_GREYS = 32
_SUPERSAMPLING = 4


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


def render(face: PassFace) -> bytes:
    """The PNG; the same bytes for the same face. ValueError if the pass code or the colour is
    none; no text is refused."""
    from PIL import Image

    grey = Image.new("L", (WIDTH, HEIGHT), _WHITE)
    _draw_name(grey, typesetting.plain(face.name), typesetting.plain(face.company))
    grey.paste(_qr_picture(face.pass_code), _QR_AT)
    _draw_column(grey, face)
    _draw_bar(grey, face)
    band, colours = _band(
        typesetting.plain(face.conference_name),
        typesetting.plain(face.subtitle),
        face.logo,
        face.colour,
    )
    indexed = grey.point(_GREY_INDEX)
    indexed.paste(band, (0, 0))
    return _png(indexed, colours)


def _grey_index(value: int) -> int:
    return round(value * (_GREYS - 1) / 255)


_GREY_INDEX = [_grey_index(value) for value in range(256)]
_GREY_COLOURS = [round(index * 255 / (_GREYS - 1)) for index in range(_GREYS)]


def _png(indexed: Image.Image, colours: bytes) -> bytes:
    from PIL import Image

    picture = Image.frombytes("P", indexed.size, indexed.tobytes())
    greys = bytes(value for grey in _GREY_COLOURS for value in (grey, grey, grey))
    picture.putpalette(greys + colours)
    output = io.BytesIO()
    picture.save(output, "png", dpi=DPI, compress_level=6)
    return output.getvalue()


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
        return self.height <= _NAME_BLOCK[1] - _NAME_BLOCK[0]

    def _extents(self) -> list[tuple[float, float]]:
        return [typesetting.extent(line, 800) for line in self.name]


def _draw_name(grey: Image.Image, name: str, company: str) -> None:
    """Cut to the block: towers of marks never reach the band or the QR code."""
    from PIL import Image, ImageDraw

    top, bottom = _NAME_BLOCK
    block = _name_block(name, company)
    canvas = Image.new("L", (WIDTH, bottom - top), _WHITE)
    pen = ImageDraw.Draw(canvas)
    y = (bottom - top - block.height) / 2
    for line in block.name:
        baseline = round(y + block.above)
        typesetting.draw(pen, (_MARGIN, baseline), line, Style(800, block.size), _BLACK)
        y += block.above + block.below
    y += block.gap
    for line in block.company:
        typesetting.draw(pen, (_MARGIN, round(y + 44)), line, _COMPANY, _SOFT)
        y += _COMPANY_LINE
    grey.paste(canvas, (0, top))


def _name_block(name: str, company: str) -> _NameBlock:
    """The largest name that fits with its company; broken by words rather than anywhere, and at
    the cost of the company's second line rather than not at all."""
    for anywhere in (False, True):
        for company_lines in (2, 1):
            block = _largest_name(name, _company(company, company_lines), anywhere=anywhere)
            if block:
                return block
    return _shortened_name(name, _company(company, 1))


def _company(company: str, most: int) -> list[str]:
    return typesetting.fit(company, _COMPANY, _ROOM, most) if company else []


def _largest_name(name: str, company: list[str], *, anywhere: bool) -> _NameBlock | None:
    for size, most in _NAME_SIZES:
        lines = typesetting.wrap(name, Style(800, size), _ROOM, most, anywhere=anywhere)
        if lines:
            block = _NameBlock(size, lines, company)
            if block.fits:
                return block
    return None


def _shortened_name(name: str, company: list[str]) -> _NameBlock:
    """With an ellipsis, on as many lines as its script leaves room for."""
    size, most = _NAME_SIZES[-1]
    style = Style(800, size)
    blocks = [
        _NameBlock(size, typesetting.fit(name, style, _ROOM, lines), company)
        for lines in range(most, 0, -1)
    ]
    return next((block for block in blocks if block.fits), blocks[-1])


# The QR code and what stands beside it


def _qr_picture(text: str) -> Image.Image:
    """530 x 530, its quiet zone inside."""
    from PIL import Image

    rows = qr.matrix(text)
    modules = Image.new("L", (qr.SIDE, qr.SIDE), _WHITE)
    code = bytes(_BLACK if dark else _WHITE for row in rows for dark in row)
    modules.paste(Image.frombytes("L", (qr.MODULES, qr.MODULES), code), (qr.QUIET, qr.QUIET))
    side = qr.SIDE * _MODULE
    return modules.resize((side, side), Image.Resampling.NEAREST)


def _draw_column(grey: Image.Image, face: PassFace) -> None:
    """Code in letters, when and where, each below its label."""
    from PIL import ImageDraw

    pen = ImageDraw.Draw(grey)
    _draw_label(pen, 788, face.code_label)
    typesetting.draw(pen, (_COLUMN, 853), face.letters[:4], _LETTERS, _BLACK)
    typesetting.draw(pen, (_COLUMN, 925), face.letters[4:], _LETTERS, _BLACK)
    details = _details(_plain_lines(face.when), _plain_lines(face.where))
    y = 980
    for label, lines in ((face.when_label, details.when), (face.where_label, details.where)):
        if lines:
            _draw_label(pen, y, label)
            y = _draw_lines(pen, y + 41, lines, details) + 51


def _draw_label(pen: ImageDraw.ImageDraw, y: int, text: str) -> None:
    (line,) = typesetting.fit(typesetting.plain(text), _LABEL, _COLUMN_ROOM, 1)
    typesetting.draw(pen, (_COLUMN, y), line, _LABEL, _QUIET)


@dataclass(frozen=True)
class _Details:
    style: Style
    line_height: int
    when: list[str]
    where: list[str]


def _draw_lines(pen: ImageDraw.ImageDraw, y: int, lines: list[str], details: _Details) -> int:
    """The last baseline."""
    for number, line in enumerate(lines):
        baseline = y + number * details.line_height
        typesetting.draw(pen, (_COLUMN, baseline), line, details.style, _BLACK)
    return y + (len(lines) - 1) * details.line_height


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


def _draw_bar(grey: Image.Image, face: PassFace) -> None:
    from PIL import ImageDraw

    kind = face.ticket_order % 3
    grey.paste(_bar(kind), (0, _BAR))
    ink = _BLACK if kind == 2 else _WHITE
    pen = ImageDraw.Draw(grey)
    taken = _draw_other_type(pen, typesetting.plain(face.ticket_type_small), ink)
    room = WIDTH - _MARGIN - 144 - taken
    style, lines = _type_lines(typesetting.plain(face.ticket_type), room)
    middle = 1330 + 0.35 * style.size
    for number, line in enumerate(lines):
        y = middle + (number - (len(lines) - 1) / 2) * 1.15 * style.size
        typesetting.draw(pen, (144, round(y)), line, style, ink)


def _draw_other_type(pen: ImageDraw.ImageDraw, text: str, ink: int) -> float:
    """Draws it at the right; how much room it takes with the space before it."""
    if not text:
        return 0
    (line,) = typesetting.fit(text, _OTHER_TYPE, 300, 1)
    wide = typesetting.width(line, _OTHER_TYPE)
    typesetting.draw(pen, (WIDTH - _MARGIN - wide, 1340), line, _OTHER_TYPE, ink)
    return wide + 24


def _type_lines(text: str, room: float) -> tuple[Style, list[str]]:
    for size, most in _TYPE_SIZES:
        style = Style(800, size)
        lines = typesetting.wrap(text, style, room, most, anywhere=False)
        if lines:
            return style, lines
    return style, typesetting.fit(text, style, room, most)


@cache
def _bar(kind: int) -> Image.Image:
    """Disc on black, diamond on stripes, star on white with a black edge."""
    from PIL import Image, ImageDraw

    scale = _SUPERSAMPLING
    bar = Image.new("L", (WIDTH * scale, (HEIGHT - _BAR) * scale), _BLACK)
    pen = ImageDraw.Draw(bar)
    if kind == 1:
        _draw_stripes(pen, scale)
    if kind == 2:
        edge = 10 * scale
        pen.rectangle((edge, edge, bar.width - edge - 1, bar.height - edge - 1), _WHITE)
    _draw_mark(pen, kind, scale)
    return bar.reduce(scale)


def _draw_stripes(pen: ImageDraw.ImageDraw, scale: int) -> None:
    """26 dark, 26 lighter, rising to the right."""
    height = (HEIGHT - _BAR) * scale
    for number in range(20):
        left = (36 + number * 52 * math.sqrt(2)) * scale
        right = left + 26 * math.sqrt(2) * scale
        pen.polygon(
            ((left, 0), (right, 0), (right - height, height), (left - height, height)), _STRIPE
        )


def _draw_mark(pen: ImageDraw.ImageDraw, kind: int, scale: int) -> None:
    x, y = 92 * scale, 70 * scale
    if kind == 0:
        pen.circle((x, y), 20 * scale, _WHITE)
    elif kind == 1:
        pen.regular_polygon((x, y, 22 * scale), 4, rotation=45, fill=_WHITE)
    else:
        pen.polygon(_star(x, y + 2 * scale, 27 * scale), _BLACK)


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    radii = (radius, radius * 0.45)
    return [
        (
            x + radii[point % 2] * math.sin(point * math.pi / 5),
            y - radii[point % 2] * math.cos(point * math.pi / 5),
        )
        for point in range(10)
    ]


# The band


@lru_cache(maxsize=32)
def _band(name: str, subtitle: str, logo: bytes | None, colour: str) -> tuple[Image.Image, bytes]:
    """The band as numbers of the palette, and its part of the palette."""
    from PIL import Image, ImageDraw

    palette = Palette.of(colour)
    band = _strap(palette)
    mark = _logo(logo) if logo else None
    if mark:
        _paste_logo(band, mark)
    pen = ImageDraw.Draw(band)
    left = 220 if mark else _MARGIN
    _draw_title(pen, left, name, subtitle, palette.on_brand)
    colours = _band_colours(palette, mark)
    reference = Image.new("P", (1, 1))
    reference.putpalette(b"".join(map(bytes, colours)))
    indexed = band.quantize(palette=reference, dither=Image.Dither.NONE)
    shifted = Image.frombytes("L", indexed.size, indexed.tobytes())
    return shifted.point(lambda index: index + _GREYS), b"".join(map(bytes, colours))


def _strap(palette: Palette) -> Image.Image:
    """The ground with the two ribbons that meet in the slot."""
    from PIL import Image

    band = Image.new("RGB", (WIDTH, _BAND), palette.brand)
    back, front, slot = _strap_shapes()
    for colour, shape in ((palette.strap_back, back), (palette.strap_front, front)):
        band.paste(colour, (0, 0), shape)
    band.paste("#ffffff", (0, 0), slot)
    return band


@cache
def _strap_shapes() -> tuple[Image.Image, Image.Image, Image.Image]:
    """Back ribbon, front ribbon and slot, each white on black."""
    from PIL import ImageOps

    front = ((308.5, 0), (439, 0), (580.5, 111), (466, 111))
    left_ribbon = _shape((WIDTH, 130), "polygon", front)
    slot = _shape((WIDTH, 130), "rounded_rectangle", ((455, 98), (595, 124)), 13)
    return ImageOps.mirror(left_ribbon), left_ribbon, slot


def _shape(
    size: tuple[int, int],
    kind: str,
    points: Sequence[tuple[float, float]],
    radius: float | None = None,
) -> Image.Image:
    """White on black, with soft edges."""
    from PIL import Image, ImageDraw

    scale = _SUPERSAMPLING
    shape = Image.new("L", (size[0] * scale, size[1] * scale), 0)
    pen = ImageDraw.Draw(shape)
    scaled = [(x * scale, y * scale) for x, y in points]
    if kind == "polygon":
        pen.polygon(scaled, _WHITE)
    else:
        # Pillow counts the last pixel in.
        (left, top), (right, bottom) = scaled
        pen.rounded_rectangle((left, top, right - 1, bottom - 1), (radius or 0) * scale, _WHITE)
    return shape.reduce(scale)


def _logo(content: bytes) -> Image.Image | None:
    """The logo on a white tile of 124 pixels, filling it if it has no transparent part; None if
    it is no picture: a pass is not refused for that."""
    from PIL import Image, ImageOps

    try:
        picture = Image.open(io.BytesIO(content)).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    filled = picture.getchannel("A").getextrema() == (255, 255)
    side = _TILE if filled else _TILE - 32
    picture = ImageOps.contain(picture, (side, side), Image.Resampling.LANCZOS)
    tile = Image.new("RGBA", (_TILE, _TILE), "#ffffff")
    left, top = (_TILE - picture.width) // 2, (_TILE - picture.height) // 2
    tile.alpha_composite(picture, (left, top))
    return tile.convert("RGB")


def _paste_logo(band: Image.Image, tile: Image.Image) -> None:
    corners = _shape((_TILE, _TILE), "rounded_rectangle", ((0, 0), (_TILE, _TILE)), 28)
    band.paste(tile, (_MARGIN, 166), corners)


def _draw_title(pen: ImageDraw.ImageDraw, left: int, name: str, subtitle: str, colour: str) -> None:
    """Name on one or two lines, subtitle on one, together in the middle of the logo's height."""
    room = WIDTH - _MARGIN - left
    lines = typesetting.fit(name, _TITLE, room, 2)
    y = 228 - (len(lines) * 60 + (42 if subtitle else 0)) / 2
    for line in lines:
        typesetting.draw(pen, (left, round(y + 45)), line, _TITLE, colour)
        y += 60
    if subtitle:
        (line,) = typesetting.fit(subtitle, _SUBTITLE, room, 1)
        typesetting.draw(pen, (left, round(y + 34)), line, _SUBTITLE, colour)


def _band_colours(palette: Palette, mark: Image.Image | None) -> list[Rgb]:
    """At most 32: ground, strap, slot, steps between them for soft edges, and the logo's."""
    brand, text, front, back = (
        parse(colour)
        for colour in (
            palette.brand,
            palette.on_brand,
            palette.strap_front,
            palette.strap_back,
        )
    )
    white: Rgb = (255, 255, 255)
    colours = [brand, text, front, back, white]
    for one, other, steps in ((text, brand, 8), (white, brand, 3), (front, brand, 1)):
        colours += [mix(one, other, 100 * step // (steps + 1)) for step in range(1, steps + 1)]
    colours = list(dict.fromkeys(colours))
    return _with_logo_colours(colours, mark) if mark else colours


def _with_logo_colours(colours: list[Rgb], mark: Image.Image) -> list[Rgb]:
    """The logo's main colours too, but for those that hardly differ: they would tint the band."""
    found = list(colours)
    reduced = mark.quantize(_GREYS - len(colours)).convert("RGB")
    # As bytes and not by getcolors(), whose order among equals is Pillow's own business.
    pixels = reduced.tobytes()
    counted = Counter(zip(pixels[::3], pixels[1::3], pixels[2::3], strict=True))
    for colour, _ in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        if min(math.dist(colour, other) for other in found) > 12:
            found.append(colour)
    return found
