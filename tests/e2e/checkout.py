"""A copy of this checkout, from which an operator deploys."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.folders import COLLECTED, ROOT, SETTINGS
from tests.e2e.account import Account


@dataclass(frozen=True)
class Checkout:
    """The copy, and who works in it."""

    folder: Path
    operator: Account

    def python(self, *arguments: str) -> str:
        """Run a module of it as an operator does; what it printed. It must end well."""
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"}
        result = subprocess.run(
            [sys.executable, "-m", *arguments], cwd=self.folder,
            env=environ | self.operator.environ | {"VIRTUAL_ENV": sys.prefix}, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert result.returncode == 0, result.stdout
        return result.stdout

    def choose(self, stage: str, choices: dict[str, Any]) -> None:
        """Write into its settings."""
        path = self.folder / SETTINGS.name
        settings = json.loads(path.read_text(encoding="utf-8"))
        settings[stage] |= choices
        path.write_text(json.dumps(settings, indent=2), encoding="utf-8")


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
