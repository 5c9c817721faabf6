"""The embedded cloud's own virtual environment: it pins packages that the application does not."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv-cloud"
REQUIREMENTS = ROOT / "requirements" / "cloud.txt"


class CannotInstall(Exception):
    """The environment could not be made; the message says what to do."""


def ensure() -> Path:
    """The Python of the cloud's environment, which is made first if it is missing or outdated.

    Raises CannotInstall.
    """
    python = FOLDER / "bin" / "python"
    with REQUIREMENTS.open() as lock:  # several processes may want it at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current(python):
            _say(f"Installing the embedded cloud into {FOLDER.name} (once, some seconds)")
            _make(python)
            _stamp().write_text(_wanted())
    return python


def _is_current(python: Path) -> bool:
    return python.exists() and _stamp().exists() and _stamp().read_text() == _wanted()


def _stamp() -> Path:
    return FOLDER / "lanyard-requirements"


def _wanted() -> str:
    version = ".".join(map(str, sys.version_info[:2]))
    return f"{version} {hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()}"


def _make(python: Path) -> None:
    """Without a pip of its own: Debian packs that part of venv separately, and ours will do."""
    if not _has_pip():
        raise CannotInstall(f"{sys.executable} has no pip, which installs the embedded cloud")
    _run("-m", "venv", "--clear", "--without-pip", str(FOLDER))
    pip = ("-m", "pip", "--python", str(python), "--disable-pip-version-check")
    _run(*pip, "install", "--quiet", "--no-input", "--require-hashes", "-r", str(REQUIREMENTS))


def _has_pip() -> bool:
    """Asked of what is installed: looking for the module has setuptools replace distutils."""
    try:
        importlib.metadata.distribution("pip")
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _run(*arguments: str) -> None:
    command = [sys.executable, *arguments]
    result = subprocess.run(  # noqa: S603  a command of our own
        command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if result.returncode:
        raise CannotInstall(f"the embedded cloud could not be installed:\n{result.stdout.strip()}")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
