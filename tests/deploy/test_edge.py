"""The edge stack: made, made anew, made without CloudFront; and what the function is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from app.local import cloud as local_cloud
from deploy import edge, refusals, stacks
from deploy.live import Live
from tests.deploy import standing
from tests.deploy.standing import make_function
from tests.infra import template

SERVICES = (
    *local_cloud.SERVICES,
    *("apigateway", "cloudformation", "cloudfront", "iam", "lambda", "logs", "monitoring", "sts"),
)
UNVERIFIED = (
    "Access denied for operation 'AWS::CloudFront::Distribution: Your account must be verified "
    "before you can add new CloudFront resources."
)


@pytest.fixture
def live(account: local_cloud.EphemeralCloud, monkeypatch: pytest.MonkeyPatch) -> Live:
    """The stage with an API and a function."""
    standing.enter(account, monkeypatch)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember other credentials
    monkeypatch.setattr(stacks, "POLL_SECONDS", 0.05)
    boto3.client("apigatewayv2").create_api(Name="lanyard-dev", ProtocolType="HTTP")
    make_function(boto3.client("lambda"))
    return Live("dev")


def alarms() -> int:
    return len(boto3.client("cloudwatch").describe_alarms()["MetricAlarms"])


ALL_ALARMS = len(template.edge().resources("AWS::CloudWatch::Alarm"))


def test_the_edge_stands_and_is_kept(live: Live) -> None:
    first = edge.prepare(live)
    assert first["PublicUrl"] == f"https://{first['DistributionDomain']}"
    assert alarms() == ALL_ALARMS
    assert edge.prepare(live) == first


def test_what_it_says_to_the_function_is_kept_in_ssm_alone(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    edge.prepare(live)
    kept = boto3.client("ssm").get_parameter(Name="/lanyard/dev/front-secret", WithDecryption=True)
    assert kept["Parameter"]["Type"] == "SecureString"
    secret = kept["Parameter"]["Value"]
    assert secret not in capsys.readouterr().out
    (distribution,) = boto3.client("cloudfront").list_distributions()["DistributionList"]["Items"]
    headers = [each.get("CustomHeaders", {}) for each in distribution["Origins"]["Items"]]
    assert secret in str(headers)


def test_what_an_earlier_run_left_half_made_goes(live: Live) -> None:
    cloudfront, name = boto3.client("cloudfront"), "lanyard-dev-public-pages"
    in_the_way = cloudfront.create_function(
        Name=name,
        FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
        FunctionCode=b"function handler(event) { return event.request; }",
    )
    with pytest.raises(stacks.StackFailed, match=r"PublicPages: .* already exists"):
        edge.prepare(live)
    formation = boto3.client("cloudformation")
    assert stacks.status(formation, live.edge_stack) in stacks.HALF_MADE
    cloudfront.delete_function(Name=name, IfMatch=in_the_way["ETag"])
    assert edge.prepare(live)["PublicUrl"]


def test_an_account_without_cloudfront_has_alarms_and_gets_it_later(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as new_account:
        new_account.setattr(stacks, "ensure", refusing_distributions(stacks.ensure))
        assert "PublicUrl" not in edge.prepare(live)
    assert "AWS Support" in capsys.readouterr().out
    assert alarms() == ALL_ALARMS
    assert edge.prepare(live)["PublicUrl"]


def refusing_distributions(ensure: Any) -> Any:
    """As AWS does to an account that it has not verified."""

    def refusing(formation: Any, name: str, file: Any, given: Mapping[str, str]) -> None:
        if given["CloudFront"] == "yes":
            said = f"The stack {name} failed:\n  Distribution: {UNVERIFIED}"
            raise stacks.StackFailed("\n".join([said, *refusals.next_step(said)]))
        ensure(formation, name, file, given)

    return refusing


def test_other_failures_are_told(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any) -> None:
        raise stacks.StackFailed("The stack failed:\n  Distribution: no")

    monkeypatch.setattr(stacks, "ensure", failing)
    with pytest.raises(stacks.StackFailed, match="Distribution: no"):
        edge.prepare(live)


def test_the_operators_choices_arrive(live: Live) -> None:
    live.settings = {**live.settings, "lanyard": {"operator_mail": "operator@example.com"}}
    edge.prepare(live)
    (told,) = boto3.client("sns").list_subscriptions()["Subscriptions"]
    assert (told["Protocol"], told["Endpoint"]) == ("email", "operator@example.com")


def test_the_function_is_told_beside_what_it_knows(live: Live) -> None:
    edge.tell(live, PUBLIC_URL="https://a.example.com")
    edge.tell(live, LANYARD_FRONT_SECRET="x" * 32)
    assert edge.variables(live) == {
        "PUBLIC_URL": "https://a.example.com",
        "LANYARD_FRONT_SECRET": "x" * 32,
    }


def test_what_the_function_knows_is_not_told_again(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    edge.tell(live, PUBLIC_URL="https://a.example.com")
    capsys.readouterr()
    edge.tell(live, PUBLIC_URL="https://a.example.com")
    assert capsys.readouterr().out == ""


def test_a_new_function_is_introduced_at_its_apis_address(live: Live) -> None:
    edge.introduce(live)
    assert edge.variables(live)["PUBLIC_URL"] == live.api_address()
    edge.tell(live, PUBLIC_URL="https://a.example.com")
    edge.introduce(live)
    assert edge.variables(live)["PUBLIC_URL"] == "https://a.example.com"
