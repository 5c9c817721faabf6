"""The public pages as files: the cheapest way to show them, from a bucket that is a website.

Every page is rendered by the app itself and written under its language; links between pages stay in
the bucket, all others lead to the app's own (https) address. A file cannot take a form: where the
form stands in the app, there is a button that leads to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextvars import Context
from typing import NamedTuple

from flask import current_app

from app import config
from app.aws import objects
from app.conferences import service as conferences
from app.conferences.rules import Publication
from app.core.text import LANGUAGES
from app.web import assets
from app.web.headers import FOR_EVER

PAGE = "text/html; charset=utf-8"
FOR_A_MINUTE = "public, max-age=60"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}

_LINK = re.compile(r'\b(href|src)="(/[^"]*)"')
_FILES = ("/static/", "/media/", "/brand/")


class File(NamedTuple):
    """One file of the website."""

    key: str
    body: bytes
    content_type: str
    cache_control: str


def publish() -> list[str]:
    """Write everything into the site bucket, what pages need before the pages; returns the keys.
    Files of earlier pages stay: somebody may be reading one. Raises Unaddressed."""
    config.settings.require_public_url()
    return [_write(file) for file in (*static_files(), *_pages())]


def _write(file: File) -> str:
    bucket = config.settings.site_bucket
    objects.put(bucket, file.key, file.body, file.content_type, file.cache_control)
    return file.key


def static_files() -> Iterator[File]:
    """The static files under their names with a hash, to be kept for ever."""
    for address, path in assets.assets().everything():
        yield File(f"static/{address}", path.read_bytes(), TYPES[path.suffix], FOR_EVER)


def _pages() -> Iterator[File]:
    for language in LANGUAGES:
        yield _page("/", f"{language}/index.html", language)
        for conference in conferences.everything():
            if conference.publication is Publication.OPEN:
                brand = f"/brand/{conference.brand}.css"
                yield File(brand[1:], _get(brand), TYPES[".css"], FOR_EVER)
                address = f"/c/{conference.slug}"
                yield _page(address, f"{language}{address}/index.html", language)
    yield _page("/", "index.html", LANGUAGES[0])
    yield _page("/nowhere", "error.html", LANGUAGES[0])


def _page(address: str, key: str, language: str) -> File:
    html = _get(f"{address}?lang={language}").decode()
    return File(key, _in_bucket(html, language).encode(), PAGE, FOR_A_MINUTE)


def _get(address: str) -> bytes:
    """The app's own answer. Asked in a context of its own: within ours, all requests would share
    one language."""
    browser = current_app.test_client()
    answer = Context().run(
        browser.get,
        address,
        base_url=config.settings.public_origin,
        environ_overrides={"lanyard.published": True},
    )
    return answer.get_data()


def _in_bucket(html: str, language: str) -> str:
    return _LINK.sub(lambda found: f'{found[1]}="{_target(found[2], language)}"', html)


def _target(link: str, language: str) -> str:
    """Where a link of a page leads when the page is a file."""
    path, _, query = link.partition("?")
    if path.startswith(_FILES):
        return path
    other = re.search(r"\blang=(\w+)", query)
    language = other[1] if other else language
    if path == "/":
        return f"/{language}/"
    if re.fullmatch(r"/c/[^/]+", path):
        return f"/{language}{path}/"
    return f"{config.settings.public_url}{link}"
