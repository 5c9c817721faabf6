"""The real Zappa, as an operator would type it."""

from __future__ import annotations

import os
import subprocess
import sys

from deploy.folders import ROOT


def run(*arguments: str) -> bool:
    """Run one command of Zappa; whether it went well, as far as Zappa says so.

    It wants some environment to be active; which one it packages is prebuild.py's choice.
    """
    command = [sys.executable, "-m", "zappa.cli", *arguments]
    environ = {**os.environ, "VIRTUAL_ENV": sys.prefix}
    return subprocess.run(command, check=False, cwd=ROOT, env=environ).returncode == 0  # noqa: S603  our own
