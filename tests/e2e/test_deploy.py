"""`make deploy` with the real Zappa, to an emulated account: the site in use, twice deployed."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import pytest
from PIL import Image

from app.core import clock
from app.registrations.rules import Person
from deploy import sources
from tests import cast
from tests.cast import ADA, KIM
from tests.e2e import account as accounts
from tests.e2e.account import NUMBER, Account, Checkout

STAGE = "dev"
FUNCTION = f"lanyard-{STAGE}"
TOPIC = f"arn:aws:sns:{accounts.REGION}:{NUMBER}:{FUNCTION}-messages"
UPLOADS = f"{FUNCTION}-uploads-{NUMBER}"
PATIENCE_SECONDS, POLL_SECONDS = 60.0, 0.2

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What a browser got."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body, as the text that it is."""
        return self.body.decode()


@dataclass(frozen=True)
class Site:
    """A deployed stage."""

    account: Account
    checkout: Checkout
    address: str

    def get(self, path: str) -> Answer:
        """A page."""
        return self._ask("GET", path)

    def send(self, path: str, form: dict[str, str]) -> Answer:
        """A form, as the site's own page sends it."""
        return self._ask("POST", path, urlencode(form), {
            "Content-Type": "application/x-www-form-urlencoded", "Origin": self.account.url,
        })  # fmt: skip

    def run(self, *words: str) -> Any:
        """A command of Lanyard's, run in the function; its rows."""
        payload = {"command": "app.entrypoints.cli.run", "args": [*words, "--json"]}
        answer = self.account.client("lambda").invoke(
            FunctionName=FUNCTION, Payload=json.dumps(payload)
        )
        found = json.loads(answer["Payload"].read())
        assert found.get("exit_code") == 0, found
        return json.loads(found["output"])

    def _ask(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] = {}
    ) -> Answer:
        url = urlsplit(self.address)
        connection = http.client.HTTPConnection(url.netloc, timeout=PATIENCE_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, url.path + path, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An empty account."""
    with accounts.running(tmp_path_factory.mktemp("account")) as account:
        yield account


@pytest.fixture(scope="module")
def site(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The stage, deployed for the first time, with an open conference."""
    checkout = accounts.checkout(tmp_path_factory.mktemp("checkout"), account)
    site = Site(account, checkout, deploy(checkout))
    make_conference(site)
    return site


def deploy(checkout: Checkout) -> str:
    """The address that the command ends with."""
    last = checkout.python("deploy.deploy", STAGE).splitlines()[-1]
    return last.removeprefix("Live: ").rstrip("/")


def make_conference(site: Site) -> None:
    """With commands, as an organiser does."""
    moments = {"starts": 30, "ends": 31, "opens": -1, "closes": 20}
    given = {
        "name-ko": "가람 개발자 콘퍼런스",
        "name-en": "Garam Developer Conference",
        "contact": "hello@example.com",
        **{name: day(days) for name, days in moments.items()},
    }
    site.run("conference", "create", "garam", *(f"--{key}={one}" for key, one in given.items()))
    site.run("ticket-type", "add", "garam", "--name-en=Full pass", "--capacity=30")
    site.run("conference", "publish", "garam", "open")


def day(days: int) -> str:
    """A moment so many days from now, as the commands want it."""
    moment = time.gmtime(clock.now_ms() / 1000 + days * 86_400)
    return time.strftime("%Y-%m-%d %H:%M", moment)


def sign_up(site: Site, who: Person = KIM) -> str:
    """The path of the new pass, without the stage."""
    answer = site.send("/c/garam/register", cast.form(who))
    assert answer.status == 303, answer.text
    path = urlsplit(answer.headers["Location"]).path
    assert path.startswith(f"/{STAGE}/passes/")
    return path.removeprefix(f"/{STAGE}")


def soon(ask: Callable[[], T | None]) -> T:
    """What a question is answered with in the end: nothing tells when a function has run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        answer = ask()
        if answer is not None:
            return answer
        time.sleep(POLL_SECONDS)
    raise AssertionError("Nothing came.")


def image_of(site: Site, path: str) -> bytes | None:
    """The image of a pass, once the message has been handled."""
    answer = site.get(f"{path}/pass.png")
    return answer.body if answer.status == 200 else None


def result_of(site: Site, name: str) -> Any:
    """What came of an upload."""
    s3 = site.account.client("s3")
    found = s3.list_objects_v2(Bucket=UPLOADS, Prefix=f"results/garam/logo/{name}")
    for each in found.get("Contents", []):
        return json.loads(s3.get_object(Bucket=UPLOADS, Key=each["Key"])["Body"].read())
    return None


def dead_letters(site: Site) -> int:
    """How many events the function failed on for good."""
    found = {row["queue"]: row["events"] for row in site.run("dead-letters", "list")}
    return int(found[f"{FUNCTION}-dead"])


def subscriptions(site: Site) -> dict[str, str]:
    """What the topic's subscriptions to the function send to, and their ARNs."""
    return sources.subscriptions(site.account.client("sns"), TOPIC, arn_of(site))


def starters(site: Site) -> dict[str, list[str]]:
    """All that starts the function, and all that may."""
    arn = arn_of(site)
    rules = sources.rules(site.account.client("events"), arn)
    notified = sources.notifications(site.account.client("s3"), UPLOADS, arn)
    allowed = sources.permissions(site.account.client("lambda"), arn)
    return {
        "subscriptions": list(subscriptions(site)),
        "rules": sorted(f"{rule['Name']}: {rule['ScheduleExpression']}" for rule in rules),
        "notifications": [f"{one['Events']}, {sources.prefixes(one)}" for one in notified],
        "permissions": sorted(map(sources.what_it_says, allowed)),
    }


def arn_of(site: Site) -> str:
    """The function's ARN."""
    found = site.account.client("lambda").get_function(FunctionName=FUNCTION)
    return str(found["Configuration"]["FunctionArn"])


def test_pages_come_over_the_api(site: Site) -> None:
    page = site.get("/c/garam?lang=en")
    assert page.status == 200
    assert "Garam Developer Conference" in page.text
    assert f'action="/{STAGE}/c/garam/register?lang=en"' in page.text


def test_no_other_api_is_made(site: Site) -> None:
    found = site.account.client("apigatewayv2").get_apis()["Items"]
    assert [(api["Name"], api["ProtocolType"]) for api in found] == [(FUNCTION, "HTTP")]


def test_a_sign_up_is_answered_with_a_pass_image(site: Site) -> None:
    path = sign_up(site)
    assert KIM.name in site.get(path).text
    image = soon(lambda: image_of(site, path))
    assert Image.open(io.BytesIO(image)).format == "PNG"


def test_zappa_invokes_a_command(site: Site) -> None:
    printed = site.checkout.python(
        "zappa.cli", "invoke", STAGE, "app.entrypoints.cli.run", "--no-color",
        "--payload", json.dumps({"args": ["conference", "list", "--json"]}),
    )  # fmt: skip
    assert "Result of app.entrypoints.cli.run" in printed
    assert "garam" not in printed  # Zappa shows the log, which holds no output of commands


def test_a_logo_put_into_the_bucket_is_processed(site: Site) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (400, 400), "#0b5563").save(drawn, "PNG")
    name = "새 로고+1.png"
    site.account.client("s3").put_object(
        Bucket=UPLOADS, Key=f"uploads/garam/logo/{name}", Body=drawn.getvalue()
    )
    assert soon(lambda: result_of(site, name))["status"] == "done"


