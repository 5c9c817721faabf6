"""What is due."""

from __future__ import annotations

import click

from app.entrypoints import schedule
from app.entrypoints.cli.printing import as_json, print_rows


@click.command("due")
@as_json
def due(as_json: bool) -> None:
    """Do at once what the 5-minute schedule does."""
    print_rows([schedule.every_five_minutes({}, None)], as_json)
