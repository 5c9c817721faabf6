"""Files put into the upload bucket, in S3's own payload."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from flask import Flask
from PIL import Image

from app import config
from app.aws import objects
from app.aws.clients import client
from app.conferences import service as conferences
from app.conferences.rules import Conference
from app.entrypoints import uploads
from app.local import demo

LOGO = demo.LOGO.read_bytes()


def put(key: str, body: bytes) -> dict[str, Any]:
    """Put a file there; the event that S3 sends (its key is URL-encoded, blanks as plus)."""
    bucket = config.settings.uploads_bucket
    objects.put(bucket, key, body, "application/octet-stream")
    found = {"key": quote_plus(key), "size": len(body)}
    return {"eventSource": "aws:s3", "s3": {"bucket": {"name": bucket}, "object": found}}


def result(key: str) -> dict[str, str]:
    body = objects.get(config.settings.uploads_bucket, f"results/{key}.json")
    assert body is not None
    answer: dict[str, str] = json.loads(body)
    return answer


@pytest.mark.parametrize(
    "name", ["logo.png", "my logo + new.png", "한글 로고.png", "a/b.png", "l%20.png"]
)
def test_a_logo_is_shown_as_soon_as_it_is_there(
    app: Flask, conference: Conference, name: str
) -> None:
    browser = app.test_client()
    uploads.handle({"Records": [put(f"uploads/garam/logo/{name}", LOGO)]}, None)

    assert result(f"garam/logo/{name}") == {"status": "done", "reason": ""}
    shown = conferences.by_slug("garam").logo
    assert f"/media/{shown}.png" in browser.get("/c/garam").text
    assert browser.get(f"/media/{shown}.png").status_code == 200


def test_an_event_that_comes_twice_changes_nothing(app: Flask, conference: Conference) -> None:
    event = {"Records": [put("uploads/garam/logo/x.png", LOGO)]}
    uploads.handle(event, None)
    first = conferences.by_slug("garam").logo
    uploads.handle(event, None)
    assert conferences.by_slug("garam").logo == first


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        ("garam/logo/script.svg", b"<svg><script>1</script></svg>", "not a picture"),
        ("garam/logo/text.png", b"text", "not a picture"),
        ("nowhere/logo/x.png", LOGO, "no conference"),
        ("garam/list/x.csv", b"a,b", "no conference or kind"),
        ("x.png", LOGO, "no conference or kind"),
    ],
)
def test_what_is_refused_is_told_beside_it(
    app: Flask, conference: Conference, key: str, body: bytes, reason: str
) -> None:
    uploads.handle({"Records": [put(f"uploads/{key}", body)]}, None)
    assert result(key)["status"] == "refused"
    assert reason in result(key)["reason"]
    assert conferences.by_slug("garam").logo is None


def test_a_huge_file_is_not_even_fetched(app: Flask, conference: Conference) -> None:
    event = put("uploads/garam/logo/huge.png", b"small in truth")
    event["s3"]["object"]["size"] = 4_000_000_000
    uploads.handle({"Records": [event]}, None)
    assert "MB" in result("garam/logo/huge.png")["reason"]


def test_one_bad_file_does_not_keep_the_next(app: Flask, conference: Conference) -> None:
    bad = put("uploads/garam/logo/bad.png", b"text")
    uploads.handle({"Records": [bad, put("uploads/garam/logo/good.png", LOGO)]}, None)
    assert conferences.by_slug("garam").logo


def test_results_do_not_start_the_function_again(app: Flask, conference: Conference) -> None:
    told = client("s3").get_bucket_notification_configuration(Bucket=config.settings.uploads_bucket)
    [queue] = told["QueueConfigurations"]
    rules = queue["Filter"]["Key"]["FilterRules"]
    assert [(rule["Name"].lower(), rule["Value"]) for rule in rules] == [("prefix", "uploads/")]


def test_transparency_is_kept(app: Flask, conference: Conference) -> None:
    output = io.BytesIO()
    Image.new("RGBA", (64, 64), (1, 2, 3, 0)).save(output, "PNG")
    made = conferences.set_logo(conference.conference_id, output.getvalue())
    image = objects.get(config.settings.site_bucket, f"media/{made.logo}.png")
    assert image is not None
    assert Image.open(io.BytesIO(image)).getpixel((0, 0)) == (1, 2, 3, 0)
