"""`make deploy` with the real Zappa, to an emulated account: the site in use."""

from __future__ import annotations

import io
import json

import pytest
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from PIL import Image

from tests.cast import ADA, KIM
from tests.e2e.account import NUMBER, REGION
from tests.e2e.site import (
    Site,
    dead_letters,
    image_of,
    mail_to,
    result_of,
    schedule_until,
    sign_up,
    soon,
    subscriptions,
)


def test_pages_come_over_the_api(site: Site) -> None:
    page = site.get("/c/garam?lang=en")
    assert page.status == 200
    assert "Garam Developer Conference" in page.text
    assert 'action="/dev/c/garam/register?lang=en"' in page.text


def test_no_other_api_is_made(site: Site) -> None:
    found = site.root.client("apigatewayv2").get_apis()["Items"]
    assert [(api["Name"], api["ProtocolType"]) for api in found] == [(site.name, "HTTP")]


def test_a_sign_up_is_answered_with_a_pass_image_and_a_mail(site: Site) -> None:
    path = sign_up(site)
    assert KIM.name in site.get(path).text
    image = soon(lambda: image_of(site, path))
    assert Image.open(io.BytesIO(image)).format == "PNG"
    assert path in soon(lambda: mail_to(KIM)).text


def test_private_buckets_speak_tls_alone(site: Site) -> None:
    """The deployer may write there, but not what came by plain HTTP."""
    s3 = site.checkout.operator.client("s3")
    file = {"Bucket": site.bucket("uploads"), "Key": "uploads/garam/notes"}
    s3.put_object(**file)
    s3.meta.events.register("before-sign.s3", _plainly)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(**file)


def _plainly(request: AWSRequest, **_: object) -> None:
    """Say of a request what a proxy says that took it by plain HTTP."""
    request.headers["X-Forwarded-Proto"] = "http"


def test_a_command_is_invoked(site: Site) -> None:
    assert "garam" in site.operate("invoke", "conference", "list")


def test_zappa_invokes_a_command(site: Site) -> None:
    printed = site.checkout.python(
        "zappa.cli", "invoke", "dev", "app.entrypoints.cli.run", "--no-color",
        "--payload", json.dumps({"args": ["conference", "list", "--json"]}),
    )  # fmt: skip
    assert "Result of app.entrypoints.cli.run" in printed
    assert "garam" not in printed  # Zappa shows the log, which holds no output of commands


def test_a_logo_put_into_the_bucket_is_processed(site: Site) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (400, 400), "#0b5563").save(drawn, "PNG")
    name = "새 로고+1.png"
    site.root.client("s3").put_object(
        Bucket=site.bucket("uploads"), Key=f"uploads/garam/logo/{name}", Body=drawn.getvalue()
    )
    assert soon(lambda: result_of(site, name))["status"] == "done"


def test_what_cannot_be_delivered_is_kept(site: Site) -> None:
    (subscription,) = subscriptions(site).values()
    sns = site.root.client("sns")
    found = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    queue = json.loads(found["RedrivePolicy"])["deadLetterTargetArn"]
    assert queue == f"arn:aws:sqs:{REGION}:{NUMBER}:{site.name}-undelivered"


def test_a_message_that_fails_for_good_becomes_a_dead_letter(site: Site) -> None:
    unknown = json.dumps({"type": "of.no.kind", "data": {}})
    site.root.client("sns").publish(TopicArn=site.topic, Message=unknown)
    assert soon(lambda: dead_letters(site) or None) == 1


def test_the_schedule_mends_what_a_dropped_message_left_undone(site: Site) -> None:
    """As when a deployment falls between a sign-up and its message."""
    (subscription,) = subscriptions(site).values()
    site.root.client("sns").unsubscribe(SubscriptionArn=subscription)
    path = sign_up(site, ADA)
    assert image_of(site, path) is None
    assert schedule_until(site, lambda: image_of(site, path))
    assert path in schedule_until(site, lambda: mail_to(ADA)).text
    site.operate("deploy")
    assert len(subscriptions(site)) == 1
