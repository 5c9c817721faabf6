"""`make deploy`: what fails is told, with the next step (tests/e2e runs the rest)."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest

from app.local import cloud as local_cloud
from deploy import asking, base, deploy, edge, live, refusals, static_files, zappa_cli

SERVICES = (*local_cloud.SERVICES, "cloudformation", "lambda", "iam", "apigateway", "sts")


SITE = "lanyard-dev-site-000000000000"


@pytest.fixture
def told(
    account: local_cloud.EphemeralCloud, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, ...]]:
    """What Zappa is told; it does nothing and fails."""
    for name, value in account.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember other credentials
    account.reset()
    outputs = {"UndeliveredMessagesArn": "dev", "SiteBucketName": SITE}
    monkeypatch.setattr(base, "prepare", lambda stage: outputs)
    boto3.client("s3").create_bucket(
        Bucket=SITE, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
    )
    commands: list[tuple[str, ...]] = []

    def failing(*words: str) -> bool:
        commands.append(words)
        return False

    monkeypatch.setattr(zappa_cli, "run", failing)
    return commands


def test_zappa_deploys_what_is_not_there(told: list[tuple[str, ...]]) -> None:
    with pytest.raises(deploy.CannotDeploy, match="`zappa deploy dev` failed"):
        deploy.deploy("dev")
    assert told == [("deploy", "dev")]


def test_static_files_are_there_before_the_code(told: list[tuple[str, ...]]) -> None:
    with pytest.raises(deploy.CannotDeploy):
        deploy.deploy("dev")
    address = static_files.assets().address("css/lanyard.css")
    found = boto3.client("s3").get_object(Bucket=SITE, Key=f"static/{address}")
    assert found["ContentType"] == "text/css"
    assert found["CacheControl"] == "public, max-age=31536000, immutable"


def test_static_files_are_sent_once_and_kept(told: list[tuple[str, ...]]) -> None:
    s3 = boto3.client("s3")
    s3.put_object(Bucket=SITE, Key="static/css/earlier.0123456789.css", Body=b"")
    assert static_files.upload(s3, SITE) > 0
    assert static_files.upload(s3, SITE) == 0
    assert s3.head_object(Bucket=SITE, Key="static/css/earlier.0123456789.css")


def test_what_is_not_deployed_is_not_updated(told: list[tuple[str, ...]]) -> None:
    with pytest.raises(deploy.CannotDeploy, match="make deploy STAGE=dev"):
        deploy.update("dev")
    assert told == []


def test_an_update_from_another_checkout_is_for_this_account(
    told: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: list[str] = []

    def adopting(account: str) -> list[str]:
        learnt.append(account)
        return []

    monkeypatch.setattr(base, "adopt", adopting)
    with pytest.raises(deploy.CannotDeploy):
        deploy.update("dev")
    assert learnt == ["000000000000"]


def test_the_front_secret_is_made_once(told: list[tuple[str, ...]]) -> None:
    first = edge.front_secret(live.Live("dev"))
    assert len(first) >= 32
    assert edge.front_secret(live.Live("dev")) == first


def test_a_function_that_was_not_made_is_told(
    told: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zappa may end well all the same."""
    monkeypatch.setattr(zappa_cli, "run", lambda *_: True)
    with pytest.raises(live.NotThere, match="no function lanyard-dev"):
        deploy.deploy("dev")


def test_an_api_that_was_not_made_is_told(told: list[tuple[str, ...]]) -> None:
    with pytest.raises(live.NotThere, match="no API lanyard-dev"):
        live.Live("dev").api_address()


FRONT = {"DistributionDomain": "d1.cloudfront.net", "PublicUrl": "https://garam.example.com"}


@pytest.fixture
def choosing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., live.Live]:
    """The stage in AWS, with these choices."""

    def choose(**choices: object) -> live.Live:
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        monkeypatch.setattr(live.Live, "choices", {**live.CHOICES, **choices})
        monkeypatch.setattr(live.Live, "api", lambda _: "abc123")
        return live.Live("dev")

    return choose


API = "https://abc123.execute-api.ap-northeast-2.amazonaws.com/dev"


def test_the_public_address_is_the_best_there_is(choosing: Callable[..., live.Live]) -> None:
    assert deploy._public_url(choosing(domain_name="garam.example.com"), {}) == API
    assert deploy._public_url(choosing(), FRONT) == "https://d1.cloudfront.net"
    assert deploy._public_url(choosing(domain_name="garam.example.com"), FRONT) == (
        "https://garam.example.com"
    )


def asked(stage: live.Live, front: dict[str, str]) -> list[str]:
    website = {"SiteUrl": "http://site.s3-website.ap-northeast-2.amazonaws.com"}
    return list(deploy._addresses(stage, website, front))


def test_every_address_is_asked(choosing: Callable[..., live.Live]) -> None:
    website = "http://site.s3-website.ap-northeast-2.amazonaws.com/"
    readyz, css, *others = asked(choosing(), FRONT)
    assert readyz == "https://d1.cloudfront.net/readyz"
    assert css.startswith("https://d1.cloudfront.net/static/css/lanyard.")
    assert others == [website]
    assert asked(choosing(), {}) == [website]
    assert asked(choosing(public_site=False), {}) == []
    own = choosing(domain_name="garam.example.com", hosted_zone_id="Z1")
    assert "https://garam.example.com/readyz" in asked(own, FRONT)


def test_what_others_have_to_do_is_told(choosing: Callable[..., live.Live]) -> None:
    def told(front: dict[str, str], **choices: object) -> str:
        return " ".join(deploy._still_to_do(choosing(**choices), front))

    assert told(FRONT) == ""
    assert told({}, cloudfront=False) == ""
    assert "AWS Support" in told({})
    own = {"domain_name": "garam.example.com"}
    assert "lead to garam.example.com: where its DNS is kept, make it a CNAME of d1." in told(
        FRONT, **own
    )
    assert told(FRONT, **own, hosted_zone_id="Z1") == ""


class Answering(BaseHTTPRequestHandler):
    """A site that is not ready until it has been asked often enough."""

    asked = 0
    ready_at = 3

    def do_GET(self) -> None:
        """Answer, unready at first."""
        type(self).asked += 1
        self.send_response(200 if self.asked >= self.ready_at else 503)
        self.end_headers()
        self.wfile.write(b'{"sns": false}')

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def answering(ready_at: int) -> Iterator[str]:
    handler = type("Here", (Answering,), {"ready_at": ready_at})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/readyz"
        server.shutdown()
        thread.join()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between requests."""
    monkeypatch.setattr(asking, "PAUSE_SECONDS", 0)


def test_a_site_may_take_its_time(hurried: None, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(ready_at=3) as url:
        asking.until_well(url)
    assert capsys.readouterr().out.count("503") == 2


def test_a_site_that_does_not_come_up_is_told(hurried: None) -> None:
    with answering(ready_at=100) as url, pytest.raises(asking.NoAnswer, match=r"503 .*sns"):
        asking.until_well(url)


def test_a_site_that_cannot_be_reached_is_told(hurried: None) -> None:
    with pytest.raises(asking.NoAnswer, match="make logs"):
        asking.until_well("http://127.0.0.1:9/readyz")


def test_what_aws_refuses_is_told(told: list[tuple[str, ...]]) -> None:
    with (
        pytest.raises(deploy.CannotDeploy, match="refused"),
        refusals.told_as(deploy.CannotDeploy),
    ):
        boto3.Session().client("lambda").get_function(FunctionName="nowhere")
