"""What others make of a link: messengers' previews, search engines' data, robots."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import html5lib
import pytest
from PIL import Image

from app import config
from app.aws import objects
from app.conferences import service as conferences
from app.conferences import structured
from app.conferences.rules import Conference, Publication, SignUpState
from app.core.text import Localised
from app.local import demo
from tests import cast
from tests.pages import XHTML, PageClient

XML = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def picture(colour: str) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (2000, 1000), colour).save(output, "PNG")
    return output.getvalue()


def head(client: PageClient, path: str = "/c/garam?lang=en") -> dict[str, str]:
    """What stands in the head of a page, by name or property."""
    document = html5lib.parse(client.get(path).text)
    found: dict[str, str] = {}
    for meta in document.iter(f"{XHTML}meta"):
        found[str(meta.get("property") or meta.get("name"))] = str(meta.get("content"))
    for link in document.iter(f"{XHTML}link"):
        kind = f"{link.get('rel')} {link.get('hreflang') or ''}".strip()
        found.setdefault(kind, str(link.get("href")))
    [data] = [one.text for one in document.iter(f"{XHTML}script") if one.get("type")]
    return found | {"data": str(data)}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_link_has_a_preview(client: PageClient, conference: Conference, language: str) -> None:
    found = head(client, f"/c/garam?lang={language}")
    assert found["og:title"] == conference.name.in_(language)
    assert found["og:description"] == conference.tagline.in_(language)
    page = f"{config.settings.public_url}/c/garam?lang={language}"
    assert found["og:url"] == found["canonical"] == page
    assert {found["alternate ko"], found["alternate en"]} == {page[:-2] + "ko", page[:-2] + "en"}
    image = urlsplit(found["og:image"])
    shown = client.get(f"{image.path}?{image.query}")
    assert shown.mimetype == "image/jpeg"
    assert Image.open(io.BytesIO(shown.data)).size == (1200, 630)
    assert "immutable" in shown.headers["Cache-Control"]


def test_a_change_gives_the_preview_another_address(
    client: PageClient, conference: Conference
) -> None:
    before = head(client)["og:image"]
    conferences.change(conference.conference_id, colour="#aa0000")
    after = head(client)["og:image"]
    assert after != before
    moved = client.get(urlsplit(before).path + "?lang=en")
    assert moved.status_code == 302
    assert moved.headers["Location"] == urlsplit(after).path + "?lang=en"


def test_the_preview_has_the_conferences_colour_and_cover(
    client: PageClient, conference: Conference
) -> None:
    conferences.change(conference.conference_id, colour="#aa0000")
    conferences.set_cover(conference.conference_id, picture("#00bb00"))
    shown = client.get(urlsplit(head(client)["og:image"]).path)
    drawn = Image.open(io.BytesIO(shown.data))
    (red, *_), (_, green, _) = drawn.getpixel((20, 20)), drawn.getpixel((960, 400))  # type: ignore[misc]  # three numbers
    assert red > 150
    assert green > 150


@pytest.mark.parametrize("name", ["가" * 120, "Word " * 60, "محمد " * 20, "👩🏽‍🚀" * 30])
def test_any_name_has_a_preview(client: PageClient, conference: Conference, name: str) -> None:
    conferences.change(conference.conference_id, name=Localised(ko=name.strip()[:80]))
    assert client.get(urlsplit(head(client)["og:image"]).path).status_code == 200


def test_a_draft_has_no_preview(client: PageClient) -> None:
    draft = cast.make_conference(slug="draft", publication=Publication.DRAFT)
    assert client.get(f"/c/draft/preview-{draft.revision}.jpg").status_code == 404


def test_the_cover_is_shown(client: PageClient, conference: Conference) -> None:
    assert "lan-cover" not in client.get("/c/garam?lang=en").text
    changed = conferences.set_cover(conference.conference_id, picture("#00bb00"))
    assert f'src="/media/{changed.cover}"' in client.get("/c/garam?lang=en").text
    shown = client.get(f"/media/{changed.cover}")
    assert (shown.mimetype, Image.open(io.BytesIO(shown.data)).size) == ("image/webp", (1280, 512))


def test_a_cover_of_an_older_record_is_shown(
    client: PageClient, conference: Conference, cloud: object
) -> None:
    name = "0123456789abcdef" * 2
    bucket = config.settings.site_bucket
    objects.put(bucket, f"media/{name}.jpg", picture("#00bb00"), "image/jpeg")
    conferences.change(conference.conference_id, cover=name)
    assert f'src="/media/{name}.jpg"' in client.get("/c/garam?lang=en").text
    assert client.get(f"/media/{name}.jpg").mimetype == "image/jpeg"


@pytest.mark.parametrize("name", ["x.png", "0" * 32, "0" * 32 + ".svg", "0" * 32 + ".webp"])
def test_no_other_file_is_media(client: PageClient, name: str) -> None:
    assert client.get(f"/media/{name}").status_code == 404


def test_search_engines_read_the_conference(client: PageClient, conference: Conference) -> None:
    found = json.loads(head(client)["data"])
    assert found["@type"] == "Event"
    assert found["name"] == "Garam Developer Conference"
    assert found["startDate"].endswith("+09:00")
    assert found["offers"]["availability"] == "https://schema.org/InStock"


@pytest.mark.parametrize(
    ("state", "status", "offered"),
    [
        (SignUpState.FULL, "EventScheduled", True),
        (SignUpState.EARLY, "EventScheduled", False),
        (SignUpState.CANCELLED, "EventCancelled", False),
    ],
)
def test_what_is_said_follows_from_the_state(
    state: SignUpState, status: str, offered: bool
) -> None:
    found = structured.event(cast.conference(), state, "en", "https://example.com/", "")
    assert found["eventStatus"].endswith(status)
    assert ("offers" in found) == offered


def test_a_name_cannot_leave_the_data(client: PageClient, conference: Conference) -> None:
    odd = "</script><script>alert(1)</script>"
    conferences.change(conference.conference_id, name=Localised(ko=odd, en=odd))
    found: Any = json.loads(head(client)["data"])  # the client refuses any other script
    assert found["name"] == odd


def test_unlisted_conferences_are_not_for_robots(
    client: PageClient, conference: Conference
) -> None:
    assert "robots" not in head(client)
    conferences.change(conference.conference_id, publication=Publication.UNLISTED)
    assert head(client)["robots"] == "noindex"


def test_robots_are_kept_from_passes(client: PageClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert "Disallow: /passes/\n" in answer.text
    assert f"Sitemap: {config.settings.public_url}/sitemap.xml" in answer.text


def test_the_sitemap_names_public_pages_alone(client: PageClient, conference: Conference) -> None:
    cast.make_conference(slug="draft", publication=Publication.DRAFT)
    cast.make_conference(slug="quiet", publication=Publication.UNLISTED)
    tree = ElementTree.fromstring(client.get("/sitemap.xml").text)
    public = config.settings.public_url
    assert [one.text for one in tree.iter(f"{XML}loc")] == [
        f"{public}{path}?lang={language}" for path in ("/", "/c/garam") for language in ("ko", "en")
    ]


def test_a_logo_stands_in_the_preview(client: PageClient, conference: Conference) -> None:
    plain = client.get(urlsplit(head(client)["og:image"]).path).data
    conferences.set_logo(conference.conference_id, demo.LOGO.read_bytes())
    assert client.get(urlsplit(head(client)["og:image"]).path).data != plain


def test_the_public_address_may_have_a_path(
    client: PageClient, conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the API's own address it ends with the stage."""
    elsewhere = replace(config.settings, public_url="https://api.example.com/dev")
    monkeypatch.setattr(config, "settings", elsewhere)
    assert head(client)["og:url"] == "https://api.example.com/dev/c/garam?lang=en"
