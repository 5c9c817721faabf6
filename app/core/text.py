"""Text from outside, normalised once at the boundary, and text in the conference's languages."""

from __future__ import annotations

import re
from unicodedata import category, normalize

LANGUAGES = ("ko", "en")
UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"

# Embeddings, overrides and isolates (UAX #9): they could reorder the text that follows.
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Letters and symbols by category, yet blank: Hangul fillers, the empty Braille pattern.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_BLANKS = re.compile(r"[^\S\n]+")


class Localised(dict[str, str]):
    """One text in several languages: {"ko": ..., "en": ...}."""

    def in_(self, language: str) -> str:
        """The text in `language`, else in the first language that has it, else ''."""
        return self.get(language) or next((text for text in self.values() if text), "")


def clean(text: str) -> str:
    """Text as it is kept: NFC, without bidi controls, blanks trimmed and runs of them made one."""
    return _BLANKS.sub(" ", normalize("NFC", _BIDI_CONTROLS.sub("", text))).strip()


def clean_digits(text: str) -> str:
    """Like `clean`, with full-width and other compatibility forms made plain (NFKC)."""
    return clean(normalize("NFKC", text))


def without_format_signs(text: str) -> str:
    """The text without zero-width and other format characters, which come along when pasting."""
    return "".join(sign for sign in text if category(sign) != "Cf")


def without_controls(text: str) -> str:
    """The text with UNPRINTABLE for each control character (NUL, line break, ...), so that it
    can be shown again to whoever typed it."""
    return "".join(UNPRINTABLE if category(sign) == "Cc" else sign for sign in text)


def is_blank(text: str) -> bool:
    """Whether nothing in it can be seen: blanks, marks without a letter, joiners, fillers."""
    return all(category(sign)[0] in "ZCM" or sign in _FILLERS for sign in text)
