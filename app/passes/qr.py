"""The QR code of a pass: always version 7 at level M, so 45 modules, with a quiet zone of 4.

`segno` and Pillow are imported where they are used: the sign-up path must not pay for them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from PIL import Image

VERSION = 7
MODULES = 45
QUIET = 4  # modules of white around it, as ISO/IEC 18004 asks
SIDE = MODULES + 2 * QUIET

# Choosing the best of eight masks takes five times as long as all the rest. Measured on 150 pass
# codes with ZXing: each mask is read as often as the best one, down to the smallest size at which
# any is read. This one is most often the best.
_MASK = 2

_BLACK, _WHITE = 0, 255
_DARK_RUN = re.compile(b"\x01+")

Matrix = tuple[bytes, ...]


@lru_cache(maxsize=64)
def matrix(text: str) -> Matrix:
    """The 45 rows of 45 modules, 1 dark and 0 light. ValueError if the text does not fit."""
    import segno

    symbol = segno.make_qr(
        text, error="m", version=VERSION, mode="byte", mask=_MASK, boost_error=False
    )
    return tuple(bytes(row) for row in symbol.matrix)


@lru_cache(maxsize=64)
def svg(text: str, label: str) -> Markup:
    """An inline SVG of 53 x 53 modules, one path, named `label` for screen readers."""
    path = "".join(f"M{x} {y}h{length}v1H{x}z" for x, y, length in runs(text))
    return Markup(
        '<svg class="lan-pass__qr" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
        'role="img" aria-label="{label}" shape-rendering="crispEdges">'
        '<rect width="{side}" height="{side}" fill="#fff"/>'
        '<path fill="#000" d="{path}"/></svg>'
    ).format(side=SIDE, label=label, path=path)


@lru_cache(maxsize=64)
def png(text: str, scale: int = 6) -> bytes:
    """A black and white PNG with its quiet zone, `scale` pixels a module (for mail)."""
    output = io.BytesIO()
    picture(text, scale).convert("1").save(output, "png")
    return output.getvalue()


def picture(text: str, scale: int) -> Image.Image:
    """An 8-bit grey picture with its quiet zone, `scale` pixels a module."""
    from PIL import Image

    code = bytes(_BLACK if dark else _WHITE for row in matrix(text) for dark in row)
    modules = Image.new("L", (SIDE, SIDE), _WHITE)
    modules.paste(Image.frombytes("L", (MODULES, MODULES), code), (QUIET, QUIET))
    return modules.resize((SIDE * scale, SIDE * scale), Image.Resampling.NEAREST)


def runs(text: str) -> Iterator[tuple[int, int, int]]:
    """Each run of dark modules in a row: x and y with the quiet zone, and how many there are."""
    for y, row in enumerate(matrix(text), start=QUIET):
        for run in _DARK_RUN.finditer(row):
            yield run.start() + QUIET, y, run.end() - run.start()
