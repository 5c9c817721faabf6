"""Where things stand in the checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = ROOT / "zappa_settings.json"
REQUIREMENTS = ROOT / "requirements"
BUILD = ROOT / "build" / "package"
# Hidden, because Zappa looks through the checkout for WebSockets: it would find those of its own
# handler, and make an API for them.
COLLECTED = BUILD / ".collected"
