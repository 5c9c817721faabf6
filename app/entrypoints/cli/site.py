"""The public pages."""

from __future__ import annotations

from flask.cli import AppGroup

from app.entrypoints import site
from app.entrypoints.cli.printing import as_json, print_rows

group = AppGroup("site", help="The public pages as a website of files.")


@group.command("publish")
@as_json
def publish_site(as_json: bool) -> None:
    """Write home and the page of each open conference into the site bucket, in both languages,
    with all they need."""
    print_rows([{"file": key} for key in site.publish()], as_json)
