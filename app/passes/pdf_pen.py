"""Draws on a page of a PDF in the measures of a pass: pixels of 300 an inch, y downwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from app.passes import layout, qr, typesetting
from app.passes.layout import Text
from app.passes.typesetting import Point, Run, Style

if TYPE_CHECKING:
    from PIL import Image
    from reportlab.lib.colors import Color
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.pdfgen.pathobject import PDFPathObject

Box = tuple[float, float, float, float]  # left, top, right, bottom

PIXEL = 72 / layout.DPI  # in points
_SHARPER = 2  # pictures of text have so many times the resolution of the pass


class Pen:
    """Draws in a canvas whose units are pixels; colours are '#rrggbb'."""

    def __init__(self, canvas: Canvas, height: float) -> None:
        self._canvas = canvas
        self._height = height

    def rectangle(self, box: Box, colour: str, radius: float = 0) -> None:
        """Filled; its corners rounded."""
        self._fill(self._rounded(box, radius), colour)

    def polygon(self, points: Iterable[Point], colour: str) -> None:
        """Filled."""
        path = self._canvas.beginPath()
        (x, y), *others = points
        path.moveTo(x, self._height - y)
        for x, y in others:
            path.lineTo(x, self._height - y)
        path.close()
        self._fill(path, colour)

    def disc(self, middle: Point, radius: float, colour: str) -> None:
        """Filled."""
        path = self._canvas.beginPath()
        path.circle(middle[0], self._height - middle[1], radius)
        self._fill(path, colour)

    def line(self, start: Point, end: Point, colour: str, *, dashed: bool = False) -> None:
        """As thin as a printer draws it well."""
        self._canvas.setStrokeColor(_colour(colour))
        self._canvas.setLineWidth(1.6)
        self._canvas.setDash([8, 12] if dashed else [])
        self._canvas.line(start[0], self._height - start[1], end[0], self._height - end[1])

    def code(self, text: str, at: Point, module: float) -> None:
        """A QR code from its quiet zone's corner, as one path: no seams between modules. In PDF's
        own words, as reportlab takes longer for it than for all the rest."""
        self._canvas.saveState()
        self._canvas.setFillColor(_colour("#000000"))
        self._canvas.translate(at[0], self._height - at[1])
        self._canvas.scale(module, -module)
        rectangles = " ".join(f"{x} {y} {length} 1 re" for x, y, length in qr.runs(text))
        self._canvas.addLiteral(f"{rectangles} f")
        self._canvas.restoreState()

    @contextmanager
    def within(self, box: Box, radius: float = 0) -> Iterator[None]:
        """What is drawn meanwhile is seen inside the box alone."""
        self._canvas.saveState()
        self._canvas.clipPath(self._rounded(box, radius), stroke=0)
        yield
        self._canvas.restoreState()

    def picture(self, picture: Image.Image, box: Box) -> None:
        """Fills the box."""
        from reportlab.lib.utils import ImageReader

        left, top, right, bottom = box
        size = right - left, bottom - top
        source = ImageReader(picture)
        self._canvas.drawImage(source, left, self._height - bottom, *size, mask="auto")

    def text(self, text: Text, colour: str) -> None:
        """One line, each run as wide as it is in the image."""
        x = text.x
        for run, length in typesetting.measured(text.text, text.style):
            if typesetting.is_plain_sans(run):
                self._write(run, (x, text.y), length, text.style, colour)
            else:
                self._place(run, (x, text.y), text.style, colour)
            x += length + text.style.spacing

    def _write(self, run: Run, at: Point, length: float, style: Style, colour: str) -> None:
        from reportlab.pdfbase.pdfmetrics import stringWidth

        sans = font(style.weight)
        natural = stringWidth(run.text, sans, style.size)
        writing = self._canvas.beginText(at[0], self._height - at[1])
        writing.setFont(sans, style.size)
        writing.setFillColor(_colour(colour))
        writing.setHorizScale(100 * length / natural if natural else 100)
        writing.textOut(run.text)
        self._canvas.drawText(writing)

    def _place(self, run: Run, at: Point, style: Style, colour: str) -> None:
        """As a picture."""
        large = Style(style.weight, style.size * _SHARPER)
        drawn, (left, top) = typesetting.picture(run, large, colour)
        left, top = at[0] + left / _SHARPER, at[1] + top / _SHARPER
        right, bottom = left + drawn.width / _SHARPER, top + drawn.height / _SHARPER
        self.picture(drawn, (left, top, right, bottom))

    def _rounded(self, box: Box, radius: float) -> PDFPathObject:
        left, top, right, bottom = box
        path = self._canvas.beginPath()
        at = left, self._height - bottom, right - left, bottom - top
        if radius:
            path.roundRect(*at, radius)
        else:
            path.rect(*at)
        return path

    def _fill(self, path: PDFPathObject, colour: str) -> None:
        self._canvas.setFillColor(_colour(colour))
        self._canvas.drawPath(path, stroke=0, fill=1)


@cache
def _colour(name: str) -> Color:
    from reportlab.lib.colors import HexColor

    return HexColor(name)


@cache
def font(weight: int) -> str:
    """The name under which reportlab knows our sans in a weight; read once a process."""
    from reportlab.pdfbase import pdfmetrics, ttfonts

    name = f"LanyardSans-{weight}"
    pdfmetrics.registerFont(ttfonts.TTFont(name, typesetting.sans_file(weight)))
    return name
