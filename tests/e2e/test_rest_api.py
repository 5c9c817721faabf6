"""The same stage with a REST API (v1), which is a choice of the operator's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import KIM
from tests.e2e.site import Site, mail_to, sign_up, soon


@pytest.fixture(scope="module")
def choices() -> dict[str, Any]:
    """As docs/deploy.md says it."""
    return {"apigateway_version": "v1"}


def test_pages_come_over_a_rest_api(site: Site) -> None:
    page = site.get("/c/garam?lang=ko")
    assert page.status == 200
    assert 'action="/dev/c/garam/register?lang=ko"' in page.text
    found = site.root.client("apigateway").get_rest_apis()["items"]
    assert [api["name"] for api in found] == [site.name]
    assert site.root.client("apigatewayv2").get_apis()["Items"] == []


def test_a_sign_up_over_it_is_answered(site: Site) -> None:
    """The image is looked at in its bucket: the emulated REST API loses bytes that are no text."""
    path = sign_up(site)
    assert KIM.name in site.get(path).text
    assert path in soon(lambda: mail_to(KIM)).text
    (image,) = soon(lambda: images(site))
    assert image["Size"] > 10_000


def images(site: Site) -> list[dict[str, Any]] | None:
    found = site.root.client("s3").list_objects_v2(Bucket=site.bucket("derived"))
    return list(found["Contents"]) if "Contents" in found else None


def test_it_is_updated_and_destroyed(site: Site) -> None:
    origin = site.api_origin
    site.operate("deploy")
    assert site.api_origin == origin
    site.operate("destroy", "--data", "yes", "--confirm", "dev")
    assert site.root.client("apigateway").get_rest_apis()["items"] == []
    assert site.root.client("s3").list_buckets()["Buckets"] == []
