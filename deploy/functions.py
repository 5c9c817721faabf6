"""A command of Lanyard's, run in the deployed function."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from botocore.config import Config

from deploy.live import Live

RUN = "app.entrypoints.cli.run"


class CommandFailed(Exception):
    """A command did not go well in the function; the message is what it said."""


@dataclass(frozen=True)
class Answer:
    """What a command printed, on both ways, and its exit code."""

    exit_code: int
    output: str
    errors: str


def command(live: Live, *words: str) -> str:
    """Run a command in the function; what it printed. Raises CommandFailed, NotThere."""
    answer = ask(live, *words)
    if answer.exit_code:
        said = answer.errors.strip() or answer.output.strip()
        raise CommandFailed(f"`{shlex.join(words)}` ended with {answer.exit_code}: {said}")
    return answer.output


def ask(live: Live, *words: str) -> Answer:
    """Run a command in the function, once: it may change something. Raises CommandFailed if the
    function broke off, NotThere if there is none."""
    live.require_function()
    patience = live.settings["timeout_seconds"] + 10
    once = Config(read_timeout=patience, retries={"total_max_attempts": 1})
    answer = live.aws.client("lambda", config=once).invoke(
        FunctionName=live.name, Payload=json.dumps({"command": RUN, "args": words})
    )
    said = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        reason = said.get("errorMessage") or said.get("errorType") or said
        raise CommandFailed(
            f"The function failed: {reason}. `make logs STAGE={live.stage}` shows what it wrote."
        )
    return Answer(**said)
