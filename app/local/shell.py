"""A shell of an emulated AWS: `python -m app.local.shell`, from a second terminal.

It is on the cloud of the Lanyard that runs (`make run` in the first terminal). With the word
`account` it is on an AWS account to practise with: empty, in memory, gone with the shell, and with
all the services that a deployed stage has.

The `aws` command there is ours (aws_command.py), so that nothing has to be installed; `flask` and
`python` are those of .venv. Nothing of another account is left in the environment.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from app import config
from app.config import LOCAL, Settings
from app.local import cloud

# Our `aws`.
PROGRAMS = Path(__file__).with_name("bin")
PROMPT = "lanyard $ "
# What a deployed stage consists of, and what deploying asks.
ACCOUNT_SERVICES = (
    *cloud.SERVICES,
    *("acm", "apigateway", "cloudformation", "cloudfront", "events", "iam", "lambda", "logs"),
    *("monitoring", "route53", "sts"),
)


class NotRunning(Exception):
    """There is no cloud to have a shell of; the message says what to do."""


def on_running(settings: Settings) -> int:
    """A shell on the cloud of the settings' folder; its exit code. Raises NotRunning."""
    running = cloud.attach(settings)
    if running is None:
        raise NotRunning(
            f"No Lanyard is running on the folder {settings.data_dir}: start it with `make run` in "
            "another terminal, then run this again."
        )
    try:
        _greet("the cloud of the running Lanyard; `exit` leaves it")
        return _shell(running.endpoint, settings, _settings_as_environ(settings))
    finally:
        running.stop()


def in_account(settings: Settings) -> int:
    """A shell in an account of its own; its exit code. Raises CloudFailed."""
    with cloud.ephemeral(settings.region, ACCOUNT_SERVICES) as account:
        _greet("an AWS account to practise with; `exit` ends it, and all that is in it")
        return _shell(account.endpoint, settings, {})


def _shell(endpoint: cloud.Endpoint, settings: Settings, more: Mapping[str, str]) -> int:
    kept = _without_other_accounts()
    environ = {**kept, **cloud.environ_for(endpoint, settings.region), **more, "PS1": PROMPT}
    own = (str(PROGRAMS), str(Path(sys.executable).parent))
    environ["PATH"] = os.pathsep.join([*own, environ.get("PATH", os.defpath)])
    return subprocess.run(_program(), env=environ, check=False).returncode  # noqa: S603  as asked


def _program() -> list[str]:
    """At a terminal bash, without the user's own files, which may put other programs first in the
    path; without a terminal sh, which reads commands."""
    bash = shutil.which("bash") if sys.stdin.isatty() else None
    return [bash, "--norc", "--noprofile", "-i"] if bash else ["sh"]


def _without_other_accounts() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def _settings_as_environ(settings: Settings) -> dict[str, str]:
    return {
        "LANYARD_STAGE": LOCAL,
        "LANYARD_DATA": str(settings.data_dir),
        "PORT": str(settings.port),
        "PUBLIC_URL": settings.public_url,
    }


def _greet(what: str) -> None:
    if sys.stdin.isatty():
        sys.stderr.write(f"This shell speaks to {what}.\n")


def main() -> None:
    """Open the shell that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m app.local.shell", description=__doc__)
    parser.add_argument("where", nargs="?", choices=["account"])
    where = parser.parse_args().where
    try:
        raise SystemExit((in_account if where else on_running)(config.settings))
    except (NotRunning, cloud.CloudFailed) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
