"""Our own part of the package: a copy of the app, without what only a laptop needs."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.local.translations import compile_outdated
from deploy import bytecode, templates
from deploy.folders import ROOT

PARTS = ("wsgi.py", "app", "templates", "static", "translations")
# Nothing but these: a key or a note that lies about in a folder stays at home.
SUFFIXES = {".py", ".html", ".txt", ".css", ".js", ".svg", ".json", ".otf", ".ttf", ".po"}
LEFT_OUT = {"app/local", "templates/dev"}


def copy(folder: Path) -> Path:
    """Make the folder that Zappa packages, with catalogues and bytecode; the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for source in sorted(_sources()):
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    _compile_catalogues(folder / "translations")
    templates.compile_into(folder / "compiled_templates")
    bytecode.compile_folder(folder)
    return folder


def _sources() -> list[Path]:
    found = [path for part in PARTS for path in ((ROOT / part), *(ROOT / part).rglob("*"))]
    return [path for path in found if path.is_file() and _belongs(path)]


def _belongs(path: Path) -> bool:
    inside = path.relative_to(ROOT)
    folders = {parent.as_posix() for parent in inside.parents}
    hidden = any(part.startswith(".") for part in inside.parts)
    return path.suffix in SUFFIXES and not hidden and not folders & LEFT_OUT


def _compile_catalogues(folder: Path) -> None:
    """The texts that translators edit are not read at run time."""
    compile_outdated(folder)
    for source in folder.rglob("*.po"):
        source.unlink()
