"""The picture of docs/scale.md: what gets through, drawn as SVG for light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 920, 470
LEFT, TOP, SIDE, GAP = 64, 92, 372, 58
LOWEST, HIGHEST = 10.0, 50_000.0
TICKS = {10: "10", 100: "100", 1000: "1,000", 10_000: "10,000", 50_000: "50,000"}
# Four hues in their order, on paper and on slate; each reads at 4.5 to 1 or better.
INK = ("#8a5a00", "#0b6e6e", "#2f55c8", "#9b2fa5")
INK_DARK = ("#f0b44c", "#4fd0c0", "#8fb0ff", "#e79cf0")
STYLE = """
text{font:14px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#1f2a33}
.paper{fill:#fff}.small{font-size:13px}.quiet{fill:#55626d}.head{font-size:17px;font-weight:600}
.grid{stroke:#dde3e8;stroke-width:1}.all{stroke:#8a96a0;stroke-width:1.5;stroke-dasharray:2 5}
.line{fill:none;stroke-width:2.5;stroke-linejoin:round}.end{font-weight:600}
"""
STYLE_DARK = """
text{fill:#e8edf1}.paper{fill:#12181d}.quiet{fill:#a5b2bd}.grid{stroke:#2b353d}.all{stroke:#75828d}
"""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """One of the two: a heading, what it is about, and the lines by their names."""

    heading: str
    about: str
    lines: Mapping[str, Points]


def draw(title: str, panels: Sequence[Panel]) -> str:
    """The whole picture."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">',
        f"<style>{STYLE}{_hues(INK)}@media (prefers-color-scheme:dark){{"
        f"{STYLE_DARK}{_hues(INK_DARK)}}}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
        f'<text class="head" x="{LEFT}" y="32">{escape(title)}</text>',
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, LEFT + number * (SIDE + GAP), is_first=number == 0)
    return "\n".join([*parts, "</svg>", ""])


def _hues(inks: Sequence[str]) -> str:
    return "".join(
        f".line.h{number}{{stroke:{ink}}}.end.h{number}{{fill:{ink}}}"
        for number, ink in enumerate(inks)
    )


def _panel(panel: Panel, left: float, *, is_first: bool) -> Iterator[str]:
    yield f'<g transform="translate({left} {TOP})">'
    yield f'<text class="end" y="-30">{escape(panel.heading)}</text>'
    yield f'<text class="small quiet" y="-11">{escape(panel.about)}</text>'
    for value, words in TICKS.items():
        yield from _tick(_at(value), words, with_rows=is_first)
    yield f'<path class="all" d="M0 {_y(LOWEST):.1f}L{SIDE - 60} {_y(HIGHEST):.1f}"/>'
    for number, points in enumerate(panel.lines.values()):
        yield _line(points, number)
    yield from _names(panel.lines)
    yield _quiet((SIDE - 60) / 2, _y(LOWEST) + 44, "middle", "people a second who press the button")
    yield "</g>"


def _tick(at: float, words: str, *, with_rows: bool) -> Iterator[str]:
    x, y, bottom, right = _x_of(at), _y_of(at), _y(LOWEST), SIDE - 60
    yield f'<path class="grid" d="M{x:.1f} 0V{bottom:.1f}M0 {y:.1f}H{right}"/>'
    yield _quiet(x, bottom + 20, "middle", words)
    if with_rows:
        yield _quiet(-8, y + 4, "end", words)


def _quiet(x: float, y: float, anchor: str, words: str) -> str:
    return (
        f'<text class="small quiet" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'
    )


def _line(points: Points, number: int) -> str:
    way = "L".join(f"{_x_of(_at(asked)):.1f} {_y(carried):.1f}" for asked, carried in points)
    return f'<path class="line h{number}" d="M{way}"/>'


def _names(lines: Mapping[str, Points]) -> Iterator[str]:
    """Each line's name at its end, moved up where two would touch."""
    lowest = math.inf
    for number, (name, points) in enumerate(lines.items()):
        y = min(_y(points[-1][1]) + 4, lowest - 17)
        lowest = y
        yield f'<text class="small end h{number}" x="{SIDE - 54}" y="{y:.1f}">{escape(name)}</text>'


def _at(value: float) -> float:
    """Where a value stands between the lowest and the highest: 0 to 1."""
    return math.log(value / LOWEST) / math.log(HIGHEST / LOWEST)


def _x_of(at: float) -> float:
    return at * (SIDE - 60)


def _y_of(at: float) -> float:
    return (1 - at) * (HEIGHT - TOP - 76)


def _y(value: float) -> float:
    return _y_of(_at(value))
