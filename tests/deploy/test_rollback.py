"""`make rollback`: which version runs afterwards, and with what code."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from app.local import cloud as local_cloud
from deploy import deploy as deploying
from deploy import functions, rollback, versions
from deploy.live import Live, NotThere
from deploy.rollback import CannotRollBack
from tests.deploy import standing

SERVICES = (*local_cloud.SERVICES, "lambda", "iam", "sts")


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """Where Lambda keeps the code of each version; the emulator gives the newest for all."""
    kept: dict[str, bytes] = {}

    class Giving(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code = kept.get(self.path.strip("/"))
            self.send_response(200 if code else 403)
            self.end_headers()
            self.wfile.write(code or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    ask = BaseClient._make_api_call
    with HTTPServer(("127.0.0.1", 0), Giving) as server:

        def leading_there(self: BaseClient, operation: str, given: dict[str, Any]) -> Any:
            found = ask(self, operation, given)
            if operation == "GetFunction":
                version = given.get("Qualifier", "$LATEST")
                found["Code"]["Location"] = f"http://127.0.0.1:{server.server_port}/{version}"
            return found

        monkeypatch.setattr(BaseClient, "_make_api_call", leading_there)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


@pytest.fixture
def live(
    account: local_cloud.EphemeralCloud, kept: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> Live:
    """The stage, deployed three times; nothing of it but its function."""
    standing.enter(account, monkeypatch)
    monkeypatch.setattr(deploying, "follow", lambda _: None)
    live = Live("dev")
    standing.make_function(live.aws.client("lambda"), saying(1))
    kept["1"] = standing.package(saying(1))
    for number in (2, 3):
        deploy(live, kept, number)
    return live


def saying(number: int) -> str:
    """The code of a function that tells its number."""
    return f"""
def run(event, context):
    return {{"exit_code": 0, "output": "code {number}", "errors": ""}}
"""


def deploy(live: Live, kept: dict[str, bytes], number: int) -> None:
    """Bring a newer code up, as Zappa does."""
    code = standing.package(saying(number))
    taken = live.aws.client("lambda").update_function_code(
        FunctionName="lanyard-dev", ZipFile=code, Publish=True
    )
    kept[taken["Version"]] = code


def test_the_code_of_the_version_before_runs(live: Live) -> None:
    assert versions.running(live) == 3
    assert rollback.rollback("dev") == 2
    assert versions.running(live) == 2
    assert functions.command(live, "say") == "code 2"


def test_a_second_rollback_goes_further_back(live: Live) -> None:
    rollback.rollback("dev")
    assert rollback.rollback("dev") == 1
    assert functions.command(live, "say") == "code 1"
    with pytest.raises(CannotRollBack, match="before version 1: there are 1, 2, 3"):
        rollback.rollback("dev")


def test_a_deployment_after_it_goes_on(live: Live, kept: dict[str, bytes]) -> None:
    """What was left is the version before, because it is the newest other code."""
    rollback.rollback("dev", to=1)
    deploy(live, kept, 4)
    assert rollback.rollback("dev") == 3


def test_a_version_can_be_chosen_and_chosen_again(live: Live) -> None:
    for _ in range(2):
        assert rollback.rollback("dev", to=1) == 1
        assert functions.command(live, "say") == "code 1"
    assert rollback.rollback("dev", to=3) == 3


def test_a_version_that_is_not_there_is_told(live: Live) -> None:
    with pytest.raises(CannotRollBack, match="no version 9: there are 1, 2, 3"):
        rollback.rollback("dev", to=9)


def test_the_same_code_published_twice_is_not_the_version_before(live: Live) -> None:
    assert rollback._chosen({1: "a", 2: "b", 3: "b"}, 3, None) == 1


def test_code_that_was_never_published_gives_way_to_the_newest_version(live: Live) -> None:
    live.aws.client("lambda").update_function_code(
        FunctionName="lanyard-dev", ZipFile=standing.package("broken")
    )
    assert rollback.rollback("dev") == 3


def test_code_that_does_not_come_is_told(live: Live, kept: dict[str, bytes]) -> None:
    kept.clear()
    with pytest.raises(versions.NoCode, match=r"403.*Run this again"):
        rollback.rollback("dev")


def test_other_code_than_that_of_the_version_is_told(live: Live, kept: dict[str, bytes]) -> None:
    kept["2"] = kept["1"]
    with pytest.raises(CannotRollBack, match="make deploy STAGE=dev"):
        rollback.rollback("dev")


def test_the_stage_is_looked_at_with_the_code_that_came_back(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(
        deploying, "follow", lambda live: seen.append(functions.command(live, "say"))
    )
    rollback.rollback("dev")
    assert seen == ["code 2"]


def test_without_a_function_deploying_is_the_next_step(live: Live) -> None:
    live.aws.client("lambda").delete_function(FunctionName="lanyard-dev")
    with pytest.raises(NotThere, match="make deploy STAGE=dev"):
        rollback.rollback("dev")


def test_without_credentials_the_next_step_is_told(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with pytest.raises(CannotRollBack, match="aws configure"):
        rollback.rollback("dev")
