"""Dead letters."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.entrypoints import dead_letters
from app.entrypoints.cli.printing import as_json, print_rows

group = AppGroup("dead-letters", help="Events that failed for good.")


@group.command("list")
@as_json
def list_dead_letters(as_json: bool) -> None:
    """About how many events lie in each queue."""
    print_rows(
        [{"queue": name, "events": n} for name, n in dead_letters.waiting().items()], as_json
    )


@group.command("replay")
@as_json
def replay_dead_letters(as_json: bool) -> None:
    """Handle them once more; what fails again stays, and is told. Exit code 1 then."""
    replayed = dead_letters.replay()
    print_rows([{"handled": replayed.handled}], as_json)
    for sentence in replayed.refused:
        click.echo(sentence, err=True)
    if replayed.refused:
        raise SystemExit(1)
