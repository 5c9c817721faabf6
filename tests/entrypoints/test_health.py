"""Alive and ready are two things."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from app import config
from app.conferences.rules import Conference
from tests import cast
from tests.cast import KIM
from tests.pages import PageClient


def test_alive(client: PageClient) -> None:
    assert client.get("/healthz").status_code == 200


def test_ready(client: PageClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"dynamodb": True, "s3": True, "sns": True}
    assert answer.headers["Cache-Control"] == "no-store"


def test_not_ready_without_its_topic(client: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = replace(config.settings, account="111111111111")
    monkeypatch.setattr(config, "settings", elsewhere)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"dynamodb": True, "s3": False, "sns": False}


def test_a_request_is_told_by_its_route(
    client: PageClient, conference: Conference, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "app")
    sent = {"Origin": "http://localhost"}
    answer = client.post("/c/garam/register", data=cast.form(KIM), headers=sent)
    client.get(answer.location)
    client.get("/passes/unknown")

    told = [record.fields for record in caplog.records if hasattr(record, "fields")]
    assert [(one["method"], one["route"], one["status"]) for one in told] == [
        ("POST", "/c/<slug>/register", 303),
        ("GET", "/passes/<secret>", 200),
        ("GET", "/passes/<secret>", 404),
    ]
    assert "/passes/A" not in caplog.text
