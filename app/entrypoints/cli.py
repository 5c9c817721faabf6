"""The command line: what an operator may need, the same on a laptop and in Lambda.

In Lambda: `aws lambda invoke --payload '{"command": "app.entrypoints.cli.run", "args":
["registration", "list", "demo"]}'`; Zappa's handler calls `run`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app.conferences import rules
from app.conferences import service as conferences
from app.conferences.rules import Asked, Conference, Consent, Promotion, Publication, TicketType
from app.core.errors import Full, Refusal
from app.core.ids import LettersError, read_letters
from app.core.text import LANGUAGES, Localised, clean
from app.entrypoints import dead_letters, schedule, site
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
dead_letters_group = AppGroup("dead-letters", help="Events that failed for good.")
site_group = AppGroup("site", help="The public pages as a website of files.")
GROUPS = (
    conference_group,
    ticket_type_group,
    registration_group,
    pass_group,
    site_group,
    dead_letters_group,
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def install(app: Flask) -> None:
    """Give the `flask` command these groups."""
    for group in GROUPS:
        app.cli.add_command(group)
    app.cli.add_command(due)


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


def _speaking(command: Command) -> Command:
    """Turn a refusal into a sentence and exit code 1."""

    @wraps(command)
    def speaking(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Refusal as refusal:
            sentence = str(refusal) or (refusal.__doc__ or refusal.code).partition("\n")[0]
            raise click.ClickException(sentence) from refusal

    return speaking  # type: ignore[return-value]  # wraps() keeps the signature, mypy cannot see it


def _print(rows: Iterable[Row], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=2))
        return
    for number, row in enumerate(rows):
        if number == 0:
            click.secho("  ".join(row), bold=True)
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


class Zone(click.ParamType[str]):
    """A time zone by its IANA name."""

    name = "zone"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Return the name of a zone that there is."""
        if not rules.is_zone(value):
            self.fail("give an IANA name, for example Asia/Seoul", param, ctx)
        return str(value)


