"""Draw the logo of the demo conference: three waves. Run it to make the file again."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw

SIDE, SCALE, STROKE = 512, 4, 46
COLOUR = (11, 85, 99, 255)
TARGET = Path(__file__).parents[1] / "app" / "local" / "demo_logo.png"


def wave(middle: float) -> list[tuple[float, float]]:
    """Points of one wave across the picture."""
    xs = range(62, SIDE - 61, 2)
    return [
        (x * SCALE, (middle - 34 * math.sin((x - 62) / (SIDE - 124) * 4 * math.pi)) * SCALE)
        for x in xs
    ]


def main() -> None:
    """Draw large, then shrink, so that edges are smooth."""
    picture = Image.new("RGBA", (SIDE * SCALE, SIDE * SCALE))
    draw = ImageDraw.Draw(picture)
    radius = STROKE * SCALE / 2
    for middle in (146, 256, 366):
        for x, y in wave(middle):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=COLOUR)
    picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS).quantize(32).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
