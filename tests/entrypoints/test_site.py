"""The public pages as files of a website."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app import config
from app.aws import objects
from app.aws.clients import client
from app.conferences import service as conferences
from app.conferences.rules import Conference, Publication
from app.core import clock
from app.entrypoints import site
from app.local import demo
from tests import cast
from tests.pages import check

PUBLIC = "https://app.example.com"


@pytest.fixture
def published(app: Flask, conference: Conference) -> Iterator[list[str]]:
    """The keys of a website with one conference, its logo, and a draft."""
    conferences.set_logo(conference.conference_id, demo.LOGO.read_bytes())
    cast.make_conference(slug="draft", publication=Publication.DRAFT)
    laptop = config.settings
    config.use(replace(laptop, public_url=PUBLIC))
    with app.app_context():
        yield site.publish()
    config.use(laptop)


def read(key: str) -> str:
    body = objects.get(config.settings.site_bucket, key)
    assert body is not None, key
    return body.decode()


def pages(keys: list[str]) -> list[str]:
    return sorted(key for key in keys if key.endswith(".html"))


def test_every_page_in_both_languages(published: list[str]) -> None:
    assert pages(published) == [
        "en/c/garam/index.html",
        "en/index.html",
        "error.html",
        "index.html",
        "ko/c/garam/index.html",
        "ko/index.html",
    ]
    for key in pages(published):
        check(read(key))
        assert f'lang="{"en" if key.startswith("en/") else "ko"}"' in read(key)


def test_a_file_takes_no_form_but_leads_to_it(published: list[str]) -> None:
    page = read("en/c/garam/index.html")
    assert "<form" not in page
    assert f'href="{PUBLIC}/c/garam?lang=en"' in page
    assert f'href="{PUBLIC}/my?lang=en"' in page


def test_the_pages_in_the_app_keep_their_form(published: list[str], app: Flask) -> None:
    answer = app.test_client().get("/c/garam?lang=en")
    assert "<form" in answer.text


def test_every_link_leads_to_a_file_or_to_the_app(published: list[str]) -> None:
    there = {f"/{key}" for key in published}
    for key in pages(published):
        for link in re.findall(r'\b(?:href|src|action)="([^"#]+)"', read(key)):
            if link.startswith(("mailto:", f"{PUBLIC}/")):
                continue
            path = link.partition("?")[0]
            target = f"{path}index.html" if path.endswith("/") else path
            shown = objects.get(config.settings.site_bucket, target[1:])
            assert target in there or shown is not None, (key, link)


def test_what_may_be_kept_for_ever_says_so(published: list[str]) -> None:
    for key in published:
        head = client("s3").head_object(Bucket=config.settings.site_bucket, Key=key)
        immutable = "immutable" in head["CacheControl"]
        assert immutable == (not key.endswith(".html")), key
        assert head["ContentType"].split("/")[0] in ("text", "image")


def test_the_bucket_is_a_website(published: list[str]) -> None:
    found = client("s3").get_bucket_website(Bucket=config.settings.site_bucket)
    assert found["IndexDocument"] == {"Suffix": "index.html"}
    assert found["ErrorDocument"] == {"Key": "error.html"}


def test_a_closed_conference_is_published_as_closed(app: Flask, conference: Conference) -> None:
    clock.set_source(lambda: conference.closes_at)
    with app.app_context():
        site.publish()
    assert "Registration has closed" in read("en/c/garam/index.html")
