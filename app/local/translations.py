"""Catalogues: the texts that translators edit, and the compiled files that are read at run time."""

from __future__ import annotations

from pathlib import Path

from app.local.venv import ROOT

FOLDER = ROOT / "translations"


def compile_outdated(folder: Path = FOLDER) -> list[Path]:
    """Compile each catalogue that is newer than its compiled file; the files written."""
    pairs = [(source, source.with_suffix(".mo")) for source in folder.rglob("*.po")]
    return [_compile(source, target) for source, target in pairs if _is_outdated(source, target)]


def _is_outdated(source: Path, target: Path) -> bool:
    return not target.exists() or target.stat().st_mtime < source.stat().st_mtime


def _compile(source: Path, target: Path) -> Path:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        catalogue = read_po(file)
    # Another process may read the file meanwhile: it sees the old one or the new one.
    fresh = target.with_suffix(".new")
    with fresh.open("wb") as file:
        write_mo(file, catalogue)
    return fresh.replace(target)


if __name__ == "__main__":
    compile_outdated()
