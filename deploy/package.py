"""`make package STAGE=dev`: the package that Zappa would deploy, to look at."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy import stages, zappa_cli
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
    if not zappa_cli.run("package", stage, "--output", str(archive)):
        raise CannotPackage("Zappa made no package; see above.")
    if size_mb(archive) > LIMIT_MB:
        raise CannotPackage(f"{archive} has {size_mb(archive):.1f} MB; the limit is {LIMIT_MB:g}.")
    return archive


def size_mb(path: Path) -> float:
    """Millions of bytes."""
    return path.stat().st_size / 1e6


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
