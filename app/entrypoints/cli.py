"""The command line: what an operator may need, the same on a laptop and in Lambda.

In Lambda: `aws lambda invoke --payload '{"command": "app.entrypoints.cli.run", "args":
["registration", "list", "demo"]}'`; Zappa's handler calls `run`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app.conferences import service as conferences
from app.conferences.rules import Asked, Conference, Consent, Publication, TicketType
from app.core.errors import Refusal
from app.core.ids import LettersError, read_letters
from app.entrypoints import schedule
from app.entrypoints.context import entered
from app.passes import service as passes
from app.registrations import links
from app.registrations import service as registrations
from app.registrations.models import Registration

Command = TypeVar("Command", bound=Callable[..., Any])
Row = Mapping[str, object]

conference_group = AppGroup("conference", help="Create, show and change conferences.")
ticket_type_group = AppGroup("ticket-type", help="What one registers for.")
registration_group = AppGroup("registration", help="Who has registered.")
pass_group = AppGroup("pass", help="Passes and their links.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def install(app: Flask) -> None:
    """Give the `flask` command these groups."""
    for group in (conference_group, ticket_type_group, registration_group, pass_group):
        app.cli.add_command(group)
    app.cli.add_command(due)


def run(event: dict[str, Any], context: object) -> dict[str, object]:  # noqa: ARG001  Lambda's signature
    """Run one command in Lambda: `event["args"]` are its words; its exit code and output."""
    with entered():
        result = current_app.test_cli_runner().invoke(args=event["args"])
    return Unprinted(exit_code=result.exit_code, output=result.output)


class Unprinted(dict[str, object]):
    """What Zappa returns to the caller but shall not print into the log: it prints results."""

    def __repr__(self) -> str:
        return "(the output went to the caller)"


def _speaking(command: Command) -> Command:
    """Turn a refusal into a sentence and exit code 1."""

    @wraps(command)
    def speaking(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Refusal as refusal:
            raise click.ClickException(str(refusal) or refusal.code.replace("_", " ")) from refusal

    return speaking  # type: ignore[return-value]  # wraps() keeps the signature, mypy cannot see it


def _print(rows: Iterable[Row], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values()))


class Moment(click.ParamType[datetime]):
    """A wall clock time in the conference's zone: 2026-10-17 10:00."""

    name = "yyyy-mm-dd hh:mm"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Read it; the zone is put to it later."""
        try:
            return datetime.strptime(value, "%Y-%m-%d %H:%M")  # noqa: DTZ007  zone comes later
        except ValueError:
            self.fail("write it as 2026-10-17 10:00", param, ctx)


@conference_group.command("create")
@click.argument("slug")
@click.option("--name-ko", default="", help="Its name in Korean.")
@click.option("--name-en", default="", help="Its name in English.")
@click.option("--tagline-ko", default="")
@click.option("--tagline-en", default="")
@click.option("--description-ko", default="")
@click.option("--description-en", default="")
@click.option("--venue-ko", default="")
@click.option("--venue-en", default="")
@click.option("--city-ko", default="")
@click.option("--city-en", default="")
@click.option("--map-url", default=None)
@click.option("--starts", type=Moment(), required=True)
@click.option("--ends", type=Moment(), required=True)
@click.option("--opens", type=Moment(), required=True, help="When registration opens.")
@click.option("--closes", type=Moment(), required=True, help="When registration closes.")
@click.option("--zone", default="Asia/Seoul", show_default=True)
@click.option("--contact", required=True, help="Shown, and Reply-To of its mails.")
@click.option("--colour", default="#2b47d4", show_default=True)
@click.option("--phone", type=click.Choice([*map(str, Asked)]), default="optional")
@click.option("--company", type=click.Choice([*map(str, Asked)]), default="optional")
@click.option("--consent-ko", default="", help="The sentence to agree to, in Korean.")
@click.option("--consent-en", default="", help="The sentence to agree to, in English.")
@click.option("--privacy-ko", type=click.File(), help="A file with the whole text.")
@click.option("--privacy-en", type=click.File(), help="A file with the whole text.")
@click.option("--publication", type=click.Choice([*map(str, Publication)]), default="draft")
@as_json
@_speaking
def create_conference(as_json: bool, **given: Any) -> None:
    """Create a conference; give it ticket types with `flask ticket-type add`."""
    made = conferences.create(_conference_from(given))
    _print([_about(made)], as_json)


def _conference_from(given: dict[str, Any]) -> Conference:
    texts: dict[str, Any] = {
        name: conferences.localised(given.pop(f"{name}_ko"), given.pop(f"{name}_en"))
        for name in ("name", "tagline", "description", "venue", "city")
    }
    moments: dict[str, Any] = {
        f"{name}_at": _ms(given.pop(name), given["zone"])
        for name in ("starts", "ends", "opens", "closes")
    }
    given["phone"], given["company"] = Asked(given["phone"]), Asked(given["company"])
    given["publication"] = Publication(given["publication"])
    consent = _consent_from(given)
    return Conference(conference_id=0, consent=consent, **texts, **moments, **given)


def _consent_from(given: dict[str, Any]) -> Consent | None:
    label = conferences.localised(given.pop("consent_ko"), given.pop("consent_en"))
    files = (given.pop("privacy_ko"), given.pop("privacy_en"))
    text = conferences.localised(*(file.read() if file else "" for file in files))
    return conferences.consent(label, text) if label else None


def _ms(moment: datetime, zone: str) -> int:
    return int(moment.replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


@conference_group.command("list")
@as_json
def list_conferences(as_json: bool) -> None:
    """All conferences, in the order they begin."""
    _print([_about(one) for one in conferences.everything()], as_json)


@conference_group.command("show")
@click.argument("slug")
@as_json
@_speaking
def show_conference(slug: str, as_json: bool) -> None:
    """One conference with its ticket types and seats."""
    conference = conferences.by_slug(slug)
    seats = conferences.read_seats(conference)
    types = [
        {
            "ticket_type": one.type_id,
            "name": one.name.in_("en"),
            "capacity": seats[one.type_id].capacity,
            "left": seats[one.type_id].left,
        }
        for one in conference.ticket_types
    ]
    _print([_about(conference), *types], as_json)


@conference_group.command("publish")
@click.argument("slug")
@click.argument("publication", type=click.Choice([*map(str, Publication)]))
@as_json
@_speaking
def publish_conference(slug: str, publication: str, as_json: bool) -> None:
    """Make a conference a draft, open to all, unlisted, or cancelled."""
    conference = conferences.by_slug(slug)
    changed = conferences.change(conference.conference_id, publication=Publication(publication))
    _print([_about(changed)], as_json)


@conference_group.command("logo")
@click.argument("slug")
@click.argument("png", type=click.File("rb"))
@as_json
@_speaking
def set_logo(slug: str, png: Any, as_json: bool) -> None:
    """Show a PNG (square, transparent or white ground) on pages and passes."""
    changed = conferences.set_logo(conferences.by_slug(slug).conference_id, png.read())
    _print([_about(changed)], as_json)


@ticket_type_group.command("add")
@click.argument("slug")
@click.option("--name-ko", default="")
@click.option("--name-en", default="")
@click.option("--description-ko", default="")
@click.option("--description-en", default="")
@click.option("--capacity", type=int, required=True)
@as_json
@_speaking
def add_ticket_type(slug: str, capacity: int, as_json: bool, **texts: str) -> None:
    """Give a conference another ticket type."""
    conference = conferences.by_slug(slug)
    made = conferences.add_ticket_type(
        conference.conference_id,
        TicketType(
            type_id=0,
            name=conferences.localised(texts["name_ko"], texts["name_en"]),
            description=conferences.localised(texts["description_ko"], texts["description_en"]),
            capacity=capacity,
            order=0,
        ),
    )
    _print([{"ticket_type": made.type_id, "capacity": made.capacity}], as_json)


@registration_group.command("list")
@click.argument("slug")
@as_json
@_speaking
def list_registrations(slug: str, as_json: bool) -> None:
    """Who has registered at a conference, by last change."""
    conference = conferences.by_slug(slug)
    _print((_line(one) for one in registrations.listed(conference)), as_json)


@registration_group.command("show")
@click.argument("code")
@as_json
def show_registration(code: str, as_json: bool) -> None:
    """One registration, by its code in letters."""
    _print([_line(_by_code(code))], as_json)


@registration_group.command("cancel")
@click.argument("code")
@as_json
@_speaking
def cancel_registration(code: str, as_json: bool) -> None:
    """Cancel a registration; its seat goes to the next in line."""
    _print([_line(registrations.cancel(_by_code(code)))], as_json)


@pass_group.command("link")
@click.argument("code")
@as_json
def pass_link(code: str, as_json: bool) -> None:
    """The pass link of a registration: a secret, for its owner alone."""
    _print([{"link": links.url_of(_by_code(code))}], as_json)


@pass_group.command("reissue")
@click.argument("code")
@as_json
@_speaking
def reissue_pass(code: str, as_json: bool) -> None:
    """Give a new pass and pass link; the old ones are void."""
    _print([_line(registrations.reissue(_by_code(code)))], as_json)


@pass_group.command("draw")
@click.argument("slug")
@_speaking
def draw_passes(slug: str) -> None:
    """Draw the pass images of a conference anew, after a change of its name or logo."""
    conference = conferences.by_slug(slug)
    found = [int(one.registration_id) for one in registrations.listed(conference)]
    with click.progressbar(found, label="Drawing passes") as numbers:
        drawn = sum(passes.draw_again(number) for number in numbers)
    click.echo(f"{drawn} drawn")


@pass_group.command("key")
@click.argument("slug")
@as_json
@_speaking
def public_key(slug: str, as_json: bool) -> None:
    """The public key that verifies a conference's pass codes."""
    conference = conferences.by_slug(slug)
    _print([{"public_key": passes.public_key(conference.conference_id)}], as_json)


@click.command("due")
@as_json
def due(as_json: bool) -> None:
    """Do at once what the 5-minute schedule does."""
    _print([schedule.every_five_minutes({}, None)], as_json)


def _by_code(code: str) -> Registration:
    try:
        registration = registrations.find(read_letters(code))
    except LettersError as error:
        raise click.ClickException(str(error)) from error
    if registration is None:
        raise click.ClickException("no registration has this code")
    return registration


def _about(conference: Conference) -> Row:
    return {
        "slug": conference.slug,
        "conference_id": conference.conference_id,
        "publication": str(conference.publication),
        "name": conference.name.in_("en"),
    }


def _line(registration: Registration) -> Row:
    return {
        "code": passes.letters_of(registration),
        "ticket_type": int(registration.type_id),
        "state": str(registration.state),
        "name": registration.name,
        "email": registration.email,
        "phone": registration.phone,
        "company": registration.company,
    }
