"""The six colours that a conference's own colour lends its pages and passes.

Contrast is that of WCAG 2.2: (L1 + 0.05) / (L2 + 0.05) of relative luminances; AA for text is 4.5.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

Rgb = tuple[int, int, int]

WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)
DEEP_INK: Rgb = (5, 6, 10)  # a little darker than ink: then it or white has 4.5 on any colour
INK: Rgb = (26, 26, 30)
PAGE: Rgb = (247, 246, 243)

READABLE = 4.5
_STEP = 2  # per cent of black
_MOST_BLACK = 25  # beyond that a yellow would turn mustard, so plain ink is better
_DARK = 0.04  # luminance below which a darker strap would not show


@dataclass(frozen=True)
class Palette:
    """The six colours as '#rrggbb'; see `of`."""

    brand: str
    on_brand: str
    brand_ink: str
    brand_tint: str
    strap_front: str
    strap_back: str

    @classmethod
    def of(cls, colour: str) -> Palette:
        """The palette of '#0b5563' (three or six digits); ValueError if it is no such colour."""
        brand = parse(colour)
        ground = WHITE if luminance(brand) < _DARK else BLACK
        return cls(
            brand=_hex(brand),
            on_brand=_hex(_text_on(brand)),
            brand_ink=_hex(_ink_of(brand)),
            brand_tint=_hex(mix(brand, WHITE, 8)),
            strap_front=_hex(mix(brand, ground, 58)),
            strap_back=_hex(mix(brand, ground, 78)),
        )

    @property
    def name(self) -> str:
        """The address of the sheet: the colour and a hash of what is made of it."""
        return f"{self.brand[1:]}-{hashlib.sha256(self.css().encode()).hexdigest()[:8]}"

    def css(self) -> str:
        """A style sheet that sets the six properties (static/css/tokens.css) on :root."""
        properties = (
            ("brand", self.brand),
            ("on-brand", self.on_brand),
            ("brand-ink", self.brand_ink),
            ("brand-tint", self.brand_tint),
            ("strap-front", self.strap_front),
            ("strap-back", self.strap_back),
        )
        return ":root{" + ";".join(f"--lan-{name}:{value}" for name, value in properties) + "}\n"


def parse(colour: str) -> Rgb:
    """Red, green, blue (0 to 255) of '#0b5563' or '#fff'; ValueError if it is neither."""
    if not re.fullmatch(r"#(?:[0-9a-fA-F]{3}){1,2}", colour, re.ASCII):
        raise ValueError("a colour is # and three or six hexadecimal digits")
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def contrast(one: Rgb, other: Rgb) -> float:
    """From 1 (the same) to 21 (black and white)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Rgb) -> float:
    """Relative luminance, from 0 (black) to 1 (white)."""
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mix(colour: Rgb, ground: Rgb, per_cent: int) -> Rgb:
    """So many per cent of a colour in another, each part rounded half up as browsers do."""
    red, green, blue = (
        (part * per_cent + base * (100 - per_cent) + 50) // 100
        for part, base in zip(colour, ground, strict=True)
    )
    return red, green, blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _text_on(brand: Rgb) -> Rgb:
    return WHITE if contrast(WHITE, brand) >= READABLE else DEEP_INK


def _ink_of(brand: Rgb) -> Rgb:
    """The colour, or as little darker as reads on the page; plain ink if that is much darker."""
    for black in range(0, _MOST_BLACK + 1, _STEP):
        darkened = mix(brand, BLACK, 100 - black)
        if contrast(darkened, PAGE) >= READABLE:
            return darkened
    return INK


def _hex(colour: Rgb) -> str:
    return "#" + bytes(colour).hex()
