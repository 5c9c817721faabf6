"""Neither secret, address nor name stands in anything that Lanyard writes but its records."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import NoReturn
from urllib.parse import quote

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.conferences.rules import Conference
from app.registrations import links
from app.registrations.rules import Person
from tests import cast
from tests.browser.conftest import Visit
from tests.browser.served import Lanyard
from tests.browser.visitor import (
    fill_in,
    get_mail,
    secret_in,
    see_image,
    sign_up,
    subject,
    submit_button,
)
from tests.pages import PageClient

HWANG = Person("황보이랑", "irang.hwangbo@example.com", "010-9876-5432", "먼바다연구소")
MOVED = Person("Quintilia Zabłocka", "quintilia@example.com", "010-5555-0199", "Faraway Labs")


def test_a_visit_leaves_no_trace(visit: Visit, lanyard: Lanyard) -> None:
    page = visit("ko")
    path = sign_up(page, HWANG)
    see_image(page)
    change(page, path)
    page.goto("/my")
    page.locator("#email").fill(MOVED.email)
    submit_button(page).click()
    get_mail(page, MOVED.email, "참가증")
    page.goto("/c/demo")  # the same address, another browser
    page.context.clear_cookies()
    fill_in(page, replace(HWANG, email=MOVED.email))
    submit_button(page).click()
    fail(page, path)
    page.goto(path)
    page.locator("[data-dialog]").click()
    page.locator("dialog form[method=post] button").click()
    get_mail(page, MOVED.email, subject("ko", "Your registration is cancelled"))
    assert traces(lanyard.written(), secret_in(path)) == []


def change(page: Page, path: str) -> None:
    """Another name and address: both addresses are told."""
    page.goto(f"{path}/edit")
    for field in ("name", "email", "phone", "company"):
        page.locator(f"#{field}").fill(getattr(MOVED, field))
    submit_button(page).click()
    see_image(page)
    get_mail(page, HWANG.email, subject("ko", "Your registration has moved to another address"))
    get_mail(page, MOVED.email, subject("ko", "Your registration has a new address"))


def fail(page: Page, path: str) -> None:
    """Requests that end in an error, each with something in it that must not be told."""
    request, origin = page.context.request, page.url.partition("/c/")[0]
    wrong = path[:-4] + "AAAA"
    told: dict[str, str | float | bool] = {"name": HWANG.name, "email": HWANG.email}
    headers = {"Origin": origin}
    body = b"name=\xff" + HWANG.email.encode()
    form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    answers = [
        request.get(wrong),
        request.get(f"{path}/{HWANG.email}"),
        request.put(path, data=told),
        request.post("/c/demo/register", data=told, headers=headers),
        request.post("/c/demo/register", data=body, headers=form),
        request.post(f"{path}/cancel", headers={"Origin": "https://elsewhere.example.com"}),
        request.post("/c/demo/register", form=told, headers=headers),
        # last: the connection ends, for the body is not read
        request.post("/c/demo/register", form={**told, "company": "x" * 70_000}, headers=headers),
    ]
    assert [one.status for one in answers] == [404, 404, 405, 415, 400, 403, 422, 413]


def traces(written: str, secret: str) -> list[str]:
    """What stands there of the people and of the pass link, also as addresses write it."""
    private = [secret, secret[:12]]
    for person in (HWANG, MOVED):
        private += [person.name, person.email, person.phone, person.company, person.name.split()[0]]
    assert "is running at" in written  # it was read at all
    return [one for one in private if one in written or quote(one) in written]


def test_a_trace_would_be_found() -> None:
    line = f"GET /passes/an-unguessable-secret?name={quote(HWANG.name)}"
    found = traces(f"Lanyard is running at /\n{line}", "an-unguessable-secret")
    assert set(found) == {"an-unguessable-secret", "an-unguessab", HWANG.name}


def test_an_error_of_our_own_is_logged_without_them(
    app: Flask,
    client: PageClient,
    conference: Conference,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    registration = cast.sign_up(conference, HWANG)
    secret = links.secret_of(registration)

    def fail(**values: str) -> NoReturn:
        raise RuntimeError(f"{HWANG.name} {HWANG.email} {values}")

    monkeypatch.setitem(app.view_functions, "passes.show", fail)
    monkeypatch.setattr(app, "testing", False)
    with caplog.at_level(logging.INFO):
        answer = client.get(f"/passes/{secret}")
    assert answer.status_code == 500
    assert "unexpected RuntimeError at /passes/<secret>" in caplog.text
    assert "test_logs.py" in caplog.text  # where it arose
    assert traces("is running at" + caplog.text, secret) == []
