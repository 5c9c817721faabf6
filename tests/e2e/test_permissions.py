"""What the function may do is what it needs: with a permission taken out of its role a check fails,
and with it put back the check passes."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
from collections.abc import Callable, Iterator
from http.client import INTERNAL_SERVER_ERROR, SEE_OTHER
from typing import Any

import pytest
from PIL import Image

from app.registrations.rules import Person
from tests import cast
from tests.e2e.site import (
    Site,
    image_of,
    mail_to,
    result_of,
    schedule_until,
    sign_up,
    soon,
)
from tests.infra.policies import many

_numbers = itertools.count(1)

Check = Callable[[Site], bool]


def people_sign_up(site: Site) -> bool:
    answer = site.send("/c/garam/register", cast.form(somebody()))
    assert answer.status in (SEE_OTHER, INTERNAL_SERVER_ERROR), answer.text
    return answer.status == SEE_OTHER


def a_pass_is_drawn(site: Site) -> bool:
    refused = site.root.refusals()
    path = sign_up(site, somebody())
    return comes(site, lambda: image_of(site, path), refused)


def a_mail_goes_out(site: Site) -> bool:
    who, refused = somebody(), site.root.refusals()
    sign_up(site, who)
    return comes(site, lambda: mail_to(who), refused)


def a_logo_is_taken(site: Site) -> bool:
    drawn, name, refused = io.BytesIO(), f"logo-{next(_numbers)}.png", site.root.refusals()
    Image.new("RGB", (400, 400), "#0b5563").save(drawn, "PNG")
    site.root.client("s3").put_object(
        Bucket=site.bucket("uploads"), Key=f"uploads/garam/logo/{name}", Body=drawn.getvalue()
    )
    return comes(site, lambda: result_of(site, name), refused)


def somebody() -> Person:
    """Who has not signed up yet."""
    return cast.person(next(_numbers))


def comes(site: Site, ask: Callable[[], object], before: list[str]) -> bool:
    """Whether something comes, or IAM refuses more than it had `before`."""

    def happened() -> tuple[bool] | None:
        refused = site.root.refusals() != before
        came = bool(ask())
        return (came,) if came or refused else None

    (came,) = soon(happened)
    return came


@contextlib.contextmanager
def without(site: Site, action: str, on: str) -> Iterator[None]:
    """The role without one permission; the function starts anew, because it keeps what it read."""
    iam, role = site.root.client("iam"), site.name
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policies = {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in names
    }
    poorer = {name: _poorer(document, action, on) for name, document in policies.items()}
    assert poorer != policies, "The role has no such permission."
    _give(site, poorer)
    site.root.client("lambda").update_function_configuration(FunctionName=site.name, Timeout=60)
    try:
        yield
    finally:
        _give(site, policies)


def _give(site: Site, policies: dict[str, Any]) -> None:
    for name, document in policies.items():
        site.root.client("iam").put_role_policy(
            RoleName=site.name, PolicyName=name, PolicyDocument=json.dumps(document)
        )


def _poorer(document: dict[str, Any], action: str, on: str) -> dict[str, Any]:
    statements = [_without_action(one, action, on) for one in document["Statement"]]
    return {**document, "Statement": [one for one in statements if one["Action"]]}


def _without_action(statement: dict[str, Any], action: str, on: str) -> dict[str, Any]:
    if not any(on in resource for resource in many(statement["Resource"])):
        return statement
    kept = [one for one in many(statement["Action"]) if one != action]
    return {**statement, "Action": kept}


@pytest.mark.parametrize(
    ("action", "on", "check"),
    [
        ("dynamodb:UpdateItem", "-seats", people_sign_up),
        ("ssm:GetParameter", "parameter/lanyard/", people_sign_up),
        ("sns:Publish", "-messages", a_pass_is_drawn),
        ("s3:PutObject", "-derived-", a_pass_is_drawn),
        ("ses:SendRawEmail", "identity/", a_mail_goes_out),
        ("s3:GetObject", "-uploads-", a_logo_is_taken),
    ],
    ids=lambda given: given.__name__ if callable(given) else given,
)
def test_a_check_fails_without_its_permission(
    site: Site, action: str, on: str, check: Check
) -> None:
    with without(site, action, on):
        assert not check(site)
        assert action in site.root.refusals()
    assert check(site)


def test_without_messages_the_schedule_makes_the_pass(site: Site) -> None:
    with without(site, "sns:Publish", "-messages"):
        path = sign_up(site, somebody())
        assert image_of(site, path) is None
        assert schedule_until(site, lambda: image_of(site, path))
