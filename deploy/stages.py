"""The stages of `zappa_settings.json`, as Zappa understands them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deploy.folders import SETTINGS

Stage = dict[str, Any]


class NoSuchStage(Exception):
    """The settings know no stage of that name; the message says which there are."""


def read(path: Path = SETTINGS) -> dict[str, Stage]:
    """All stages by name, each with what it takes over through `extends`."""
    written: dict[str, Stage] = json.loads(path.read_text(encoding="utf-8"))
    return {name: _resolved(written, name) for name in written}


def _resolved(written: dict[str, Stage], name: str) -> Stage:
    """Settings are taken over one by one and replaced whole, as Zappa does it."""
    own = written[name]
    base = _resolved(written, own["extends"]) if "extends" in own else {}
    return {**base, **own}


def find(name: str) -> Stage:
    """One stage; raises NoSuchStage."""
    known = read()
    if name not in known:
        raise NoSuchStage(f"There is no stage {name!r}. Choose one of: {', '.join(known)}.")
    return known[name]


def names_in(words: Iterable[str]) -> list[str]:
    """The stages that a command line names, or all of them where it names none."""
    known = read()
    return [word for word in words if word in known] or list(known)


def named_in(words: Iterable[str]) -> list[Stage]:
    """The same, each with its settings."""
    return [find(name) for name in names_in(words)]
