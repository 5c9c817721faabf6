"""infra/edge.yaml and budget.yaml, by their text: the emulated CloudFront keeps nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.conferences import views as conferences
from app.registrations import views as registrations
from app.web import headers
from app.web.front import HEADER
from tests.infra import template

EDGE = template.edge()
DISTRIBUTION: dict[str, Any] = EDGE.properties("Distribution")["DistributionConfig"]
BEHAVIOURS: dict[str, dict[str, Any]] = {
    one["PathPattern"]: one for one in DISTRIBUTION["CacheBehaviors"]
}
NOT_KEPT = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS's managed policy CachingDisabled
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # AllViewerExceptHostHeader
EVERY_METHOD = {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}


def key_of(policy: str) -> dict[str, Any]:
    found: dict[str, Any] = EDGE.properties(policy)["CachePolicyConfig"]
    return found


def test_what_is_not_named_is_never_kept() -> None:
    other = DISTRIBUTION["DefaultCacheBehavior"]
    assert other["CachePolicyId"] == NOT_KEPT
    assert other["TargetOriginId"] == "api"
    assert other["OriginRequestPolicyId"] == ALL_BUT_HOST
    assert set(other["AllowedMethods"]) == EVERY_METHOD


@pytest.mark.parametrize("path", ["/", "/c/*"])
def test_public_pages_are_kept_by_path_and_language(path: str) -> None:
    page = BEHAVIOURS[path]
    assert page["CachePolicyId"] == "<PagesKept.Ref>"
    assert page["OriginRequestPolicyId"] == ALL_BUT_HOST
    [association] = page["FunctionAssociations"]
    assert association["EventType"] == "viewer-request"
    assert association["FunctionARN"] == "<PublicPages.FunctionARN>"


def test_a_page_is_kept_for_the_seconds_that_the_app_says() -> None:
    kept = key_of("PagesKept")
    assert (kept["MinTTL"], kept["DefaultTTL"]) == (0, 0)
    longest = max(conferences.HOME_SECONDS, registrations.PAGE_SECONDS)
    assert longest <= kept["MaxTTL"] <= 60
    key = kept["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["QueryStringsConfig"] == {
        "QueryStringBehavior": "whitelist",
        "QueryStrings": ["lang"],
    }
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}
    assert key["HeadersConfig"] == {"HeaderBehavior": "none"}


def test_forms_go_through() -> None:
    assert set(BEHAVIOURS["/c/*"]["AllowedMethods"]) == EVERY_METHOD
    kept = [
        one["CachedMethods"] for one in (DISTRIBUTION["DefaultCacheBehavior"], *BEHAVIOURS.values())
    ]
    assert kept == [["GET", "HEAD"]] * len(kept)


@pytest.mark.parametrize(
    ("path", "origin"), [("/static/*", "site"), ("/media/*", "site"), ("/brand/*", "api")]
)
def test_files_named_by_their_content_are_kept(path: str, origin: str) -> None:
    assert BEHAVIOURS[path]["TargetOriginId"] == origin
    assert BEHAVIOURS[path]["CachePolicyId"] == "<FilesKept.Ref>"
    key = key_of("FilesKept")["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "none"}


def test_everything_kept_is_compressed_and_everything_is_over_tls() -> None:
    for one in (DISTRIBUTION["DefaultCacheBehavior"], *BEHAVIOURS.values()):
        assert one["Compress"] is True
        assert one["ViewerProtocolPolicy"] == "redirect-to-https"
        assert one["ResponseHeadersPolicyId"] == "<SecurityHeaders.Ref>"
    for name in ("PagesKept", "FilesKept"):
        key = key_of(name)["ParametersInCacheKeyAndForwardedToOrigin"]
        assert key["EnableAcceptEncodingBrotli"] is key["EnableAcceptEncodingGzip"] is True
    assert DISTRIBUTION["HttpVersion"] == "http2and3"


def test_errors_are_not_kept() -> None:
    kept = {
        one["ErrorCode"]: one["ErrorCachingMinTTL"] for one in DISTRIBUTION["CustomErrorResponses"]
    }
    # Those that CloudFront keeps for 10 seconds by itself, as its guide lists them.
    assert kept == dict.fromkeys((400, 403, 404, 405, 414, 500, 501, 502, 503, 504), 0)


def test_addresses_are_not_logged_as_pass_links_are_secrets() -> None:
    assert "Logging" not in DISTRIBUTION


def test_the_api_is_told_that_it_is_us() -> None:
    api, site = DISTRIBUTION["Origins"]
    [header] = api["OriginCustomHeaders"]
    assert f"HTTP_{header['HeaderName'].upper().replace('-', '_')}" == HEADER
    assert api["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert api["OriginPath"] == "/prod"
    assert site["DomainName"] == (
        f"lanyard-prod-site-{template.ACCOUNT}.s3.{template.REGION}.amazonaws.com"
    )
    assert site["OriginAccessControlId"] == "<SiteAccess.Id>"
    secret = template.read("edge")["Parameters"]["FrontSecret"]
    assert secret["NoEcho"] is True
    assert "Default" not in secret


def test_security_headers_are_the_apps_own_and_leave_the_apps_alone() -> None:
    policy = EDGE.properties("SecurityHeaders")["ResponseHeadersPolicyConfig"]
    fixed = policy["SecurityHeadersConfig"]
    sent = {
        "Content-Security-Policy": fixed["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": fixed["ReferrerPolicy"]["ReferrerPolicy"],
        **{one["Header"]: one["Value"] for one in policy["CustomHeadersConfig"]["Items"]},
    }
    assert sent == headers.ALWAYS
    overriding = [name for name, one in fixed.items() if one["Override"]]
    assert overriding == ["StrictTransportSecurity"]
    assert not any(one["Override"] for one in policy["CustomHeadersConfig"]["Items"])


def test_the_function_is_the_one_that_is_tested() -> None:
    function = EDGE.properties("PublicPages")
    source = (template.FOLDER / "edge_lang.js").read_text(encoding="utf-8")
    assert function["FunctionCode"] == source
    assert len(source) < 10_240  # CloudFront's limit
    assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"


def test_an_own_domain_is_a_choice() -> None:
    assert "Aliases" not in DISTRIBUTION
    assert EDGE.resources("AWS::Route53") == {}
    own = template.edge(
        DomainName="register.example.com",
        CertificateArn=f"arn:aws:acm:us-east-1:{template.ACCOUNT}:certificate/1",
        HostedZoneId="Z1",
    )
    config = own.properties("Distribution")["DistributionConfig"]
    assert config["Aliases"] == ["register.example.com"]
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    records = own.resources("AWS::Route53").values()
    assert {one["Properties"]["Type"] for one in records} == {"A", "AAAA"}


def test_without_cloudfront_the_alarms_stand() -> None:
    bare = template.edge(CloudFront="no", DomainName="register.example.com", HostedZoneId="Z1")
    assert bare.resources("AWS::CloudFront") == {}
    assert bare.resources("AWS::Route53") == {}
    alarms = "AWS::CloudWatch::Alarm"
    assert bare.resources(alarms) == EDGE.resources(alarms)


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_alarms_are_few_and_reach_the_operators(api: str) -> None:
    alarms = template.edge(Api=api).resources("AWS::CloudWatch::Alarm")
    assert len(alarms) <= 10
    for alarm in alarms.values():
        properties = alarm["Properties"]
        assert properties["AlarmActions"] == properties["OKActions"]
        assert properties["AlarmActions"] == [
            f"arn:aws:sns:{template.REGION}:{template.ACCOUNT}:lanyard-prod-operators"
        ]
        assert "Metrics" not in properties  # each would cost like an alarm of its own
        assert properties["Period"] >= 60  # below, an alarm costs thrice
    watched = {alarm["Properties"]["MetricName"] for alarm in alarms.values()}
    assert watched == {
        "Errors",
        "Throttles",
        "Invocations",
        "ApproximateNumberOfMessagesVisible",
        "Mended",
        "5XXError" if api == "v1" else "5xx",
    }


def test_alarms_watch_what_base_has_made() -> None:
    queues = template.base().resources("AWS::SQS::Queue").values()
    names = {queue["Properties"]["QueueName"] for queue in queues}
    alarms = EDGE.resources("AWS::CloudWatch::Alarm").values()
    watched = {
        dimension["Value"]
        for alarm in alarms
        for dimension in alarm["Properties"]["Dimensions"]
        if dimension["Name"] == "QueueName"
    }
    assert watched == names


def test_only_alarms_publish_to_the_operators() -> None:
    [statement] = EDGE.properties("OperatorsTopicPolicy")["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": template.ACCOUNT}}


def test_the_access_log_of_the_api_says_nothing_of_whom_or_what() -> None:
    stage = json.loads((template.FOLDER / "api_stage.json").read_text(encoding="utf-8"))
    logged = json.loads(stage["AccessLogFormat"])
    assert set(logged.values()) <= {
        "$context.requestId",
        "$context.requestTime",
        "$context.httpMethod",
        "$context.status",
        "$context.responseLength",
        "$context.responseLatency",
        "$context.integration.latency",
        "$context.integration.status",
        "$context.error.responseType",
    }
    assert 0 < stage["ThrottlingRateLimit"] <= stage["ThrottlingBurstLimit"]


def test_the_budget_tells_before_it_is_spent() -> None:
    budget = template.Worked("budget", OperatorMail="operator@example.com")
    properties = budget.properties("Budget")
    assert properties["Budget"]["BudgetLimit"] == {"Amount": 5, "Unit": "USD"}
    told = [
        one["Notification"]["NotificationType"]
        for one in properties["NotificationsWithSubscribers"]
    ]
    assert told == ["ACTUAL", "FORECASTED"]
    assert list(budget.resources()) == ["Budget"]