def test_what_cannot_be_delivered_is_kept(site: Site) -> None:
    (subscription,) = subscriptions(site).values()
    sns = site.account.client("sns")
    found = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    queue = json.loads(found["RedrivePolicy"])["deadLetterTargetArn"]
    assert queue == f"arn:aws:sqs:{accounts.REGION}:{NUMBER}:{FUNCTION}-undelivered"


def test_a_message_that_fails_for_good_becomes_a_dead_letter(site: Site) -> None:
    unknown = json.dumps({"type": "of.no.kind", "data": {}})
    site.account.client("sns").publish(TopicArn=TOPIC, Message=unknown)
    assert soon(lambda: dead_letters(site) or None) == 1


def test_a_second_deployment_keeps_everything(site: Site) -> None:
    before, people = starters(site), site.run("registration", "list", "garam")
    assert deploy(site.checkout) == site.address
    assert starters(site) == before
    assert site.run("registration", "list", "garam") == people
    assert len(before["rules"]) == 2
    path = sign_up(site, ADA)
    assert soon(lambda: image_of(site, path))


def test_a_deployment_that_broke_off_is_resumed(site: Site) -> None:
    """Zappa makes the function first, then its API; it would refuse to deploy again."""
    site.account.client("cloudformation").delete_stack(StackName=FUNCTION)
    again = replace(site, address=deploy(site.checkout))
    assert "Garam Developer Conference" in again.get("/c/garam?lang=en").text
    assert len(subscriptions(site)) == 1
