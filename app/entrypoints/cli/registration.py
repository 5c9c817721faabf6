"""Registrations."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.conferences import service as conferences
from app.core.errors import Full
from app.core.ids import LettersError, read_letters
from app.entrypoints.cli.printing import Row, as_json, in_sentences, print_rows
from app.passes import service as passes
from app.registrations import service as registrations
from app.registrations.models import Registration

group = AppGroup("registration", help="Who has registered.")


@group.command("list")
@click.argument("slug")
@as_json
@in_sentences
def list_registrations(slug: str, as_json: bool) -> None:
    """Who has registered at a conference, by last change."""
    conference = conferences.by_slug(slug)
    print_rows((line(one) for one in registrations.listed(conference)), as_json)


@group.command("show")
@click.argument("code")
@as_json
def show_registration(code: str, as_json: bool) -> None:
    """One registration, by its code in letters, and whether its last mail was sent."""
    found = by_code(code)
    print_rows([{**line(found), "mail": _mail_of(found)}], as_json)


def _mail_of(registration: Registration) -> str:
    if registration.mail_owed:
        return "owed"
    return "refused" if registration.mail_refused else "sent"


@group.command("cancel")
@click.argument("code")
@as_json
@in_sentences
def cancel_registration(code: str, as_json: bool) -> None:
    """Cancel a registration; its seat goes to the next in line."""
    print_rows([line(registrations.cancel(by_code(code)))], as_json)


@group.command("approve")
@click.argument("code")
@click.option("--or-wait", is_flag=True, help="If no seat is free: on the waiting list.")
@as_json
@in_sentences
def approve_registration(code: str, or_wait: bool, as_json: bool) -> None:
    """Give a seat to somebody who asked for one."""
    try:
        approved = registrations.approve(by_code(code), or_wait=or_wait)
    except Full:
        raise click.ClickException(
            "no seat is free: say --or-wait to put them on the waiting list"
        ) from None
    print_rows([line(approved)], as_json)


@group.command("decline")
@click.argument("code")
@as_json
@in_sentences
def decline_registration(code: str, as_json: bool) -> None:
    """Say no to somebody who asked for a seat; they are told by mail."""
    print_rows([line(registrations.decline(by_code(code)))], as_json)


def by_code(code: str) -> Registration:
    """The registration of a code in letters; says so if there is none."""
    try:
        registration = registrations.find(read_letters(code))
    except LettersError as error:
        raise click.ClickException(str(error)) from error
    if registration is None:
        raise click.ClickException("no registration has this code")
    return registration


def line(registration: Registration) -> Row:
    """A registration as it is printed."""
    return {
        "code": passes.letters_of(registration),
        "ticket_type": int(registration.type_id),
        "state": str(registration.state),
        "name": registration.name,
        "email": registration.email,
        "phone": registration.phone,
        "company": registration.company,
    }
