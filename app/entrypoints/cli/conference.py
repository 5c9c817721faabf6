"""Conferences."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup

from app.conferences import service as conferences
from app.conferences.rules import Asked, Conference, Consent, Promotion, Publication
from app.core.text import LANGUAGES, Localised
from app.entrypoints.cli.options import Moment, TextFile, Zone, localised
from app.entrypoints.cli.printing import Command, Row, as_json, in_sentences, print_rows
from app.passes import service as passes

group = AppGroup("conference", help="Create, show and change conferences.")

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
            "--sign-ups-a-domain",
            type=int,
            default=None,
            help="An hour; 0: any. Never without a limit of networks: see docs/operators.md.",
        ),
        click.option(
            "--sign-ups-a-network", type=int, default=None, help="Of IP addresses, an hour; 0: any."
        ),
        click.option(
            "--sign-ups-a-second", type=int, default=None, help="Expected at most, at the opening."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@group.command("create")
@click.argument("slug")
@conference_options
@click.option(
    "--shared-addresses", is_flag=True, help="Several people may register with one; for good."
)
@as_json
@in_sentences
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
    print_rows([_about(made)], as_json)


@group.command("change")
@click.argument("slug")
@conference_options
@as_json
@in_sentences
def change_conference(slug: str, as_json: bool, **given: Any) -> None:
    """Change what a conference says; what is left out stays."""
    conference = conferences.by_slug(slug)
    changed = conferences.change(conference.conference_id, **_changes(conference, given))
    print_rows([_about(changed)], as_json)


def _changes(conference: Conference, options: dict[str, Any]) -> dict[str, Any]:
    """The fields of a conference that the options change."""
    given = {name: value for name, value in options.items() if value is not None}
    changes: dict[str, Any] = {
        text: localised(getattr(conference, text), text, given) for text in TEXTS
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


def _consent(before: Consent | None, given: dict[str, Any]) -> Consent | None:
    label = localised(before.label if before else Localised(), "consent", given)
    text = before.text if before else Localised()
    new = {lang: given[f"privacy_{lang}"] for lang in LANGUAGES if f"privacy_{lang}" in given}
    text = Localised({**text, **new})
    return conferences.consent(label, text) if label or text else None


def _ms(moment: datetime, zone: str) -> int:
    return int(moment.replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


@group.command("list")
@as_json
def list_conferences(as_json: bool) -> None:
    """All conferences, in the order they begin."""
    print_rows([_about(one) for one in conferences.everything()], as_json)


@group.command("show")
@click.argument("slug")
@as_json
@in_sentences
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
    print_rows([_about(conference), *types], as_json)


@group.command("publish")
@click.argument("slug")
@click.argument("publication", type=click.Choice([*map(str, Publication)]))
@as_json
@in_sentences
def publish_conference(slug: str, publication: str, as_json: bool) -> None:
    """Make a conference a draft, open to all, unlisted, or cancelled."""
    conference = conferences.by_slug(slug)
    changed = conferences.change(conference.conference_id, publication=Publication(publication))
    print_rows([_about(changed)], as_json)


@group.command("logo")
@click.argument("slug")
@click.argument("picture", type=click.File("rb"))
@as_json
@in_sentences
def set_logo(slug: str, picture: Any, as_json: bool) -> None:
    """Show a picture (best square, on a transparent or white ground) on pages and passes. The
    same is done with a file put into the upload bucket as uploads/SLUG/logo/ANY-NAME."""
    changed = conferences.set_logo(conferences.by_slug(slug).conference_id, picture.read())
    print_rows([_about(changed)], as_json)


@group.command("cover")
@click.argument("slug")
@click.argument("picture", type=click.File("rb"))
@as_json
@in_sentences
def set_cover(slug: str, picture: Any, as_json: bool) -> None:
    """Show a wide picture (5 to 2, of 1,280 x 512 pixels and more) on the sign-up page and in
    previews of its link; or put a file into the upload bucket as uploads/SLUG/cover/ANY-NAME."""
    changed = conferences.set_cover(conferences.by_slug(slug).conference_id, picture.read())
    print_rows([_about(changed)], as_json)


def _about(conference: Conference) -> Row:
    return {
        "slug": conference.slug,
        "conference_id": conference.conference_id,
        "publication": str(conference.publication),
        "name": conference.name.in_("en"),
    }
