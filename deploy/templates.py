"""Templates as Python: Jinja would compile each of them at every cold start.

`python -m deploy.templates <folder>` writes a module for every template that the deployed app has,
by the app's own Jinja; `app.web.templating` looks for the folder. A process of its own, because the
app reads its settings once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from deploy.folders import ROOT

ONLY_ON_A_LAPTOP = "dev/"


class CannotCompile(Exception):
    """A template cannot be compiled; the message says which, and why."""


def compile_into(folder: Path) -> None:
    """Make the folder; raises CannotCompile."""
    command = [sys.executable, "-m", "deploy.templates", str(folder)]
    environ = {**os.environ, "LANYARD_STAGE": "dev"}  # any stage in the cloud: it has none here
    result = subprocess.run(  # noqa: S603  our own
        command, check=False, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True
    )
    if result.returncode:
        raise CannotCompile(result.stderr.strip())


def main() -> None:
    """Compile into the folder that the command line names."""
    from wsgi import app

    app.jinja_env.compile_templates(
        sys.argv[1],
        zip=None,
        filter_func=lambda name: not name.startswith(ONLY_ON_A_LAPTOP),
        ignore_errors=False,
    )


if __name__ == "__main__":
    main()
