"""Which way each part of a line runs: the implicit part of the Unicode bidirectional algorithm.

Source: UAX #9, rules P2, P3, W1 to W7, N0 to N2, I1, I2, L1 and L2. Embeddings, overrides and
isolates never get here: they are removed at the boundary. Pillow's own layout does all this too,
but only within one font, and a line may need several.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

MARKS = "\u200e\u200f"  # before a line: its base level is 0, or 1, whatever it begins with

_STRONG = {"L": "L", "R": "R", "AL": "R"}
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))
_NUMBERS = ("EN", "AN")
_OPENING, _CLOSING = "([{（［｛「『【《〈〔", ")]}）］｝」』】》〉〕"


def has_right_to_left(text: str) -> bool:
    """Whether anything in the text runs from right to left."""
    return any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text)


def base_level(text: str) -> int:
    """1 if the first letter runs from right to left, else 0 (P2, P3)."""
    for character in text:
        kind = _STRONG.get(unicodedata.bidirectional(character))
        if kind:
            return int(kind == "R")
    return 0


def levels(characters: Sequence[str], base: int) -> list[int]:
    """The level of each character: even runs to the right, odd to the left. Blanks at the end
    of the line stay on the base level."""
    kinds = [unicodedata.bidirectional(character) or "L" for character in characters]
    outside = "R" if base else "L"
    _resolve_weak(kinds, outside)
    _resolve_brackets(characters, kinds, outside)
    _resolve_neutral(kinds, outside)
    found = [_level(kind, base) for kind in kinds]
    for place in range(len(found) - 1, -1, -1):
        if not characters[place].isspace():
            break
        found[place] = base
    return found


def visual_order(items: Sequence[Item], item_levels: Sequence[int]) -> list[Item]:
    """The items of a line as they stand from left to right (L2)."""
    order = list(range(len(items)))
    for level in range(max(item_levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and item_levels[order[end]] >= level:
                end += 1
            order[start:end] = reversed(order[start:end])
            start = end + 1
    return [items[place] for place in order]


def _resolve_weak(kinds: list[str], outside: str) -> None:
    _resolve_marks(kinds, outside)
    _resolve_arabic(kinds, outside)
    _resolve_separators(kinds)
    _resolve_terminators(kinds)
    strong = outside
    for place, kind in enumerate(kinds):
        strong = kind if kind in "LR" else strong
        if kind in ("ES", "ET", "CS"):  # W6
            kinds[place] = "ON"
        elif kind == "EN" and strong == "L":  # W7
            kinds[place] = "L"


def _resolve_marks(kinds: list[str], outside: str) -> None:
    before = outside
    for place, kind in enumerate(kinds):  # W1
        if kind == "NSM":
            kinds[place] = before
        before = kinds[place]


def _resolve_arabic(kinds: list[str], outside: str) -> None:
    strong = outside
    for place, kind in enumerate(kinds):
        if kind in _STRONG:
            strong = kind
        if kind == "EN" and strong == "AL":  # W2
            kinds[place] = "AN"
        elif kind == "AL":  # W3
            kinds[place] = "R"


def _resolve_separators(kinds: list[str]) -> None:
    for place in range(1, len(kinds) - 1):  # W4
        before, kind, after = kinds[place - 1 : place + 2]
        one_between_numbers = before == after and before in _NUMBERS
        if one_between_numbers and (kind == "CS" or (kind == "ES" and before == "EN")):
            kinds[place] = before


def _resolve_terminators(kinds: list[str]) -> None:
    for start, end in _stretches(kinds, ("ET",)):  # W5
        if "EN" in (_at(kinds, start - 1, ""), _at(kinds, end, "")):
            kinds[start:end] = ["EN"] * (end - start)


def _resolve_brackets(characters: Sequence[str], kinds: list[str], outside: str) -> None:
    """A pair of brackets runs like what is inside it, or, if that runs both ways or the other
    way, like the line or what stands before it (N0)."""
    for start, end in _brackets(characters, kinds):
        inside = {_side(kind) for kind in kinds[start + 1 : end]} & {"L", "R"}
        if outside in inside:
            kinds[start] = kinds[end] = outside
        elif inside:
            before = [_side(kind) for kind in kinds[:start] if _side(kind) in "LR"]
            kinds[start] = kinds[end] = before[-1] if before else outside


def _brackets(characters: Sequence[str], kinds: list[str]) -> list[tuple[int, int]]:
    """Where pairs open and close, in the order of opening."""
    pairs = []
    opened: list[tuple[int, str]] = []
    for place, character in enumerate(characters):
        if kinds[place] != "ON":
            continue
        if character in _OPENING:
            opened.append((place, _CLOSING[_OPENING.index(character)]))
        elif any(closing == character for _, closing in opened):
            while opened[-1][1] != character:
                opened.pop()
            pairs.append((opened.pop()[0], place))
    return sorted(pairs)


def _resolve_neutral(kinds: list[str], outside: str) -> None:
    for start, end in _stretches(kinds, ("ON", "WS", "B", "S", "BN")):
        before = _side(_at(kinds, start - 1, outside))
        after = _side(_at(kinds, end, outside))
        kinds[start:end] = [before if before == after else outside] * (end - start)  # N1, N2


def _stretches(kinds: list[str], wanted: tuple[str, ...]) -> list[tuple[int, int]]:
    """From where to where only the wanted kinds stand."""
    found = []
    start = None
    for place, kind in enumerate((*kinds, "")):
        if kind in wanted and start is None:
            start = place
        elif kind not in wanted and start is not None:
            found.append((start, place))
            start = None
    return found


def _at(kinds: list[str], place: int, outside: str) -> str:
    return kinds[place] if 0 <= place < len(kinds) else outside


def _side(kind: str) -> str:
    return "R" if kind in _NUMBERS else kind


def _level(kind: str, base: int) -> int:
    if base % 2 == 0:
        return base + {"L": 0, "R": 1}.get(kind, 2)  # I1
    return base + {"R": 0}.get(kind, 1)  # I2
