"""`make package STAGE=dev`: the package that Zappa would deploy, to look at."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from deploy import stages
from deploy import target as targets
from deploy.folders import BUILD, ROOT

# With its fonts; Lambda takes 50 MB in a direct upload, and a cold start loads all of it.
LIMIT_MB = 32.0


class CannotPackage(Exception):
    """There is no package; the message says why."""


def make(stage: str) -> Path:
    """Let Zappa package a stage; where the zip is. Raises CannotPackage, NoSuchStage."""
    target = targets.target([stages.find(stage)])
    archive = BUILD / f"lanyard-{stage}-{target}.zip"
    BUILD.mkdir(parents=True, exist_ok=True)
    archive.unlink(missing_ok=True)
    _zappa("package", stage, "--output", str(archive))
    if size_mb(archive) > LIMIT_MB:
        raise CannotPackage(f"{archive} has {size_mb(archive):.1f} MB; the limit is {LIMIT_MB:g}.")
    return archive


def size_mb(path: Path) -> float:
    """Millions of bytes."""
    return path.stat().st_size / 1e6


def _zappa(*arguments: str) -> None:
    """Zappa wants some environment to be active; which one it packages is prebuild.py's choice."""
    command = [sys.executable, "-m", "zappa.cli", *arguments]
    environ = {**os.environ, "VIRTUAL_ENV": sys.prefix}
    if subprocess.run(command, check=False, cwd=ROOT, env=environ).returncode:  # noqa: S603  our own
        raise CannotPackage("Zappa made no package; see above.")


def main() -> None:
    """Package the stage that the command line names, and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m deploy.package", description=__doc__)
    parser.add_argument("stage")
    try:
        archive = make(parser.parse_args().stage)
    except (CannotPackage, stages.NoSuchStage, targets.CannotTarget) as error:
        raise SystemExit(str(error)) from None
    sys.stdout.write(f"{archive.relative_to(ROOT)}: {size_mb(archive):.1f} MB\n")


if __name__ == "__main__":
    main()
