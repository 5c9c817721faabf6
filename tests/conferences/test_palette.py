from __future__ import annotations

import random

import pytest

from app.conferences.palette import INK, PAGE, Palette, Rgb, contrast, luminance, parse

# Colour, contrast of the text on it, contrast of white on its action colour: what the design shows.
SHOWN = [
    ("#0b5563", 8.4, 8.4),
    ("#ffc83d", 13.1, 17.3),
    ("#e4572e", 5.5, 5.0),
    ("#6b3fa0", 7.4, 7.4),
    ("#00a878", 6.6, 5.0),
    ("#f4f1ea", 18.0, 17.3),
    ("#111111", 18.9, 18.9),
]


def _colours() -> list[str]:
    source = random.Random(14)
    drawn = [f"#{source.randrange(1 << 24):06x}" for _ in range(5000)]
    greys = [f"#{grey:02x}{grey:02x}{grey:02x}" for grey in range(256)]
    return drawn + greys + [colour for colour, *_ in SHOWN]


PALETTES = [Palette.of(colour) for colour in _colours()]


@pytest.mark.parametrize(("colour", "text", "action"), SHOWN)
def test_the_colours_of_the_design(colour: str, text: float, action: float) -> None:
    palette = Palette.of(colour)
    assert _contrast(palette.on_brand, palette.brand) == pytest.approx(text, abs=0.051)
    assert _contrast("#ffffff", palette.brand_ink) == pytest.approx(action, abs=0.051)


def test_what_is_drawn_for_them() -> None:
    assert Palette.of("#0b5563") == Palette(
        brand="#0b5563",
        on_brand="#ffffff",
        brand_ink="#0b5563",
        brand_tint="#ebf1f3",
        strap_front="#063139",
        strap_back="#09424d",
    )
    assert Palette.of("#e4572e").brand_ink == "#c04927"
    assert Palette.of("#00a878").brand_ink == "#00805b"
    assert Palette.of("#ffc83d").brand_ink == "#1a1a1e"
    assert Palette.of("#ffc83d").on_brand == "#05060a"
    assert Palette.of("#111111").strap_front == "#757575"


def test_text_is_readable_on_any_colour() -> None:
    assert min(_contrast(palette.on_brand, palette.brand) for palette in PALETTES) >= 4.5
    assert {palette.on_brand for palette in PALETTES} == {"#ffffff", "#05060a"}


def test_the_action_colour_is_readable_on_the_page_and_under_white() -> None:
    assert min(contrast(parse(palette.brand_ink), PAGE) for palette in PALETTES) >= 4.5
    assert min(_contrast("#ffffff", palette.brand_ink) for palette in PALETTES) >= 4.86


def test_the_action_colour_is_the_colour_hardly_darkened_or_plain_ink() -> None:
    for palette in PALETTES:
        brand, ink = parse(palette.brand), parse(palette.brand_ink)
        assert ink == INK or all(_close(ink, brand))
        if contrast(brand, PAGE) >= 4.5:
            assert ink == brand


def test_the_strap_shows_on_its_band() -> None:
    for palette in PALETTES:
        brand, front, back = (
            luminance(parse(colour))
            for colour in (palette.brand, palette.strap_front, palette.strap_back)
        )
        assert front > back > brand if brand < 0.04 else front < back < brand


def test_the_tint_is_pale_enough_for_any_text_of_a_page() -> None:
    for palette in PALETTES:
        assert contrast(parse(palette.brand_tint), INK) > 14
        assert contrast(parse(palette.brand_tint), (98, 95, 88)) > 4.5


def test_short_and_capital_digits_are_the_same_colour() -> None:
    assert Palette.of("#FA3") == Palette.of("#ffaa33")


@pytest.mark.parametrize(
    "colour",
    ["", "0b5563", "#0b556", "#0b55634", "#0b556g", "#0b5563\n", "red", "#\u0661\u0661\u0661"],
)
def test_anything_else_is_refused(colour: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        Palette.of(colour)


def test_the_style_sheet_sets_the_six_properties() -> None:
    assert Palette.of("#0b5563").css() == (
        ":root{--lan-brand:#0b5563;--lan-on-brand:#ffffff;--lan-brand-ink:#0b5563;"
        "--lan-brand-tint:#ebf1f3;--lan-strap-front:#063139;--lan-strap-back:#09424d}\n"
    )


def _contrast(one: str, other: str) -> float:
    return contrast(parse(one), parse(other))


def _close(ink: Rgb, brand: Rgb) -> list[bool]:
    return [part * 0.75 - 0.5 <= dark <= part for dark, part in zip(ink, brand, strict=True)]
