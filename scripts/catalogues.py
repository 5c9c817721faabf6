"""Keeps the translations in step with the sources.

`--update` brings new texts into the catalogues; `--check` tells what lacks a translation.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "translations"
BABEL = (sys.executable, "-m", "babel.messages.frontend", "-q")
SOURCES = ("app", "templates")


def extract(target: Path) -> Catalog:
    """All texts of the sources, also written to that file."""
    _babel(
        "extract", "-F", "babel.cfg", "-k", "lazy_gettext", "--no-location", "-o", str(target),
        *SOURCES,
    )  # fmt: skip
    return _read(target)


def update() -> None:
    """Bring new texts into every catalogue, and drop those no longer used."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        extract(template)
        _babel(
            "update", "-i", str(template), "-d", str(FOLDER), "--no-fuzzy-matching",
            "--ignore-obsolete",
        )  # fmt: skip


def problems() -> list[str]:
    """One line for each text that a catalogue lacks, or has in vain."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = extract(Path(folder) / "messages.pot")
    return [
        f"{file.relative_to(ROOT)}: {problem}"
        for file in sorted(FOLDER.rglob("*.po"))
        for problem in compare(wanted, _read(file))
    ]


def compare(wanted: Catalog, found: Catalog) -> list[str]:
    """What is wrong with one catalogue."""
    texts = [message for message in wanted if message.id]
    missing = [text for text in texts if not _is_done(found.get(text.id, text.context))]
    unused = [text for text in found if text.id and wanted.get(text.id, text.context) is None]
    return [f"not translated: {text.id!r}" for text in missing] + [
        f"no longer used: {text.id!r}" for text in unused
    ]


def _is_done(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return all(strings)


def _read(file: Path) -> Catalog:
    with file.open("rb") as handle:
        return read_po(handle)


def _babel(*arguments: str) -> None:
    subprocess.run([*BABEL, *arguments], check=True, cwd=ROOT)


def main() -> int:
    """Do what is asked; 1 if there is anything to mend."""
    parser = argparse.ArgumentParser(description=__doc__)
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--update", action="store_true", help="bring new texts in")
    group.add_argument("--check", action="store_true", help="tell what lacks a translation")
    if parser.parse_args().update:
        update()
        return 0
    found = problems()
    print("\n".join(found) or "The catalogues are complete.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
