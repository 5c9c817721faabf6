"""Draw the cover of the demo conference: a river between hills at dawn. Run it to make the file
again."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT, SCALE = 1280, 512, 2
WATER = 344  # where the river begins
SKY = ("#0e4a58", "#3d8a8f", "#f3c9a5", "#ffe3c4")
SUN, AT, RADIUS = "#ff7a59", (676, 262), 62  # in the middle, which a preview picture shows
# From far to near: the height of a ridge, how it rolls, its colour.
RIDGES = (
    (276, 26, (311, 127, 53), "#a9bfb6"),
    (298, 30, (257, 101, 43), "#7aa5a3"),
    (318, 24, (397, 149, 61), "#457f85"),
    (334, 14, (521, 173, 37), "#1f6370"),
)
BANKS = (
    (468, 30, (911, 397, 173), "#0b5563"),
    (494, 20, (739, 283, 131), "#083f4a"),
)
RIVER = ("#f5d0b0", "#6aa9a6", "#0f5f6c")


def blended(colours: tuple[str, ...], share: float) -> tuple[int, ...]:
    """The colour at a share (0 to 1) of the way through all of them."""
    place = min(share, 0.999) * (len(colours) - 1)
    pair = colours[int(place) : int(place) + 2]
    one, other = ([int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in pair)
    rest = place % 1
    return tuple(round(a + (b - a) * rest) for a, b in zip(one, other, strict=True))


def hills(
    height: float, rolls: float, lengths: tuple[int, ...], shift: float
) -> list[tuple[float, float]]:
    """The ridge of a row of hills, and down to the corners of the picture."""
    ridge = [
        (
            x * SCALE,
            SCALE
            * (
                height
                - sum(
                    rolls / n * math.sin(x / length * 2 * math.pi + shift * n)
                    for n, length in enumerate(lengths, 1)
                )
            ),
        )
        for x in range(0, WIDTH + 4, 4)
    ]
    return [*ridge, (WIDTH * SCALE, HEIGHT * SCALE), (0, HEIGHT * SCALE)]


def bands(picture: Image.Image, top: int, bottom: int, colours: tuple[str, ...]) -> None:
    """Colours that run into each other from top to bottom."""
    draw = ImageDraw.Draw(picture)
    for y in range(top * SCALE, bottom * SCALE):
        share = (y / SCALE - top) / (bottom - top)
        draw.line([(0, y), (WIDTH * SCALE, y)], fill=blended(colours, share))


def disc(picture: Image.Image, radius: float, colour: str) -> None:
    """The sun, or with a larger radius its glow."""
    (x, y), r = AT, radius
    box = [(x - r) * SCALE, (y - r) * SCALE, (x + r) * SCALE, (y + r) * SCALE]
    ImageDraw.Draw(picture).ellipse(box, fill=colour)


def glow(picture: Image.Image) -> Image.Image:
    """The picture with light around the sun."""
    light = Image.new("L", picture.size)
    disc(light, RADIUS * 2.4, "#909090")
    light = light.filter(ImageFilter.GaussianBlur(70 * SCALE))
    return Image.composite(Image.new("RGB", picture.size, "#ffd9b0"), picture, light)


def glitter(picture: Image.Image) -> None:
    """The sun on the water: strokes that grow longer and further apart towards us."""
    draw = ImageDraw.Draw(picture)
    for n in range(13):
        y = WATER + 5 + n * (5 + n * 0.55)
        half = (26 + 10 * n) * (0.45 + 0.55 * abs(math.sin(n * 2.1)))
        x = AT[0] + 16 * math.sin(n * 1.7)
        draw.line(
            [((x - half) * SCALE, y * SCALE), ((x + half) * SCALE, y * SCALE)],
            fill=blended(("#ff9a78", "#f3d3b3"), n / 13),
            width=round(SCALE * (2 + n * 0.22)),
        )


def main() -> None:
    """Draw large, then shrink, so that edges are smooth."""
    picture = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE))
    bands(picture, 0, WATER, SKY)
    picture = glow(picture)
    disc(picture, RADIUS, SUN)
    draw = ImageDraw.Draw(picture)
    for number, (height, rolls, lengths, colour) in enumerate(RIDGES):
        draw.polygon(hills(height, rolls, lengths, 1.9 * number), fill=colour)
    bands(picture, WATER, HEIGHT, RIVER)
    glitter(picture)
    for number, (height, rolls, lengths, colour) in enumerate(BANKS):
        draw.polygon(hills(height, rolls, lengths, 2.6 + 1.3 * number), fill=colour)
    target = Path(__file__).parents[1] / "app" / "local" / "demo_cover.jpg"
    small = picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    small.save(target, quality=90, optimize=True)


if __name__ == "__main__":
    main()
