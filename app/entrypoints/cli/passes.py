"""Passes."""

from __future__ import annotations

import sys
from typing import BinaryIO

import click
from flask.cli import AppGroup

from app.conferences import service as conferences
from app.entrypoints.cli.printing import as_json, in_sentences, print_rows
from app.entrypoints.cli.registration import by_code, line
from app.passes import service as passes
from app.registrations import links
from app.registrations import service as registrations

group = AppGroup("pass", help="Passes and their links.")


@group.command("link")
@click.argument("code")
@as_json
def pass_link(code: str, as_json: bool) -> None:
    """The pass link of a registration: a secret, for its owner alone."""
    print_rows([{"link": links.url_of(by_code(code))}], as_json)


@group.command("reissue")
@click.argument("code")
@as_json
@in_sentences
def reissue_pass(code: str, as_json: bool) -> None:
    """Give a new pass and pass link; the old ones are void."""
    print_rows([line(registrations.reissue(by_code(code)))], as_json)


@group.command("draw")
@click.argument("slug")
@as_json
@in_sentences
def draw_passes(slug: str, as_json: bool) -> None:
    """Draw the pass images of a conference anew, after a change of its name or logo."""
    conference = conferences.by_slug(slug)
    found = [int(one.registration_id) for one in registrations.listed(conference)]
    with click.progressbar(found, label="Drawing passes", file=sys.stderr) as numbers:
        drawn = sum(passes.draw_again(number) for number in numbers)
    print_rows([{"drawn": drawn}], as_json)


@group.command("sheet")
@click.argument("slug")
@click.argument("file", type=click.File("wb"))
@in_sentences
def print_sheets(slug: str, file: BinaryIO) -> None:
    """Write the passes of all who take part into a PDF (FILE), four on a page, to be cut out."""
    file.write(passes.sheets(conferences.by_slug(slug)))


@group.command("key")
@click.argument("slug")
@as_json
@in_sentences
def public_key(slug: str, as_json: bool) -> None:
    """The public key that verifies a conference's pass codes."""
    conference = conferences.by_slug(slug)
    print_rows([{"public_key": passes.public_key(conference.conference_id)}], as_json)
