"""The crawl of the addresses finds what it is there for."""

from __future__ import annotations

import pytest

from tests.e2e.crawl import Crawl
from tests.e2e.site import Answer

HERE, PUBLIC = "https://api.example.com/dev/", "https://example.com/"


def page(content: str) -> Answer:
    return Answer(200, {"Content-Type": "text/html"}, f"<!DOCTYPE html>{content}".encode())


def complaints(content: str, sent: int = 422) -> list[str]:
    """What is said of a page with that in it."""
    pages = {HERE: page(content), f"{HERE}other": page(""), PUBLIC: page("<a href='/'>")}
    forms = {f"{HERE}form": Answer(sent, {"Location": "/dev/other"}, b"")}

    def ask(address: str, form: dict[str, str] | None) -> Answer:
        return (pages if form is None else forms).get(address, Answer(404, {}, b""))

    crawl = Crawl(ask, lambda one: one.startswith(HERE), lambda one: one.startswith(PUBLIC))
    crawl.follow(HERE)
    crawl.send_forms()
    return crawl.complaints


@pytest.mark.parametrize(
    "content",
    [
        "<a href='/dev/other?#top'>",
        "<a href='other'><a href='#main'><a href='mailto:hello@example.com'>",
        f"<link rel='canonical' href='{PUBLIC}'><meta property='og:url' content='{PUBLIC}'>",
        "<form method='post' action='/dev/form'></form><form method='dialog'></form>",
    ],
)
def test_what_is_right_is_not_complained_of(content: str) -> None:
    assert complaints(content) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<a href='/other'>", f"on {HERE}: https://api.example.com/other"),
        ("<a href='/dev/nowhere'>", f"404: {HERE}nowhere"),
        ("<img src='/static/logo.svg'>", f"on {HERE}: https://api.example.com/static/logo.svg"),
        ("<script src='/dev/lost.js'></script>", f"404: {HERE}lost.js"),
        ("<p data-image='/pass.png'>", f"on {HERE}: https://api.example.com/pass.png"),
        (f"<link rel='canonical' href='{HERE}'>", f"on {HERE}: {HERE}"),
        (f"<link rel='alternate' href='{PUBLIC}lost'>", f"404: {PUBLIC}lost"),
        (f"<a href='{PUBLIC}'>", f"on {HERE}: {PUBLIC}"),
        ("<form method='post' action='/form'>", f"on {HERE}: https://api.example.com/form"),
        ("<form method='post' action='/dev/lost'>", f"404: {HERE}lost"),
    ],
)
def test_what_is_wrong_is_found(content: str, said: str) -> None:
    assert complaints(content) == [said]


def test_a_form_may_lead_to_a_page() -> None:
    assert complaints("<form method='post' action='/dev/form'>", sent=303) == []


@pytest.mark.parametrize("sent", [403, 404, 405, 500])
def test_a_form_has_to_be_answered(sent: int) -> None:
    said = complaints("<form method='post' action='/dev/form'>", sent)
    assert said == [f"{sent}: {HERE}form"]
