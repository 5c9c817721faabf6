"""The app behind API Gateway, both payload versions: under the stage, behind CloudFront, under a
domain of its own."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from zappa.handler import LambdaHandler

from app import config
from app.aws import tables
from app.conferences import pictures
from app.conferences import service as conferences
from app.local import demo, provision
from tests import cast
from tests.cast import KIM
from tests.entrypoints import gateway
from tests.entrypoints.gateway import HOST, header

PUBLIC = "https://garam.example.com"
SECRET = "front-secret"  # an invented one

Payload = Callable[..., dict[str, Any]]
both = pytest.mark.parametrize("payload", [gateway.v1, gateway.v2])


@pytest.fixture
def lambda_(app: Flask, cloud: object) -> Iterator[LambdaHandler]:
    """The deployed function of a stage in the cloud, with one open conference."""
    laptop = config.settings
    config.use(replace(laptop, stage="prod", public_url=PUBLIC, front_secret=SECRET))
    tables.forget_connections()
    provision.ensure(config.settings)
    cast.make_conference()
    yield gateway.handler()
    config.use(laptop)
    tables.forget_connections()


def ask(lambda_: LambdaHandler, payload: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = lambda_.handler(payload, None)
    return answer


@both
def test_under_the_stage_links_carry_it(lambda_: LambdaHandler, payload: Payload) -> None:
    answer = ask(lambda_, payload("GET", "/c/garam?lang=en"))
    assert answer["statusCode"] == 200
    assert 'action="/prod/c/garam/register?lang=en"' in answer["body"]
    assert 'href="/prod/static/' in answer["body"]


@both
def test_behind_cloudfront_they_do_not(lambda_: LambdaHandler, payload: Payload) -> None:
    headers = {"X-Lanyard-Front": SECRET}
    answer = ask(lambda_, payload("GET", "/c/garam?lang=en", headers=headers))
    assert 'action="/c/garam/register?lang=en"' in answer["body"]


@both
@pytest.mark.parametrize("guessed", ["guessed", "guessé", "추측"])
def test_a_guessed_front_header_changes_nothing(
    lambda_: LambdaHandler, payload: Payload, guessed: str
) -> None:
    headers = {"X-Lanyard-Front": guessed}
    answer = ask(lambda_, payload("GET", "/c/garam?lang=en", headers=headers))
    assert answer["statusCode"] == 200
    assert 'action="/prod/c/garam/register?lang=en"' in answer["body"]


@both
@pytest.mark.parametrize("name", ["X_Lanyard_Front", "x-lanyard_front"])
def test_nobody_can_have_a_page_kept_that_leads_astray(
    lambda_: LambdaHandler, payload: Payload, name: str
) -> None:
    """For WSGI it would be the distribution's own header, and what a visitor says would count: the
    distribution would keep a page whose links carry the stage."""
    headers = {"X-Lanyard-Front": SECRET, name: "guessed"}
    answer = ask(lambda_, payload("GET", "/c/garam?lang=en", headers=headers))
    assert 'action="/c/garam/register?lang=en"' in answer["body"]


@both
def test_where_a_visitor_comes_from_cannot_be_made_up(
    lambda_: LambdaHandler, payload: Payload
) -> None:
    conferences.change(conferences.by_slug("garam").conference_id, sign_ups_a_network=1)
    answers = [
        ask(
            lambda_,
            payload(
                "POST",
                "/c/garam/register",
                headers={
                    "X-Lanyard-Front": SECRET,
                    "X-Forwarded-For": "198.51.100.7, 192.0.2.7",
                    "X_Forwarded_For": f"203.0.{number}.7",
                },
                form=cast.form(cast.person(number)),
            ),
        )
        for number in range(2)
    ]
    assert [one["statusCode"] for one in answers] == [303, 429]


@both
def test_the_public_address_may_be_below_a_path(lambda_: LambdaHandler, payload: Payload) -> None:
    """It is the API's own, with its stage, where nothing stands in front: what a browser sends as
    its origin has no path."""
    config.use(replace(config.settings, public_url=f"{PUBLIC}/prod"))
    signed_up = ask(
        lambda_,
        payload("POST", "/c/garam/register", headers={"Origin": PUBLIC}, form=cast.form(KIM)),
    )
    assert signed_up["statusCode"] == 303


@both
@pytest.mark.parametrize("front", [True, False])
def test_signing_up(lambda_: LambdaHandler, payload: Payload, front: bool) -> None:
    """Behind CloudFront the browser's origin is the public one; without, the API's own."""
    headers = {"Origin": PUBLIC, "X-Lanyard-Front": SECRET}
    if not front:
        headers = {"Origin": f"https://{HOST}"}
    answer = ask(
        lambda_, payload("POST", "/c/garam/register", headers=headers, form=cast.form(KIM))
    )
    assert answer["statusCode"] == 303
    prefix = "" if front else "/prod"
    assert header(answer, "Location").startswith(f"{prefix}/passes/")


@both
def test_a_foreign_origin_is_refused(lambda_: LambdaHandler, payload: Payload) -> None:
    headers = {"Origin": "https://evil.example.com"}
    answer = ask(
        lambda_, payload("POST", "/c/garam/register", headers=headers, form=cast.form(KIM))
    )
    assert answer["statusCode"] == 403


@both
def test_under_an_own_domain(lambda_: LambdaHandler, payload: Payload) -> None:
    answer = ask(lambda_, payload("GET", "/c/garam?lang=ko", prefix="", host="garam.example.com"))
    assert 'action="/c/garam/register?lang=ko"' in answer["body"]


@both
def test_hangul_and_bytes_survive(lambda_: LambdaHandler, payload: Payload) -> None:
    headers = {"Origin": PUBLIC, "X-Lanyard-Front": SECRET}
    answer = ask(
        lambda_, payload("POST", "/c/garam/register", headers=headers, form=cast.form(KIM))
    )
    page = ask(
        lambda_, payload("GET", header(answer, "Location"), headers={"X-Lanyard-Front": SECRET})
    )
    assert KIM.name in page["body"]
    icon = ask(lambda_, payload("GET", "/healthz"))
    assert (icon["statusCode"], icon["body"]) == (200, "ok\n")


def test_cookies_that_a_rest_api_joined_are_parted(lambda_: LambdaHandler) -> None:
    headers = {"Origin": PUBLIC, "X-Lanyard-Front": SECRET}
    form = cast.form(KIM)
    first = ask(lambda_, gateway.v1("POST", "/c/garam/register", headers=headers, form=form))
    cookie = header(first, "Set-Cookie").partition(";")[0]
    joined = {**headers, "Cookie": f"other=1,{cookie}"}
    again = ask(lambda_, gateway.v1("POST", "/c/garam/register", headers=joined, form=form))
    assert again["statusCode"] == 303


@both
def test_images_are_sent_as_bytes(lambda_: LambdaHandler, payload: Payload) -> None:
    image = demo.LOGO.read_bytes()
    changed = conferences.set_logo(conferences.by_slug("garam").conference_id, image)
    answer = ask(lambda_, payload("GET", f"/media/{changed.logo}.png"))
    assert answer["isBase64Encoded"] is True
    assert base64.b64decode(answer["body"]) == pictures.logo(image)
