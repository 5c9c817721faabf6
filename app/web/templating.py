"""What templates may say beyond plain Jinja: assets, icons, times in a zone, languages."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from babel import dates
from flask import Flask, request
from flask_babel import get_locale, get_translations, gettext
from jinja2 import ModuleLoader
from markupsafe import Markup, escape

from app import config
from app.core.text import LANGUAGES, Localised
from app.web import assets

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
# Only in the package: there, compiling them would be a fifth of a cold start.
COMPILED = ROOT / "compiled_templates"
ICONS = STATIC / "vendor" / "material-symbols"
NAMES = {"ko": "한국어", "en": "English"}

# Babel's patterns. Day and month names come from its en_GB, which also writes "10:00 am".
# \u00a0 keeps together what reads as one.
PATTERNS = {
    "ko": {
        "day": "M월 d일",
        "date": "y년 M월 d일 (E)",
        "moment": "M월 d일 H:mm",
        "time": "H:mm",
        "short": "y년 M월 d일 (E)",
    },
    "en": {
        "day": "d MMMM",
        "date": "EEEE d\u00a0MMMM y",
        "moment": "EEE\u00a0d\u00a0MMMM, h:mm\u00a0a",
        "time": "h:mm\u00a0a",
        "short": "EEE\u00a0d\u00a0MMM y",
    },
}
WITH_YEAR = {"ko": "y년 M월 d일 (E) H:mm", "en": "EEEE d\u00a0MMMM y, h:mm\u00a0a"}
JOINED = {"ko": "{date} {time}", "en": "{date}, {time}"}
BABEL = {"ko": "ko", "en": "en_GB"}


class Switch(NamedTuple):
    """The link to this page in the other language."""

    url: str
    label: str
    hreflang: str


def install(app: Flask) -> None:
    """Give the templates of `app` everything below, and serve the static files."""
    assets.install(app, STATIC)
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    if COMPILED.is_dir():
        env.loader = ModuleLoader(COMPILED)
    env.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined] # of the i18n extension
    env.globals.update(
        asset=assets.url,
        icon=icon,
        language_switch=language_switch,
        page_language=language,
        span=span,
        pass_days=pass_days,
        zone_name=zone_name,
        name_size=name_size,
        public_url=lambda: config.settings.public_url,
        languages=LANGUAGES,
    )
    env.filters.update(
        local=local,
        other=other,
        day=day,
        moment=moment,
        letters=letters,
        paragraphs=paragraphs,
        linked=linked,
        iso=iso,
    )
    app.context_processor(lambda: {"lang": language()})


def language() -> str:
    """Return the page's language, one of NAMES."""
    locale = get_locale()
    return locale.language if locale and locale.language in NAMES else "ko"


# Flask-Babel finds the catalogue anew for each of a page's sixty strings; kept, they cost a third.


def _gettext(text: str) -> str:
    return _translated(language(), text)


def _ngettext(one: str, many: str, count: int) -> str:
    return _translated_number(language(), one, many, count)


@cache
def _translated(_language: str, text: str) -> str:
    return str(get_translations().ugettext(text))


@lru_cache(4096)
def _translated_number(_language: str, one: str, many: str, count: int) -> str:
    return str(get_translations().ungettext(one, many, count))


def language_switch(path: str | None = None) -> Switch:
    """Return the link to the other language, of this page or (where a form was sent) of `path`."""
    other = "en" if language() == "ko" else "ko"
    address = path.split("?")[0] if path else request.script_root + quote(request.path)
    return Switch(f"{address}?lang={other}", NAMES[other], other)


def local(text: Localised | None) -> str:
    """Return a text in the page's language, in the other one where that is missing, else ''."""
    return text.in_(language()) if text else ""


def other(text: Localised | None) -> str:
    """Return a text in the language that `local` did not pick, '' if there is only one."""
    if not text:
        return ""
    return next((value for value in text.values() if value and value != local(text)), "")


@cache
def icon(name: str, size: int = 24, filled: bool = False) -> Markup:
    """Return a picture coloured like the text; FileNotFoundError if it is not vendored."""
    file = ICONS / f"{name}{'-fill' if filled else ''}.svg"
    path = re.search(r' d="([^"]+)"', file.read_text(encoding="utf-8"))
    if path is None:
        raise ValueError(file)
    return Markup(
        '<svg class="lan-icon" width="{0}" height="{0}" viewBox="0 -960 960 960"'
        ' fill="currentColor" aria-hidden="true"><path d="{1}"/></svg>'
    ).format(size, path[1])


def day(ms: int, zone: str) -> str:
    """Return the day of a moment (ms UTC) without its year: `10월 17일`, `17 October`."""
    return _written(ms, zone, language(), "day")


def moment(ms: int, zone: str, beside: int | None = None) -> str:
    """Return day and time of a moment (ms UTC), without the year if `beside` lies in it too."""
    lang = language()
    if beside is not None and _at(ms, zone).year == _at(beside, zone).year:
        return _written(ms, zone, lang, "moment")
    return _formatted(ms, zone, lang, WITH_YEAR[lang])


