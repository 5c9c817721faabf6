"""A copy of this checkout, from which an operator deploys."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.folders import COLLECTED, ROOT, SETTINGS
from tests.e2e.account import Account

FOLLOWED_SECONDS = 60.0


@dataclass(frozen=True)
class Checkout:
    """The copy, and who works in it."""

    folder: Path
    operator: Account

    def python(self, *arguments: str) -> str:
        """Run a module of it as an operator does; what it printed. It must end well."""
        with self._run(*arguments) as process:
            printed, _ = process.communicate()
        assert process.returncode == 0, printed
        return printed

    def follow(self, words: str, *arguments: str) -> str:
        """Run a module that goes on for ever, and stop it after a line with these words; what it
        printed up to there."""
        with self._run(*arguments) as process:
            bound = threading.Timer(FOLLOWED_SECONDS, process.kill)
            bound.start()
            printed = _up_to(words, process)
            went_on = process.poll() is None
            process.terminate()
            bound.cancel()
        assert words in printed, printed
        assert went_on, printed
        return printed

    def _run(self, *arguments: str) -> subprocess.Popen[str]:
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"}
        return subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=self.folder,
            env=environ | self.operator.environ | {"VIRTUAL_ENV": sys.prefix},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def choose(self, stage: str, choices: dict[str, Any]) -> None:
        """Write into its settings."""
        path = self.folder / SETTINGS.name
        settings = json.loads(path.read_text(encoding="utf-8"))
        settings[stage] |= choices
        path.write_text(json.dumps(settings, indent=2), encoding="utf-8")


def _up_to(words: str, process: subprocess.Popen[str]) -> str:
    """What it prints, up to a line with these words, or to its end."""
    assert process.stdout
    printed = ""
    for line in process.stdout:
        printed += line
        if words in line:
            break
    return printed


def copy(folder: Path, operator: Account) -> Checkout:
    """A copy in that folder."""
    copy_files(folder)
    return Checkout(folder, operator)


def copy_files(folder: Path) -> None:
    """Copy what git knows here, or would, and the libraries collected for the package."""
    for source in _files():
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    for made in COLLECTED.glob("*/lambda-environment"):
        shutil.copytree(made, folder / made.relative_to(ROOT))


def _files() -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]
