"""What Zappa runs before it packages (`prebuild_script`), whoever called it and for whatever.

Zappa packages the folder that it runs in and the virtual environment that is active: here both
become folders made for Lambda. So `zappa deploy` and `zappa update`, typed by hand, bring the same
package as `make package`.
"""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]

_locks: list[IO[str]] = []


def prepare() -> None:
    """Lead Zappa to what it shall package, or end with the reason why there is nothing."""
    _make_importable()
    from deploy import base, bytecode, folders, libraries, project, stages, templates
    from deploy import target as targets
    from deploy.progress import say

    try:
        if {"deploy", "update"} & set(sys.argv[1:]):
            for stage in stages.names_in(sys.argv[1:]):
                base.require(stage)
        target = targets.target(stages.named_in(sys.argv[1:]))
        folder = folders.COLLECTED / str(target)
        _hold(folder)
        say(f"Collecting libraries for {target}")
        environment = libraries.environment(target, folder / "lambda-environment")
        say("Copying and compiling the app")
        place = project.copy(folder / "lambda-project")
    except (
        base.CannotPrepare,
        targets.CannotTarget,
        libraries.CannotCollect,
        bytecode.CannotCompile,
        templates.CannotCompile,
    ) as error:
        raise SystemExit(str(error)) from None
    os.environ["VIRTUAL_ENV"] = str(environment)
    os.chdir(place)


def _make_importable() -> None:
    """Zappa's own program does not look for modules in the folder it runs in."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))


def _hold(folder: Path) -> None:
    """Let two packagings follow one another, until this process ends."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    _locks.append(lock)
