"""What commands print, and the sentence in place of a refusal's traceback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar

import click

from app.core.errors import Refusal

Command = TypeVar("Command", bound=Callable[..., Any])
Row = Mapping[str, object]

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def in_sentences(command: Command) -> Command:
    """Turn a command's refusal into a sentence and exit code 1."""

    @wraps(command)
    def speaking(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Refusal as refusal:
            sentence = str(refusal) or (refusal.__doc__ or refusal.code).partition("\n")[0]
            raise click.ClickException(sentence) from refusal

    return speaking  # type: ignore[return-value]  # wraps() keeps the signature, mypy cannot see it


def print_rows(rows: Iterable[Row], as_json: bool) -> None:
    """Print rows of the same columns as JSON, or under a heading for people."""
    if as_json:
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=2))
        return
    for number, row in enumerate(rows):
        if number == 0:
            click.secho("  ".join(row), bold=True)
        click.echo("  ".join(str(value) for value in row.values()))
