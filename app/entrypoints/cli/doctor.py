"""What is amiss."""

from __future__ import annotations

from collections.abc import Iterator

import click

from app.conferences import service as conferences
from app.conferences.rules import Conference
from app.entrypoints.cli.printing import Row, as_json, in_sentences, print_rows
from app.registrations import recount
from app.registrations.recount import Finding

MENDED = "Mended."


@click.command("doctor")
@click.option("--fix", is_flag=True, help="Mend it.")
@as_json
@in_sentences
def doctor(fix: bool, as_json: bool) -> None:
    """Say whether seats, queues and addresses agree with the registrations they are for. Exit code
    1 if something is amiss."""
    found = []
    for conference in conferences.everything():
        rows = list(_examined(conference, fix))
        if not as_json:
            _say(conference, rows)
        found += rows
    if as_json:
        print_rows(found, as_json)
    if any(row["outcome"] != MENDED for row in found):
        raise SystemExit(1)


def _examined(conference: Conference, fix: bool) -> Iterator[Row]:
    for finding in recount.findings(conference.conference_id):
        if outcome := _deal_with(finding, fix):
            yield {"slug": conference.slug, "amiss": finding.sentence, "outcome": outcome}


def _deal_with(finding: Finding, fix: bool) -> str | None:
    """What came of it, in a sentence; None if all is well at a closer look."""
    if not finding.certain:
        return "That is not certain yet: look again in a minute."
    if not finding.writes:
        return "A person has to decide."
    if fix:
        return MENDED if recount.mend(finding) else None
    return "--fix mends it." if recount.is_so(finding) else None


def _say(conference: Conference, rows: list[Row]) -> None:
    if not rows:
        click.echo(f"{conference.slug}: nothing is amiss.")
    for row in rows:
        click.echo(f"{conference.slug}: {row['amiss']} {row['outcome']}")
