"""Benches are scripts that stand beside each other: here they are found the same way."""

from __future__ import annotations

import sys

from app.local.venv import ROOT

sys.path.insert(0, str(ROOT / "bench"))
