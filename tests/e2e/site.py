"""A deployed stage, and what visitors, organisers and operators do with it."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from app import config
from app.aws import clients, parameters, sent, tables
from app.aws.sent import SentMail
from app.config import Settings
from app.core import cache, clock
from app.registrations.rules import Person
from deploy import sources
from tests import cast
from tests.cast import KIM
from tests.e2e.account import NUMBER, REGION, Account
from tests.e2e.checkout import Checkout

PATIENCE_SECONDS, POLL_SECONDS = 180.0, 0.2
HOUR_SECONDS = 10.0  # how long an hour takes here

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
    """A stage, deployed from a checkout; `root` sees all of its account."""

    root: Account
    checkout: Checkout
    stage: str

    @property
    def name(self) -> str:
        """What Zappa calls the function."""
        return f"lanyard-{self.stage}"

    @property
    def topic(self) -> str:
        """The ARN of the topic of messages."""
        return f"arn:aws:sns:{REGION}:{NUMBER}:{self.name}-messages"

    @property
    def function(self) -> str:
        """The function's ARN."""
        return f"arn:aws:lambda:{REGION}:{NUMBER}:function:{self.name}"

    def bucket(self, kind: str) -> str:
        """The name of a bucket."""
        return f"{self.name}-{kind}-{NUMBER}"

    @property
    def api_origin(self) -> str:
        """Where its API answers in AWS, without the stage."""
        http_apis = self.root.client("apigatewayv2").get_apis()["Items"]
        rest_apis = self.root.client("apigateway").get_rest_apis()["items"]
        (api,) = [
            *(api["ApiId"] for api in http_apis if api["Name"] == self.name),
            *(api["id"] for api in rest_apis if api["name"] == self.name),
        ]
        return f"https://{api}.execute-api.{REGION}.amazonaws.com"

    def get(self, path: str) -> Answer:
        """A page of the API, below its stage."""
        return self.ask(f"{self.api_origin}/{self.stage}{path}")

    def send(self, path: str, form: dict[str, str]) -> Answer:
        """A form, as the site's own page sends it there."""
        return self.ask(f"{self.api_origin}/{self.stage}{path}", form)

    def ask(self, address: str, form: dict[str, str] | None = None) -> Answer:
        """What is at any address of the stage, or a form's answer, sent as a page there does."""
        wanted, here = urlsplit(address), urlsplit(self.root.url).netloc
        trusting = ssl.create_default_context(cafile=self.root.certificate)
        connection = http.client.HTTPSConnection(here, timeout=PATIENCE_SECONDS, context=trusting)
        with contextlib.closing(connection):
            path = wanted._replace(scheme="", netloc="").geturl()
            if form is None:
                connection.request("GET", path, headers={"Host": wanted.netloc})
            else:
                connection.request("POST", path, urlencode(form), {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Host": wanted.netloc, "Origin": f"{wanted.scheme}://{wanted.netloc}",
                })  # fmt: skip
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())

    def run(self, *words: str) -> Any:
        """A command of Lanyard's, run in the function; its rows."""
        payload = {"command": "app.entrypoints.cli.run", "args": [*words, "--json"]}
        functions = self.checkout.operator.client("lambda")
        answer = functions.invoke(FunctionName=self.name, Payload=json.dumps(payload))
        found = json.loads(answer["Payload"].read())
        assert found.get("exit_code") == 0, found
        return json.loads(found["output"])

    def operate(self, command: str, *words: str) -> str:
        """What `make deploy`, `make update` and the like print; they must end well."""
        return self.checkout.python(f"deploy.{command}", self.stage, *words)


def make_conference(site: Site) -> None:
    """With commands, as an organiser does."""
    moments = {"starts": 30, "ends": 31, "opens": -1, "closes": 20}
    given = {
        "name-ko": "가람 개발자 콘퍼런스",
        "name-en": "Garam Developer Conference",
        "contact": "hello@example.com",
        **{name: _day(days) for name, days in moments.items()},
    }
    site.run("conference", "create", "garam", *(f"--{key}={one}" for key, one in given.items()))
    site.run("ticket-type", "add", "garam", "--name-en=Full pass", "--capacity=30")
    site.run("conference", "publish", "garam", "open")


