"""Where things stand in the checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = ROOT / "zappa_settings.json"
REQUIREMENTS = ROOT / "requirements"
BUILD = ROOT / "build" / "package"