def span(start: int, end: int, zone: str) -> str:
    """Return when a conference is: `2026년 10월 17일 (토) 10:00 – 18:00`."""
    return _span(start, end, zone, language())


def pass_days(start: int, end: int, zone: str) -> tuple[str, ...]:
    """Return the lines that say on a pass when a conference is."""
    lang = language()
    first = (_written(start, zone, lang, "short"), f"{_clock(start, zone)}–{_clock(end, zone)}")
    if _at(start, zone).date() == _at(end, zone).date():
        return first
    last = _written(end, zone, lang, "short")
    return first[0], f"{_clock(start, zone)} –", last, _clock(end, zone)


def _clock(ms: int, zone: str) -> str:
    return _formatted(ms, zone, "ko", "H:mm")


def zone_name(zone: str) -> str:
    """Return the zone in words: `한국 시간`, `Central European time`."""
    if zone == "Asia/Seoul":
        return gettext("Korean time")
    return _zone_name(zone, language())


def iso(ms: int) -> str:
    """Return a moment as `<time datetime>` wants it."""
    return datetime.fromtimestamp(ms // 1000, UTC).isoformat().replace("+00:00", "Z")


@lru_cache(4096)
def _span(start: int, end: int, zone: str, lang: str) -> str:
    first = JOINED[lang].format(
        date=_written(start, zone, lang, "date"), time=_written(start, zone, lang, "time")
    )
    begins, ends = _at(start, zone), _at(end, zone)
    if begins.date() == ends.date():
        return f"{first} – {_written(end, zone, lang, 'time')}"
    kind = WITH_YEAR[lang] if begins.year != ends.year else PATTERNS[lang]["moment"]
    return f"{first} – {_formatted(end, zone, lang, kind)}"


def _written(ms: int, zone: str, lang: str, kind: str) -> str:
    return _formatted(ms, zone, lang, PATTERNS[lang][kind])


@lru_cache(4096)
def _formatted(ms: int, zone: str, lang: str, pattern: str) -> str:
    return dates.format_datetime(_at(ms, zone), pattern, locale=BABEL[lang])


def _at(ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(zone))


@lru_cache(256)
def _zone_name(zone: str, lang: str) -> str:
    name = dates.get_timezone_name(ZoneInfo(zone), zone_variant="generic", locale=BABEL[lang])
    return name.removesuffix(" Time") + " time" if name.endswith(" Time") else name


def letters(code: str) -> str:
    """Return a pass's code in letters as people read it aloud, 4 + 4."""
    return f"{code[:4]} {code[4:]}"


def paragraphs(text: str) -> Markup:
    """Return plain text as paragraphs, parted at its empty lines."""
    parts = (escape(part.strip()) for part in re.split(r"\n\s*\n", text) if part.strip())
    return Markup("").join(Markup("<p>{}</p>").format(part) for part in parts)


def linked(text: str, address: str) -> Markup:
    """Return a sentence whose [part in brackets] is a link that opens beside the page.

    Without brackets the whole sentence is the link.
    """
    found = re.fullmatch(r"([^\[]*)\[([^\]]+)\](.*)", text, re.DOTALL)
    before, part, after = found.groups() if found else ("", text, "")
    return Markup('{}<a href="{}" target="_blank">{}</a>{}').format(before, address, part, after)


# The sizes of a name on the pass, in its 1,050ths, with the lines that each may take.
NAME_SIZES = ((218, 1), (184, 1), (152, 1), (128, 2), (112, 2), (96, 3), (84, 3), (72, 3))
BROKEN_SIZES = ((72, 2), (60, 4), (48, 6))  # where a word is wider than a line
NAME_WIDTH = 922
WIDE, NARROW = 0.95, 0.62  # of the size, a little more than system fonts need


@lru_cache(1024)
def name_size(name: str) -> int:
    """Return the largest size at which a name fits, measured roughly (the image does it well)."""
    words = [sum(map(_advance, word)) for word in re.findall(r"[^\s-]+-?", name)]
    widest = max(words, default=0)
    whole = [(size, lines) for size, lines in NAME_SIZES if widest <= NAME_WIDTH / size]
    sizes = [*whole, *BROKEN_SIZES]
    fitting = (size for size, lines in sizes if _lines(words, NAME_WIDTH / size) <= lines)
    return next(fitting, BROKEN_SIZES[-1][0])


def _advance(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    return WIDE if unicodedata.east_asian_width(character) in "WF" else NARROW


def _lines(words: list[float], width: float) -> int:
    """Return how many lines of `width` the words need; a word that is wider is broken."""
    count, used = 1, 0.0
    for word in words:
        if used and used + word > width:
            count, used = count + 1, 0.0
        broken = max(0, math.ceil(word / width) - 1)
        count, used = count + broken, used + word - broken * width + NARROW / 2
    return count
