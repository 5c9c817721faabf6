"""infra/edge_lang.js in node: what CloudFront's function makes of a request."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from flask import Flask

from app.web import languages
from tests.infra.template import FOLDER

SOURCE = (FOLDER / "edge_lang.js").read_text(encoding="utf-8")
RUN = f"{SOURCE}\nprocess.stdout.write(JSON.stringify(EVENTS.map(handler)));"

# What browsers and others send.
PREFERENCES = (
    "en-GB, ko;q=0.7",
    "",
    "ko",
    "en",
    "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7",
    "en-US,en;q=0.9,ko;q=0.8",
    "fr-FR,fr;q=0.9,en;q=0.8",
    "fr",
    "ja,zh-CN;q=0.9",
    "*",
    "en;q=0",
    "en;q=0, ko;q=0.1",
    "ko;q=0.2,en;q=0.9",
    "EN;Q=0.3,ko;q=0.2",
    "en;q=2",
    "en;q=abc",
    "en;q=1.0",
    "kok,en;q=0.5",
    "e n",
    ",;=,",
)


def handled(*requests: dict[str, Any]) -> list[dict[str, Any]]:
    """The requests as the function passes them on."""
    events = json.dumps([{"request": one} for one in requests])
    node = subprocess.run(
        ["node", "-e", f"const EVENTS = {events};\n{RUN}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    passed_on: list[dict[str, Any]] = json.loads(node.stdout)
    return passed_on


def request(
    query: dict[str, Any] | None = None, accept: str | None = None, method: str = "GET"
) -> dict[str, Any]:
    """A request in the shape of CloudFront's events."""
    return {
        "method": method,
        "uri": "/c/garam",
        "querystring": query or {},
        "headers": {} if accept is None else {"accept-language": {"value": accept}},
        "cookies": {"passes": {"value": "x"}},
    }


def lang_of(passed_on: dict[str, Any]) -> str:
    [(name, found)] = passed_on["querystring"].items()
    assert name == "lang"
    return str(found["value"])


def test_a_language_that_was_asked_for_stays() -> None:
    asked = [
        request({"lang": {"value": lang}}, "en" if lang == "ko" else "ko") for lang in ("ko", "en")
    ]
    assert [lang_of(one) for one in handled(*asked)] == ["ko", "en"]


def test_a_browser_is_answered_as_the_app_would(app: Flask) -> None:
    for accept, passed_on in zip(
        PREFERENCES, handled(*(request(accept=one) for one in PREFERENCES)), strict=True
    ):
        with app.test_request_context(headers={"Accept-Language": accept}):
            assert (accept, lang_of(passed_on)) == (accept, languages.select())


def test_without_a_wish_it_is_korean() -> None:
    assert [lang_of(one) for one in handled(request())] == ["ko"]


@pytest.mark.parametrize(
    "lang",
    [
        {"value": ""},
        {"value": "fr"},
        {"value": "EN"},
        {"value": "ko'"},
        {"value": "ko", "multiValue": [{"value": "ko"}, {"value": "en"}]},
    ],
)
def test_no_other_language_makes_another_page(lang: dict[str, Any]) -> None:
    assert [lang_of(one) for one in handled(request({"lang": lang}, "en"))] == ["en"]


def test_other_queries_make_no_other_page() -> None:
    query = {"utm_source": {"value": "x"}, "lang": {"value": "en"}}
    [passed_on] = handled(request(query))
    assert passed_on["querystring"] == {"lang": {"value": "en"}}


def test_a_page_reads_no_cookie_and_a_form_does() -> None:
    methods = ("GET", "HEAD", "POST")
    passed_on = handled(*(request(method=one) for one in methods))
    assert [bool(one["cookies"]) for one in passed_on] == [False, False, True]
    assert [one["uri"] for one in passed_on] == ["/c/garam"] * 3
