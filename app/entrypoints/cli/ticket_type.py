"""Ticket types."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
from flask.cli import AppGroup

from app.conferences import service as conferences
from app.conferences.rules import TicketType
from app.core.text import LANGUAGES, Localised
from app.entrypoints.cli.options import localised
from app.entrypoints.cli.printing import Command, Row, as_json, in_sentences, print_rows

group = AppGroup("ticket-type", help="What one registers for.")


def ticket_type_options(command: Command) -> Command:
    """What can be said of a ticket type; each may be left out."""
    approval = click.option("--approval/--no-approval", default=None, help="You decide on each.")
    command = approval(command)
    for text in ("description", "name"):
        for lang in reversed(LANGUAGES):
            command = click.option(f"--{text}-{lang}", default=None)(command)
    return command


@group.command("add")
@click.argument("slug")
@ticket_type_options
@click.option("--capacity", type=int, required=True)
@as_json
@in_sentences
def add_ticket_type(slug: str, capacity: int, as_json: bool, **given: Any) -> None:
    """Give a conference another ticket type."""
    blank = TicketType(0, Localised(), Localised(), capacity, 0)
    made = conferences.add_ticket_type(
        conferences.by_slug(slug).conference_id, replace(blank, **_type_changes(blank, given))
    )
    print_rows([_type_line(made)], as_json)


@group.command("change")
@click.argument("slug")
@click.argument("number", type=int)
@ticket_type_options
@click.option("--capacity", type=int, default=None, help="Not below what is taken.")
@as_json
@in_sentences
def change_ticket_type(
    slug: str, number: int, capacity: int | None, as_json: bool, **given: Any
) -> None:
    """Change what a ticket type says and how many seats it has; what is left out stays."""
    conference = conferences.by_slug(slug)
    changes = _type_changes(conference.require_type(number), given)
    changed = conferences.change_ticket_type(conference.conference_id, number, **changes)
    if capacity is not None:
        changed = conferences.change_capacity(conference.conference_id, number, capacity)
    print_rows([_type_line(changed)], as_json)


def _type_changes(ticket_type: TicketType, options: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in options.items() if value is not None}
    return {
        "approval": given.get("approval", ticket_type.approval),
        "name": localised(ticket_type.name, "name", given),
        "description": localised(ticket_type.description, "description", given),
    }


def _type_line(ticket_type: TicketType) -> Row:
    return {
        "ticket_type": ticket_type.type_id,
        "name": ticket_type.name.in_("en"),
        "capacity": ticket_type.capacity,
    }
