"""`make deploy` with the real Zappa, to an emulated account: the site in use, twice deployed."""

from __future__ import annotations

import io
import json

from PIL import Image

from tests.cast import ADA, KIM
from tests.e2e.account import NUMBER, REGION
from tests.e2e.site import (
    Site,
    dead_letters,
    image_of,
    result_of,
    sign_up,
    soon,
    starters,
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


def test_a_sign_up_is_answered_with_a_pass_image(site: Site) -> None:
    path = sign_up(site)
    assert KIM.name in site.get(path).text
    image = soon(site, lambda: image_of(site, path))
    assert Image.open(io.BytesIO(image)).format == "PNG"


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
    assert soon(site, lambda: result_of(site, name))["status"] == "done"


def test_what_cannot_be_delivered_is_kept(site: Site) -> None:
    (subscription,) = subscriptions(site).values()
    sns = site.root.client("sns")
    found = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    queue = json.loads(found["RedrivePolicy"])["deadLetterTargetArn"]
    assert queue == f"arn:aws:sqs:{REGION}:{NUMBER}:{site.name}-undelivered"


def test_a_message_that_fails_for_good_becomes_a_dead_letter(site: Site) -> None:
    unknown = json.dumps({"type": "of.no.kind", "data": {}})
    site.root.client("sns").publish(TopicArn=site.topic, Message=unknown)
    assert soon(site, lambda: dead_letters(site) or None) == 1


def test_a_second_deployment_keeps_everything(site: Site) -> None:
    before, people = starters(site), site.run("registration", "list", "garam")
    origin = site.api_origin
    site.deploy()
    assert site.api_origin == origin
    assert starters(site) == before
    assert site.run("registration", "list", "garam") == people
    assert len(before["rules"]) == 2
    path = sign_up(site, ADA)
    assert soon(site, lambda: image_of(site, path))


def test_a_deployment_that_broke_off_is_resumed(site: Site) -> None:
    """Zappa makes the function first, then its API; it would refuse to deploy again."""
    site.root.client("cloudformation").delete_stack(StackName=site.name)
    site.deploy()
    assert "Garam Developer Conference" in site.get("/c/garam?lang=en").text
    assert len(subscriptions(site)) == 1