def _day(days: int) -> str:
    """A moment so many days from now, as the commands want it."""
    moment = time.gmtime(clock.now_ms() / 1000 + days * 86_400)
    return time.strftime("%Y-%m-%d %H:%M", moment)


def sign_up(site: Site, who: Person = KIM) -> str:
    """The path of the new pass, below the stage."""
    answer = site.send("/c/garam/register", cast.form(who))
    assert answer.status == http.client.SEE_OTHER, answer.text
    path = urlsplit(answer.headers["Location"]).path
    assert path.startswith(f"/{site.stage}/passes/")
    return path.removeprefix(f"/{site.stage}")


def soon(ask: Callable[[], T | None]) -> T:
    """What a question is answered with in the end: nothing tells when a function has run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        answer = ask()
        if answer is not None:
            return answer
        time.sleep(POLL_SECONDS)
    raise AssertionError("Nothing came.")


def schedule_until(site: Site, ask: Callable[[], T | None]) -> T:
    """What a question is answered with when the schedules are due again and again: what is owed is
    left to its message for half a minute first."""
    due = 0.0

    def asked() -> T | None:
        nonlocal due
        if time.monotonic() >= due:
            site.root.let_an_hour_go_by()
            due = time.monotonic() + HOUR_SECONDS
        return ask()

    return soon(asked)


def written(site: Site) -> str:
    """The log of the function."""
    found = site.root.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{site.name}")
    return "\n".join(event["message"] for event in found["events"])


def image_of(site: Site, path: str) -> bytes | None:
    """The image of a pass, once the message has been handled."""
    answer = site.get(f"{path}/pass.png")
    return answer.body if answer.status == http.client.OK else None


def mail_to(who: Person) -> SentMail | None:
    """The last mail to somebody."""
    return next((mail for mail in sent.messages() if mail.to == who.email), None)


def result_of(site: Site, name: str) -> Any:
    """What came of an upload."""
    s3, bucket = site.root.client("s3"), site.bucket("uploads")
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"results/garam/logo/{name}")
    for each in found.get("Contents", []):
        return json.loads(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read())
    return None


def dead_letters(site: Site) -> int:
    """How many events the function failed on for good."""
    found = {row["queue"]: row["events"] for row in site.run("dead-letters", "list")}
    return int(found[f"{site.name}-dead"])


def subscriptions(site: Site) -> dict[str, str]:
    """What the topic's subscriptions to the function send to, and their ARNs."""
    return sources.subscriptions(site.root.client("sns"), site.topic, site.function)


def standing(site: Site) -> dict[str, Any]:
    """All that starts the function, all that may, and how the API lets requests through."""
    rules = sources.rules(site.root.client("events"), site.function)
    notified = sources.notifications(site.root.client("s3"), site.bucket("uploads"), site.function)
    allowed = sources.permissions(site.root.client("lambda"), site.function)
    return {
        "subscriptions": list(subscriptions(site)),
        "rules": sorted(f"{rule['Name']}: {rule['ScheduleExpression']}" for rule in rules),
        "notifications": [f"{one['Events']}, {sources.prefixes(one)}" for one in notified],
        "permissions": sorted(map(sources.what_it_says, allowed)),
        "API": _stages(site),
    }


def _stages(site: Site) -> list[Any]:
    http = site.root.client("apigatewayv2")
    api = urlsplit(site.api_origin).netloc.partition(".")[0]
    told = ("StageName", "AutoDeploy", "AccessLogSettings", "DefaultRouteSettings")
    return [{key: one.get(key) for key in told} for one in http.get_stages(ApiId=api)["Items"]]


@contextlib.contextmanager
def working_in(site: Site) -> Iterator[None]:
    """This process works for the stage, as root."""
    before = config.settings
    config.use(Settings(stage=site.stage, account=NUMBER))
    _forget()
    yield
    config.use(before)
    _forget()


def _forget() -> None:
    clients.forget_clients()
    tables.forget_connections()
    parameters.secret.cache_clear()
    cache.clear_all()
