"""Bytecode that Lambda takes as it is: otherwise every cold start compiles everything anew."""

from __future__ import annotations

import compileall
from pathlib import Path
from py_compile import PycInvalidationMode

TASK_ROOT = "/var/task"  # where Lambda unpacks the package; what tracebacks show


class CannotCompile(Exception):
    """A Python file of the package is not Python."""


def compile_folder(folder: Path) -> None:
    """Compile every Python file below, never to be compared with its source; raises CannotCompile.

    Files in the zip are of 1980, so bytecode that remembers the time of its source is never used.
    """
    done = compileall.compile_dir(
        folder,
        quiet=1,
        force=True,
        optimize=0,
        stripdir=str(folder),
        prependdir=TASK_ROOT,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        raise CannotCompile(f"Some of {folder} could not be compiled; see above.")