class TextFile(click.ParamType[str]):
    """A file of text in UTF-8."""

    name = "file"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Return what stands in it."""
        try:
            return Path(value).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.fail(f"cannot be read as UTF-8: {type(error).__name__}", param, ctx)


TEXTS = ("name", "tagline", "description", "venue", "city")
PLAIN = (
    "zone",
    "contact",
    "colour",
    "map_url",
    "offer_hours",
    "confirms_addresses",
    "sign_ups_a_domain",
    "sign_ups_a_network",
    "sign_ups_a_second",
)
MOMENTS = ("starts", "ends", "opens", "closes")


def conference_options(command: Command) -> Command:
    """What can be said of a conference; each may be left out."""
    options = [
        *(click.option(f"--{text}-{lang}", default=None) for text in TEXTS for lang in LANGUAGES),
        *(click.option(f"--{moment}", type=Moment(), default=None) for moment in MOMENTS),
        click.option(
            "--zone", type=Zone(), default=None, help="Of all times; Asia/Seoul at first."
        ),
        click.option("--contact", default=None, help="Shown, and Reply-To of its mails."),
        click.option("--colour", default=None, help="#rrggbb"),
        click.option("--map-url", default=None),
        click.option("--phone", type=click.Choice([*map(str, Asked)]), default=None),
        click.option("--company", type=click.Choice([*map(str, Asked)]), default=None),
        click.option("--consent-ko", default=None, help="To be agreed to; the [part] is a link."),
        click.option("--consent-en", default=None),
        click.option("--privacy-ko", type=TextFile(), default=None, help="What the link leads to."),
        click.option("--privacy-en", type=TextFile(), default=None),
        click.option(
            "--promotion",
            type=click.Choice([*map(str, Promotion)]),
            default=None,
            help="What the next in line gets: a confirmed seat, or an offer to accept.",
        ),
        click.option("--offer-hours", type=int, default=None, help="At most, to accept an offer."),
        click.option(
            "--confirms-addresses/--no-confirms-addresses",
            default=None,
            help="A seat is final when the button in the mail was pressed.",
        ),
        click.option(
            "--sign-ups-a-domain", type=int, default=None, help="Of addresses an hour; 0: any."
        ),
        click.option("--sign-ups-a-network", type=int, default=None, help="An hour; 0: any."),
        click.option(
            "--sign-ups-a-second", type=int, default=None, help="Expected at most, at the opening."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def ticket_type_options(command: Command) -> Command:
    """What can be said of a ticket type; each may be left out."""
    approval = click.option("--approval/--no-approval", default=None, help="You decide on each.")
    command = approval(command)
    for text in ("description", "name"):
        for lang in reversed(LANGUAGES):
            command = click.option(f"--{text}-{lang}", default=None)(command)
    return command


@conference_group.command("create")
@click.argument("slug")
@conference_options
@click.option(
    "--shared-addresses", is_flag=True, help="Several people may register with one; for good."
)
@as_json
@_speaking
def create_conference(slug: str, shared_addresses: bool, as_json: bool, **given: Any) -> None:
    """Create a conference, as a draft. It needs a name, all four times and a contact; then give it
    ticket types (`flask ticket-type add`) and publish it."""
    nothing: dict[str, Any] = {text: Localised() for text in TEXTS}
    nothing |= {f"{moment}_at": 0 for moment in MOMENTS}
    blank = Conference(
        conference_id=0,
        slug=slug,
        **nothing,
        zone="Asia/Seoul",
        contact="",
        colour="#2b47d4",
        shared_addresses=shared_addresses,
    )
    made = conferences.create(replace(blank, **_changes(blank, given)))
    passes.signing_key(made.conference_id)
    _print([_about(made)], as_json)


@conference_group.command("change")
@click.argument("slug")
@conference_options
@as_json
@_speaking
def change_conference(slug: str, as_json: bool, **given: Any) -> None:
    """Change what a conference says; what is left out stays."""
    conference = conferences.by_slug(slug)
    changed = conferences.change(conference.conference_id, **_changes(conference, given))
    _print([_about(changed)], as_json)


def _changes(conference: Conference, options: dict[str, Any]) -> dict[str, Any]:
    """The fields of a conference that the options change."""
    given = {name: value for name, value in options.items() if value is not None}
    changes: dict[str, Any] = {
        text: _localised(getattr(conference, text), text, given) for text in TEXTS
    }
    zone = given.get("zone", conference.zone)
    changes |= {f"{m}_at": _ms(given[m], zone) for m in MOMENTS if m in given}
    changes |= {name: Asked(given[name]) for name in ("phone", "company") if name in given}
    changes |= {name: given[name] for name in PLAIN if name in given}
    if "promotion" in given:
        changes["promotion"] = Promotion(given["promotion"])
    if "colour" in changes:
        changes["colour"] = changes["colour"].lower()
    return changes | {"consent": _consent(conference.consent, given)}


def _localised(before: Localised, name: str, given: dict[str, Any]) -> Localised:
    keys = {lang: f"{name}_{lang}" for lang in LANGUAGES}
    after = {lang: clean(given[key]) for lang, key in keys.items() if key in given}
    return Localised({lang: text for lang, text in {**before, **after}.items() if text})


def _consent(before: Consent | None, given: dict[str, Any]) -> Consent | None:
    label = _localised(before.label if before else Localised(), "consent", given)
    text = before.text if before else Localised()
    new = {lang: given[f"privacy_{lang}"] for lang in LANGUAGES if f"privacy_{lang}" in given}
    text = Localised({**text, **new})
    return conferences.consent(label, text) if label or text else None


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
@click.argument("picture", type=click.File("rb"))
@as_json
@_speaking
def set_logo(slug: str, picture: Any, as_json: bool) -> None:
    """Show a picture (best square, on a transparent or white ground) on pages and passes. The
    same is done with a file put into the upload bucket as uploads/SLUG/logo/ANY-NAME."""
    changed = conferences.set_logo(conferences.by_slug(slug).conference_id, picture.read())
    _print([_about(changed)], as_json)


@ticket_type_group.command("add")
@click.argument("slug")
@ticket_type_options
@click.option("--capacity", type=int, required=True)
@as_json
@_speaking
def add_ticket_type(slug: str, capacity: int, as_json: bool, **given: Any) -> None:
    """Give a conference another ticket type."""
    blank = TicketType(0, Localised(), Localised(), capacity, 0)
    made = conferences.add_ticket_type(
        conferences.by_slug(slug).conference_id, replace(blank, **_type_changes(blank, given))
    )
    _print([_type_line(made)], as_json)


@ticket_type_group.command("change")
@click.argument("slug")
@click.argument("number", type=int)
@ticket_type_options
@click.option("--capacity", type=int, default=None, help="Not below what is taken.")
@as_json
@_speaking
def change_ticket_type(
    slug: str, number: int, capacity: int | None, as_json: bool, **given: Any
) -> None:
    """Change what a ticket type says and how many seats it has; what is left out stays."""
    conference = conferences.by_slug(slug)
    changes = _type_changes(conference.require_type(number), given)
    changed = conferences.change_ticket_type(conference.conference_id, number, **changes)
    if capacity is not None:
        changed = conferences.change_capacity(conference.conference_id, number, capacity)
    _print([_type_line(changed)], as_json)


def _type_changes(ticket_type: TicketType, options: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in options.items() if value is not None}
    return {
        "approval": given.get("approval", ticket_type.approval),
        "name": _localised(ticket_type.name, "name", given),
        "description": _localised(ticket_type.description, "description", given),
    }


def _type_line(ticket_type: TicketType) -> Row:
    return {
        "ticket_type": ticket_type.type_id,
        "name": ticket_type.name.in_("en"),
        "capacity": ticket_type.capacity,
    }


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


@registration_group.command("approve")
@click.argument("code")
@click.option("--or-wait", is_flag=True, help="If no seat is free: on the waiting list.")
@as_json
@_speaking
def approve_registration(code: str, or_wait: bool, as_json: bool) -> None:
    """Give a seat to somebody who asked for one."""
    try:
        approved = registrations.approve(_by_code(code), or_wait=or_wait)
    except Full:
        raise click.ClickException(
            "no seat is free: say --or-wait to put them on the waiting list"
        ) from None
    _print([_line(approved)], as_json)


@registration_group.command("decline")
@click.argument("code")
@as_json
@_speaking
def decline_registration(code: str, as_json: bool) -> None:
    """Say no to somebody who asked for a seat; they are told by mail."""
    _print([_line(registrations.decline(_by_code(code)))], as_json)


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
@as_json
@_speaking
def draw_passes(slug: str, as_json: bool) -> None:
    """Draw the pass images of a conference anew, after a change of its name or logo."""
    conference = conferences.by_slug(slug)
    found = [int(one.registration_id) for one in registrations.listed(conference)]
    with click.progressbar(found, label="Drawing passes", file=sys.stderr) as numbers:
        drawn = sum(passes.draw_again(number) for number in numbers)
    _print([{"drawn": drawn}], as_json)


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


@site_group.command("publish")
@as_json
def publish_site(as_json: bool) -> None:
    """Write home and the page of each open conference into the site bucket, in both languages,
    with all they need."""
    _print([{"file": key} for key in site.publish()], as_json)


@dead_letters_group.command("list")
@as_json
def list_dead_letters(as_json: bool) -> None:
    """About how many events lie in each queue."""
    _print([{"queue": name, "events": n} for name, n in dead_letters.waiting().items()], as_json)


@dead_letters_group.command("replay")
@as_json
def replay_dead_letters(as_json: bool) -> None:
    """Handle them once more; what fails again stays."""
    _print([{"handled": dead_letters.replay()}], as_json)


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
