"""Passes as PDF: one alone on a page of its own size, or on A4 to cut out or to fold; or many, four
on a page.

What our sans draws letter by letter is text in embedded fonts, to be searched and copied; other
scripts are placed as pictures, because they need a shaping that PDF libraries do not do. Made when
asked for and kept nowhere; never on the sign-up path, so reportlab and Pillow are imported where
they are used.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from app.conferences.palette import Palette
from app.passes import image, layout, pdf_pen, typesetting
from app.passes.layout import HEIGHT, WIDTH, PassFace, Text
from app.passes.pdf_pen import PIXEL, Pen
from app.passes.typesetting import Point, Style

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_A4 = (210 / 25.4 * layout.DPI, 297 / 25.4 * layout.DPI)
_HINT, _HINT_LINE = Style(500, 32), 48
_LINES = "#737373"  # of cutting and folding


class Size(StrEnum):
    """What a page is."""

    A4 = "a4"
    BADGE = "badge"


def render(face: PassFace, size: Size, hint: str = "") -> bytes:
    """One pass, on one page; the same bytes for the same face. On A4 `hint` stands beside it.
    ValueError if the pass code or the colour is none; no text is refused."""
    output = io.BytesIO()
    page = _A4 if size is Size.A4 else (WIDTH, HEIGHT)
    canvas = _canvas(output, page, (face.conference_name, face.name))
    if size is Size.A4:
        _draw_folds(Pen(canvas, page[1]), hint)
        _place(canvas, face, _QUARTER)
    else:
        _draw_pass(Pen(canvas, HEIGHT), face)
    canvas.save()
    return output.getvalue()


def sheets(faces: Iterable[PassFace]) -> bytes:
    """Many passes, four on a page of A4, with marks to cut along; a page without any if there are
    none. ValueError as of `render`."""
    output = io.BytesIO()
    canvas = _canvas(output, _A4, ())
    for number, face in enumerate(faces):
        if number and number % len(_FOUR) == 0:
            canvas.showPage()
            canvas.scale(PIXEL, PIXEL)
        _place(canvas, face, _FOUR[number % len(_FOUR)])
    canvas.save()
    return output.getvalue()


# Where a pass stands on A4, by its upper left corner. Alone in the middle of the upper left
# quarter: the front of a sheet folded twice, to A6. Four of them close together, so that the marks
# of each are free.
_QUARTER = (_A4[0] / 2 - WIDTH) / 2, (_A4[1] / 2 - HEIGHT) / 2
_GAP = 140.0
_EDGES = [(whole - 2 * side - _GAP) / 2 for whole, side in zip(_A4, (WIDTH, HEIGHT), strict=True)]
_FOUR = [
    (_EDGES[0] + column * (WIDTH + _GAP), _EDGES[1] + row * (HEIGHT + _GAP))
    for row in (0, 1)
    for column in (0, 1)
]


def _canvas(output: io.BytesIO, page: Point, title: Sequence[str]) -> Canvas:
    """In pixels of the pass."""
    from reportlab import rl_config
    from reportlab.pdfgen.canvas import Canvas

    rl_config.useA85 = 0  # pictures and fonts as bytes: letters for them take a third of the time
    canvas = Canvas(
        output,
        (page[0] * PIXEL, page[1] * PIXEL),
        invariant=1,
        initialFontName=pdf_pen.font(500),  # type: ignore[arg-type]  # its stubs say float
    )
    canvas.setTitle(" · ".join(map(typesetting.plain, title)))
    canvas.scale(PIXEL, PIXEL)
    return canvas


def _place(canvas: Canvas, face: PassFace, at: Point) -> None:
    """Draw a pass on A4 from its upper left corner, with marks to cut along."""
    sheet = Pen(canvas, _A4[1])
    for x, outwards in ((at[0], -1), (at[0] + WIDTH, 1)):
        for y, upwards in ((at[1], -1), (at[1] + HEIGHT, 1)):
            near, far = 18, 60
            sheet.line((x + outwards * near, y), (x + outwards * far, y), _LINES)
            sheet.line((x, y + upwards * near), (x, y + upwards * far), _LINES)
    canvas.saveState()
    canvas.translate(at[0], _A4[1] - at[1] - HEIGHT)
    _draw_pass(Pen(canvas, HEIGHT), face)
    canvas.restoreState()


def _draw_folds(pen: Pen, hint: str) -> None:
    """Where to fold, and how."""
    left, top = _QUARTER
    middle = _A4[0] / 2, _A4[1] / 2
    pen.line((middle[0], 0), (middle[0], _A4[1]), _LINES, dashed=True)
    pen.line((0, middle[1]), (_A4[0], middle[1]), _LINES, dashed=True)
    for number, line in enumerate(typesetting.fit(hint, _HINT, middle[0] - 2 * left, 8)):
        at = middle[0] + left, top + _HINT_LINE * (number + 1)
        pen.text(Text(*at, line, _HINT, 0), _LINES)


def _draw_pass(pen: Pen, face: PassFace) -> None:
    top, bottom = layout.NAME_BLOCK
    with pen.within((0, top, WIDTH, bottom)):
        _write(pen, layout.name(face))
    pen.code(face.pass_code, layout.QR_AT, layout.MODULE)
    _write(pen, layout.column(face))
    _draw_bar(pen, layout.bar_kind(face))
    _write(pen, layout.bar(face))
    _draw_band(pen, face)


def _write(pen: Pen, texts: Iterable[Text]) -> None:
    for text in texts:
        pen.text(text, _grey(text.tone))


def _draw_bar(pen: Pen, kind: int) -> None:
    bar = (0, layout.BAR, WIDTH, HEIGHT)
    pen.rectangle(bar, _grey(0))
    if kind == 0:
        pen.disc(_in_bar(layout.MARK_AT), layout.DISC, _grey(255))
    elif kind == 1:
        with pen.within(bar):
            for stripe in layout.stripes():
                pen.polygon(map(_in_bar, stripe), _grey(layout.STRIPE))
        pen.polygon(map(_in_bar, layout.diamond()), _grey(255))
    else:
        edge = layout.EDGE
        pen.rectangle((edge, layout.BAR + edge, WIDTH - edge, HEIGHT - edge), _grey(255))
        pen.polygon(map(_in_bar, layout.star()), _grey(0))


def _in_bar(point: Point) -> Point:
    return point[0], layout.BAR + point[1]


def _draw_band(pen: Pen, face: PassFace) -> None:
    palette = Palette.of(face.colour)
    pen.rectangle((0, 0, WIDTH, layout.BAND), palette.brand)
    pen.polygon(((WIDTH - x, y) for x, y in layout.RIBBON), palette.strap_back)
    pen.polygon(layout.RIBBON, palette.strap_front)
    (left, top), (right, bottom) = layout.SLOT
    pen.rectangle((left, top, right, bottom), "#ffffff", layout.SLOT_RADIUS)
    logo = image.logo_tile(face.logo) if face.logo else None
    if logo:
        side = layout.TILE
        box = (layout.MARGIN, layout.LOGO_TOP, layout.MARGIN + side, layout.LOGO_TOP + side)
        with pen.within(box, layout.TILE_RADIUS):
            pen.picture(logo, box)
    title = layout.title(face.conference_name, face.subtitle, beside_logo=logo is not None)
    for text in title:
        pen.text(text, palette.on_brand)


def _grey(tone: int) -> str:
    return f"#{tone:02x}{tone:02x}{tone:02x}"
