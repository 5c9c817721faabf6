"""Where a request comes from, and who is believed about it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.web.network import network


def came_from(app: Flask, **environ: Any) -> str | None:
    with app.test_request_context("/", environ_overrides=environ):
        return network()


def through_gateway(address: str, **environ: Any) -> dict[str, Any]:
    event = {"requestContext": {"http": {"sourceIp": address}}}
    return {"lambda.event": event, "REMOTE_ADDR": "6.6.6.6", **environ}


@pytest.mark.parametrize(
    ("address", "range_"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/56"),
        ("2001:db8:1:ff::1", "2001:db8:1::/56"),  # the same home
        ("2001:db8:1:100::1", "2001:db8:1:100::/56"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("", None),
        ("unknown", None),
    ],
)
def test_addresses_are_taken_as_ranges(app: Flask, address: str, range_: str | None) -> None:
    assert came_from(app, REMOTE_ADDR=address) == range_
    assert came_from(app, **through_gateway(address)) == range_


def test_a_rest_api_says_it_elsewhere(app: Flask) -> None:
    event = {"requestContext": {"identity": {"sourceIp": "192.0.2.77"}}}
    assert came_from(app, **{"lambda.event": event}) == "192.0.2.0/24"


def test_what_a_visitor_says_is_not_believed(app: Flask) -> None:
    forged = {"HTTP_X_FORWARDED_FOR": "203.0.113.1"}
    assert came_from(app, **through_gateway("192.0.2.77", **forged)) == "192.0.2.0/24"
    assert came_from(app, REMOTE_ADDR="192.0.2.77", **forged) == "192.0.2.0/24"


@pytest.mark.parametrize("said", ["192.0.2.77", "203.0.113.1, 192.0.2.77", "192.0.2.77, 10.1.1.1"])
def test_our_distribution_is(app: Flask, said: str) -> None:
    """It appends the visitor's address to what the visitor said, API Gateway that of the
    distribution."""
    front = {"lanyard.front": True, "HTTP_X_FORWARDED_FOR": said}
    assert came_from(app, **through_gateway("10.1.1.1", **front)) == "192.0.2.0/24"
