"""Lanyard on a laptop: an emulated AWS that starts and ends with the application."""

from __future__ import annotations

from app.config import Settings


def boot(settings: Settings) -> Settings:
    """See to it that this process has a cloud; the settings it then works with."""
    from app.local import server

    return server.boot(settings)
