"""The real package under AWS's own runtime pieces: every payload that starts it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from app import config
from app.aws import objects, sent, tables
from app.conferences import service as conferences
from app.config import Settings
from app.local import demo, provision
from app.local.cloud import EphemeralCloud
from app.registrations import service as registrations
from deploy import package, runtime, stages
from deploy.runtime import Function
from tests import cast
from tests.cast import KIM
from tests.entrypoints import gateway
from tests.entrypoints.gateway import HOST, header

STAGE = stages.find("dev")
RUN = "app.entrypoints.cli.run"
both = pytest.mark.parametrize("payload", [gateway.v1, gateway.v2])

Payload = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of the stage `dev`, unpacked."""
    return runtime.unpack(package.make("dev"), tmp_path_factory.mktemp("task"))


@pytest.fixture
def function(task: Path, tmp_path: Path, emulator: EphemeralCloud) -> Iterator[Function]:
    """The function, in an empty cloud with one open conference."""
    laptop = config.settings
    emulator.reset()
    address = {"PUBLIC_URL": "https://dev.example.com"}
    config.use(Settings.from_environ(STAGE["environment_variables"] | address))
    tables.forget_connections()
    provision.ensure(config.settings)
    cast.make_conference()
    environ = {**emulator.environ, **address, **STAGE["aws_environment_variables"]}
    with runtime.running(task, tmp_path / "log", environ) as function:
        yield function
    config.use(laptop)
    tables.forget_connections()


def ask(
    function: Function, payload: Payload, method: str, path: str, **sent: Any
) -> dict[str, Any]:
    """A request to the API's stage `dev`."""
    event = payload(method, path, prefix="/dev", **sent)
    event["requestContext"]["stage"] = "dev"
    answer: dict[str, Any] = function.invoke(event)
    return answer


def sign_up(function: Function, payload: Payload = gateway.v2) -> str:
    """Kim signs up; the pass link below the stage."""
    headers = {"Origin": f"https://{HOST}"}
    form = cast.form(KIM)
    answer = ask(function, payload, "POST", "/c/garam/register", headers=headers, form=form)
    assert answer["statusCode"] == 303
    return header(answer, "Location").removeprefix("/dev")


def registration_id(function: Function) -> int:
    (found,) = registrations.listed(conferences.by_slug("garam"))
    return int(found.registration_id)


def event_sources(kind: str) -> str:
    (arn,) = (
        event["event_source"]["arn"]
        for event in STAGE["events"]
        if event.get("event_source", {}).get("arn", "").startswith(f"arn:aws:{kind}:")
    )
    return str(arn)


@both
def test_pages_and_signing_up(function: Function, payload: Payload) -> None:
    page = ask(function, payload, "GET", "/c/garam?lang=ko")
    assert 'action="/dev/c/garam/register?lang=ko"' in page["body"]
    shown = ask(function, payload, "GET", sign_up(function, payload))
    assert KIM.name in shown["body"]
    assert 'class="lan-pass__qr"' in shown["body"]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("path", ["/", "/c/garam", "/c/garam/privacy", "/my", "/nowhere"])
def test_pages_are_the_same_bytes_as_here(function: Function, path: str, lang: str) -> None:
    """Nothing that was trimmed is missed."""
    event = gateway.v2("GET", f"{path}?lang={lang}")
    there, here = function.invoke(event), gateway.handler().handler(event, None)
    assert (there["statusCode"], there["body"]) == (here["statusCode"], here["body"])


def test_a_message_makes_the_pass_and_mails_the_link(function: Function) -> None:
    link = sign_up(function)
    data = {"registration_id": registration_id(function)}
    message = json.dumps({"type": "registration.confirmed", "data": data})
    record = {
        "EventSource": "aws:sns",
        "Sns": {"TopicArn": event_sources("sns"), "Message": message},
    }

    assert function.invoke({"Records": [record]}) is None

    assert [mail.to for mail in sent.messages()] == [KIM.email]
    image = ask(function, gateway.v2, "GET", f"{link.partition('?')[0]}/pass.png")
    assert base64.b64decode(image["body"]).startswith(b"\x89PNG")


def test_an_uploaded_logo_is_shown(function: Function) -> None:
    key = "uploads/garam/logo/가람 로고+1.png"
    objects.put(config.settings.uploads_bucket, key, demo.LOGO.read_bytes(), "image/png")
    found = {
        "configurationId": "lanyard-dev",
        "bucket": {"arn": event_sources("s3"), "name": config.settings.uploads_bucket},
        "object": {"key": quote_plus(key), "size": demo.LOGO.stat().st_size},
    }
    assert function.invoke({"Records": [{"eventSource": "aws:s3", "s3": found}]}) is None
    assert conferences.by_slug("garam").logo


@pytest.mark.parametrize(
    ("entry", "done"),
    [
        ("every_five_minutes", {"promoted": 0, "passes": 0, "mails": 0, "links": 0}),
        ("every_hour", {"erased": 0}),
    ],
)
def test_the_clock(function: Function, entry: str, done: dict[str, int]) -> None:
    rule = f"rule/lanyard-dev-app.entrypoints.schedule.{entry}"
    resources = [f"arn:aws:events:ap-northeast-2:000000000000:{rule}"]
    answer = function.invoke({"detail-type": "Scheduled Event", "resources": resources})
    assert done.items() <= answer.items()


def test_a_command(function: Function) -> None:
    sign_up(function)
    answer = function.invoke({"command": RUN, "args": ["registration", "list", "garam"]})
    assert (answer["exit_code"], KIM.email in answer["output"]) == (0, True)


def test_what_goes_wrong_is_an_error_to_lambda_and_says_nothing(function: Function) -> None:
    """An error makes Lambda send a message again; its words may hold what is personal."""
    message = json.dumps({"type": KIM.name, "data": {"email": KIM.email}})
    record = {"Sns": {"TopicArn": event_sources("sns"), "Message": message}}
    answer = function.invoke({"Records": [record]})
    assert answer["errorType"] == "EntryFailed"
    assert KIM.email not in json.dumps(answer) + function.printed()


def test_what_is_kept_of_it_all(function: Function) -> None:
    """Zappa and Lambda's own loop print, too."""
    link = sign_up(function)
    ask(function, gateway.v2, "GET", link)
    function.invoke({"command": RUN, "args": ["registration", "list", "garam"]})
    printed = function.printed()
    assert '"route": "/c/<slug>/register"' in printed
    for word in (KIM.name, KIM.email, link.rpartition("/")[2].partition("?")[0]):
        assert word not in printed


def test_it_takes_less_than_200_mb(function: Function) -> None:
    """A pass, drawn with its fonts, is the most that it does."""
    sign_up(function)
    data = {"registration_id": registration_id(function)}
    message = json.dumps({"type": "registration.confirmed", "data": data})
    function.invoke({"Records": [{"Sns": {"TopicArn": event_sources("sns"), "Message": message}}]})
    (pid,) = function.children()
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    assert int(status["VmHWM"].split()[0]) <= 200_000  # kB, the most at any time
