"""The libraries of the package: collected for the target, trimmed, with their bytecode."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

from deploy import bytecode, trim
from deploy.folders import REQUIREMENTS
from deploy.target import Target

# All that Zappa's handler needs in Lambda beyond our own libraries; Zappa's other thirty are for
# the deploying machine.
HANDLER = ("zappa", "durationpy")


class CannotCollect(Exception):
    """pip could not collect the libraries; the message is what it said."""


def environment(target: Target, folder: Path) -> Path:
    """A folder like a virtual environment, with what runs in Lambda; made if it is outdated.

    Raises CannotCollect.
    """
    stamp = folder / "made-from"
    if not stamp.exists() or stamp.read_text() != _recipe(target):
        shutil.rmtree(folder, ignore_errors=True)
        collect(target, site_packages(target, folder))
        trim.trim(site_packages(target, folder))
        bytecode.compile_folder(site_packages(target, folder))
        stamp.write_text(_recipe(target))
    return folder


def site_packages(target: Target, folder: Path) -> Path:
    """Where Zappa looks for libraries in a virtual environment."""
    return folder / "lib" / f"python{target.python}" / "site-packages"


def collect(target: Target, site: Path) -> None:
    """Put the wheels for the target there, whatever machine this is; raises CannotCollect."""
    site.mkdir(parents=True)
    handler = site.parent / "handler.txt"
    handler.write_text(pins(REQUIREMENTS / "deploy.txt", HANDLER))
    _pip(
        *("install", "--target", str(site), "--no-deps", "--no-compile", "--only-binary=:all:"),
        *("--implementation", "cp", "--python-version", target.python),
        *(word for tag in target.platforms for word in ("--platform", tag)),
        *("--require-hashes", "-r", str(REQUIREMENTS / "runtime.txt"), "-r", str(handler)),
    )


def install(folder: Path, requirements: Path) -> None:
    """Put pinned libraries of this machine into an empty folder; raises CannotCollect."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pinned = ("--require-hashes", "-r", str(requirements))
    _pip("install", "--target", str(folder), "--no-deps", *pinned)


def pins(requirements: Path, names: tuple[str, ...]) -> str:
    """The lines of a file of requirements that pin these libraries, with their hashes."""
    pinned = re.split(r"\n(?=\S)", requirements.read_text())
    return "\n".join(each for each in pinned if each.partition("==")[0] in names)


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--no-input", "--disable-pip-version-check", *arguments]
    result = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  our own
    if result.returncode:
        raise CannotCollect(result.stderr.strip())


def _recipe(target: Target) -> str:
    """What the environment follows from: the pins, and how they are collected and trimmed."""
    sources = [
        *(REQUIREMENTS / name for name in ("runtime.txt", "deploy.txt")),
        *(Path(str(module.__file__)) for module in (sys.modules[__name__], trim, bytecode)),
    ]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources))
    return f"{target} {digest.hexdigest()}"
