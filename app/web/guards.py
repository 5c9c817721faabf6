"""Who may come in, and what may be kept of the answer. Every blueprint has one of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app import config
from app.core.errors import NotFound


@dataclass(frozen=True)
class Guard:
    """`check` raises a refusal; answers of a private guard are never stored or indexed."""

    name: str
    check: Callable[[], None]
    private: bool


def _everybody() -> None:
    """Nothing to check."""


def _local_mode() -> None:
    if not config.settings.is_local:
        raise NotFound


PUBLIC = Guard("public", _everybody, private=False)
OWN_BROWSER = Guard("own browser", _everybody, private=True)
LOCAL_MODE = Guard("local mode", _local_mode, private=True)
