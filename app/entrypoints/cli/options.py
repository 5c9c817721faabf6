"""What options and arguments can be, and texts in several languages out of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app.conferences import rules
from app.core.text import LANGUAGES, Localised, clean


class Moment(click.ParamType[datetime]):
    """A wall clock time in the conference's zone: 2026-10-17 10:00."""

    name = "yyyy-mm-dd hh:mm"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Read it; the zone is put to it later."""
        try:
            return datetime.strptime(value, "%Y-%m-%d %H:%M")  # noqa: DTZ007  zone comes later
        except ValueError:
            self.fail("write it as 2026-10-17 10:00", param, ctx)


class Zone(click.ParamType[str]):
    """A time zone by its IANA name."""

    name = "zone"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Return the name of a zone that there is."""
        if not rules.is_zone(value):
            self.fail("give an IANA name, for example Asia/Seoul", param, ctx)
        return str(value)


class TextFile(click.ParamType[str]):
    """A file of text in UTF-8."""

    name = "file"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Return what stands in it."""
        try:
            return Path(value).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.fail(f"cannot be read as UTF-8: {type(error).__name__}", param, ctx)


def localised(before: Localised, name: str, given: dict[str, Any]) -> Localised:
    """A text with what `<name>_<language>` in `given` says instead; an empty one goes."""
    keys = {lang: f"{name}_{lang}" for lang in LANGUAGES}
    after = {lang: clean(given[key]) for lang, key in keys.items() if key in given}
    return Localised({lang: text for lang, text in {**before, **after}.items() if text})
