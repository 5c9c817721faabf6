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
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING

from app.conferences.palette import Palette, Rgb, mix, parse
from app.passes import layout, qr, typesetting
from app.passes.layout import HEIGHT, WIDTH, PassFace, Text

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

_BLACK, _WHITE = 0, 255
_GREYS = 32
_SUPERSAMPLING = 4
# zlib's level: 6 makes the file an eighth smaller, in more than twice the time.
_COMPRESSION = 3


# Each picture takes megabytes while it is drawn: threads draw one after another.
_drawing = Lock()


def render(face: PassFace) -> bytes:
    """The PNG; the same bytes for the same face. ValueError if the pass code or the colour is
    none; no text is refused."""
    with _drawing:
        return _render(face)


def _render(face: PassFace) -> bytes:
    from PIL import Image

    grey = Image.new("L", (WIDTH, HEIGHT), _WHITE)
    _draw_name(grey, face)
    grey.paste(qr.picture(face.pass_code, layout.MODULE), layout.QR_AT)
    grey.paste(_bar(layout.bar_kind(face)), (0, layout.BAR))
    _draw(grey, layout.column(face), layout.bar(face))
    band, colours = _band(face.conference_name, face.subtitle, face.logo, face.colour)
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
    picture.save(output, "png", dpi=(layout.DPI, layout.DPI), compress_level=_COMPRESSION)
    return output.getvalue()


def _draw(picture: Image.Image, *parts: Iterable[Text]) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(picture)
    for text in chain(*parts):
        typesetting.draw(pen, (text.x, text.y), text.text, text.style, text.tone)


def _draw_name(grey: Image.Image, face: PassFace) -> None:
    """Cut to the block: towers of marks never reach the band or the QR code."""
    top, bottom = layout.NAME_BLOCK
    drawn = grey.copy()
    _draw(drawn, layout.name(face))
    block = (0, top, WIDTH, bottom)
    grey.paste(drawn.crop(block), block)


@cache
def _bar(kind: int) -> Image.Image:
    """Disc on black, diamond on stripes, star on white with a black edge."""
    from PIL import Image, ImageDraw

    scale = _SUPERSAMPLING
    bar = Image.new("L", (WIDTH * scale, (HEIGHT - layout.BAR) * scale), _BLACK)
    pen = ImageDraw.Draw(bar)
    if kind == 1:
        _draw_stripes(pen, scale)
    if kind == 2:
        edge = layout.EDGE * scale
        pen.rectangle((edge, edge, bar.width - edge - 1, bar.height - edge - 1), _WHITE)
    _draw_mark(pen, kind, scale)
    return bar.reduce(scale)


def _draw_stripes(pen: ImageDraw.ImageDraw, scale: int) -> None:
    for stripe in layout.stripes():
        pen.polygon([(x * scale, y * scale) for x, y in stripe], layout.STRIPE)


def _draw_mark(pen: ImageDraw.ImageDraw, kind: int, scale: int) -> None:
    x, y = (at * scale for at in layout.MARK_AT)
    if kind == 0:
        pen.circle((x, y), layout.DISC * scale, _WHITE)
    elif kind == 1:
        pen.polygon([(left * scale, top * scale) for left, top in layout.diamond()], _WHITE)
    else:
        pen.polygon([(x * scale, y * scale) for x, y in layout.star()], _BLACK)


# The band


@lru_cache(maxsize=32)
def _band(name: str, subtitle: str, logo: bytes | None, colour: str) -> tuple[Image.Image, bytes]:
    """The band as numbers of the palette, and its part of the palette."""
    from PIL import Image, ImageDraw

    palette = Palette.of(colour)
    band = _strap(palette)
    mark = logo_tile(logo) if logo else None
    if mark:
        paste_tile(band, mark, (layout.MARGIN, layout.LOGO_TOP))
    for text in layout.title(name, subtitle, beside_logo=mark is not None):
        typesetting.draw(
            ImageDraw.Draw(band), (text.x, text.y), text.text, text.style, palette.on_brand
        )
    colours = _band_colours(palette, mark)
    reference = Image.new("P", (1, 1))
    reference.putpalette(b"".join(map(bytes, colours)))
    indexed = band.quantize(palette=reference, dither=Image.Dither.NONE)
    shifted = Image.frombytes("L", indexed.size, indexed.tobytes())
    return shifted.point(lambda index: index + _GREYS), b"".join(map(bytes, colours))


def _strap(palette: Palette) -> Image.Image:
    """The ground with the two ribbons that meet in the slot."""
    from PIL import Image

    band = Image.new("RGB", (WIDTH, layout.BAND), palette.brand)
    back, front, slot = _strap_shapes()
    for colour, shape in ((palette.strap_back, back), (palette.strap_front, front)):
        band.paste(colour, (0, 0), shape)
    band.paste("#ffffff", (0, 0), slot)
    return band


@cache
def _strap_shapes() -> tuple[Image.Image, Image.Image, Image.Image]:
    """Back ribbon, front ribbon and slot, each white on black."""
    from PIL import ImageOps

    left_ribbon = _shape((WIDTH, 130), "polygon", layout.RIBBON)
    slot = _shape((WIDTH, 130), "rounded_rectangle", layout.SLOT, layout.SLOT_RADIUS)
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


@lru_cache(maxsize=32)
def logo_tile(content: bytes) -> Image.Image | None:
    """The logo on a white tile of 124 pixels, filling it if it has no transparent part; None if it
    is no picture: a pass is not refused for that."""
    from PIL import Image, ImageOps

    try:
        picture = Image.open(io.BytesIO(content)).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    filled = picture.getchannel("A").getextrema() == (255, 255)
    side = layout.TILE if filled else layout.TILE - 32
    picture = ImageOps.contain(picture, (side, side), Image.Resampling.LANCZOS)
    tile = Image.new("RGBA", (layout.TILE, layout.TILE), "#ffffff")
    left, top = (layout.TILE - picture.width) // 2, (layout.TILE - picture.height) // 2
    tile.alpha_composite(picture, (left, top))
    return tile.convert("RGB")


def paste_tile(picture: Image.Image, tile: Image.Image, at: tuple[int, int]) -> None:
    """With round corners."""
    corner = layout.TILE, layout.TILE
    corners = _shape(corner, "rounded_rectangle", ((0, 0), corner), layout.TILE_RADIUS)
    picture.paste(tile, at, corners)


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
