"""The command line: what an operator may need, the same on a laptop and in Lambda.

In Lambda: `aws lambda invoke --payload '{"command": "app.entrypoints.cli.run", "args":
["registration", "list", "demo"]}'`; Zappa's handler calls `run`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app.entrypoints.context import entered

# Where each stands in this package; imported when it is called: a web request needs none of them.
COMMANDS = {
    "conference": "conference.group",
    "ticket-type": "ticket_type.group",
    "registration": "registration.group",
    "pass": "passes.group",
    "site": "site.group",
    "dead-letters": "dead_letters.group",
    "doctor": "doctor.doctor",
    "due": "due.due",
}


class Commands(AppGroup):
    """All commands, by their names."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names, as help shows them."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  likewise
        """Return one, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(".")
        found: click.Command = getattr(import_module(f"{__name__}.{module}"), name)
        return found


def install(app: Flask) -> None:
    """Give the `flask` command these."""
    app.cli = Commands(app.name)


def run(event: dict[str, Any], context: object) -> dict[str, object]:
    """Run one command in Lambda: `event["args"]` are its words; its exit code, output
    and errors."""
    with entered(context):
        result = current_app.test_cli_runner().invoke(args=event["args"])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
    return Unprinted(exit_code=result.exit_code, output=result.stdout, errors=result.stderr)


class Unprinted(dict[str, object]):
    """What Zappa returns to the caller but shall not print into the log: it prints results."""

    def __repr__(self) -> str:
        return "(the output went to the caller)"
