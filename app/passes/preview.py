"""The picture that a link to a conference shows in messengers: 1,200 x 630 pixels, as Open Graph
has them, made like the passes: the conference's colour, its ribbon, and what hangs on it.

Pillow is imported where it is used: the sign-up path must not pay for it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.conferences.palette import Palette
from app.passes import image, typesetting
from app.passes.typesetting import Style

if TYPE_CHECKING:
    from PIL import Image

WIDTH, HEIGHT = 1200, 630

_MARGIN, _ROOM = 72, 680
_TITLES = ((84, 2), (68, 3), (56, 4))
_TAGLINE, _DETAIL = Style(500, 36), Style(700, 34)
_CARD = (800, 168, 1128, 558)  # what hangs at the right
_MONTH, _DAY, _LABEL = Style(700, 44), Style(800, 168), Style(500, 36)
_RIBBON = ((770, 0), (880, 0), (1000, 176), (928, 176))  # the left one of two
_SCALE = 2  # drawn so much larger, for soft edges
_INK, _QUIET = "#1a1a1e", "#55555c"


@dataclass(frozen=True)
class Preview:
    """What the picture says; `month`, `day` and `weekday` stand on the card, `cover` is a picture
    file that fills it in their place."""

    title: str
    tagline: str
    details: tuple[str, ...]
    month: str
    day: str
    weekday: str
    colour: str
    logo: bytes | None
    cover: bytes | None


def render(preview: Preview) -> bytes:
    """The picture as JPEG; the same bytes for the same preview."""
    from PIL import Image

    palette = Palette.of(preview.colour)
    picture = Image.new("RGB", (WIDTH, HEIGHT), palette.brand)
    _draw_ribbons(picture, palette)
    _draw_card(picture, preview)
    _draw_words(picture, preview, palette.on_brand)
    output = io.BytesIO()
    picture.save(output, "JPEG", quality=88, optimize=True)
    return output.getvalue()


def _draw_ribbons(picture: Image.Image, palette: Palette) -> None:
    mirrored = tuple((2 * 964 - x, y) for x, y in _RIBBON)
    for colour, points in ((palette.strap_back, mirrored), (palette.strap_front, _RIBBON)):
        _paste(picture, colour, points)


def _paste(picture: Image.Image, colour: str, points: tuple[tuple[float, float], ...]) -> None:
    from PIL import Image, ImageDraw

    shape = Image.new("L", (WIDTH * _SCALE, HEIGHT * _SCALE), 0)
    ImageDraw.Draw(shape).polygon([(x * _SCALE, y * _SCALE) for x, y in points], 255)
    picture.paste(colour, (0, 0), shape.reduce(_SCALE))


def _draw_card(picture: Image.Image, preview: Preview) -> None:
    from PIL import Image, ImageDraw, ImageOps

    left, top, right, bottom = _CARD
    size = right - left, bottom - top
    card = Image.new("RGB", size, "#ffffff")
    if preview.cover:
        cover = Image.open(io.BytesIO(preview.cover)).convert("RGB")
        card.paste(ImageOps.fit(cover, size, Image.Resampling.LANCZOS))
    else:
        _draw_date(card, preview)
    pen = ImageDraw.Draw(card)
    pen.rounded_rectangle((114, 22, 214, 42), 10, "#ffffff" if preview.cover else "#e9e9ec")
    shape = Image.new("L", (size[0] * _SCALE, size[1] * _SCALE), 0)
    edge = (0, 0, size[0] * _SCALE - 1, size[1] * _SCALE - 1)
    ImageDraw.Draw(shape).rounded_rectangle(edge, 32 * _SCALE, 255)
    picture.paste(card, (left, top), shape.reduce(_SCALE))


def _draw_date(card: Image.Image, preview: Preview) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(card)
    for y, text, style, ink in (
        (126, preview.month, _MONTH, _INK),
        (284, preview.day, _DAY, _INK),
        (346, preview.weekday, _LABEL, _QUIET),
    ):
        x = (card.width - typesetting.width(text, style)) / 2
        typesetting.draw(pen, (x, y), text, style, ink)


def _draw_words(picture: Image.Image, preview: Preview, ink: str) -> None:
    """Logo at the top, dates and place at the bottom, the name between them."""
    from PIL import ImageDraw

    pen = ImageDraw.Draw(picture)
    y = _MARGIN
    tile = image.logo_tile(preview.logo) if preview.logo else None
    if tile:
        image.paste_tile(picture, tile, (_MARGIN, y))
        y += tile.height + 24
    style, lines = _title(typesetting.plain(preview.title))
    for line in lines:
        y += round(style.size * 1.16)
        typesetting.draw(pen, (_MARGIN, y - round(style.size * 0.2)), line, style, ink)
    if preview.tagline and y + 48 < HEIGHT - _MARGIN - 50 * len(preview.details) - 40:
        (line,) = typesetting.fit(typesetting.plain(preview.tagline), _TAGLINE, _ROOM, 1)
        typesetting.draw(pen, (_MARGIN, y + 48), line, _TAGLINE, ink)
    for number, detail in enumerate(reversed(preview.details)):
        (line,) = typesetting.fit(typesetting.plain(detail), _DETAIL, _ROOM, 1)
        typesetting.draw(pen, (_MARGIN, HEIGHT - _MARGIN - 6 - 50 * number), line, _DETAIL, ink)


def _title(text: str) -> tuple[Style, list[str]]:
    """In the largest size in which it fits."""
    for size, most in _TITLES:
        style = Style(800, size)
        lines = typesetting.wrap(text, style, _ROOM, most, anywhere=False)
        if lines:
            return style, lines
    return style, typesetting.fit(text, style, _ROOM, most)
