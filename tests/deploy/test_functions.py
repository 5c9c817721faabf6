"""A command in the deployed function: what it printed, and why it went wrong."""

from __future__ import annotations

import boto3
import pytest

from app.local import cloud as local_cloud
from deploy import functions
from deploy.functions import CommandFailed
from deploy.live import Live, NotThere
from tests.deploy import standing

SERVICES = (*local_cloud.SERVICES, "lambda", "iam", "sts")


@pytest.fixture
def live(account: local_cloud.EphemeralCloud, monkeypatch: pytest.MonkeyPatch) -> Live:
    """The stage in an account without a function."""
    standing.enter(account, monkeypatch)
    return Live("dev")


@pytest.fixture
def deployed(live: Live) -> Live:
    """The stage with a function."""
    standing.make_function(boto3.Session().client("lambda"))
    return live


def test_what_a_command_prints_comes_back(deployed: Live) -> None:
    assert functions.command(deployed, "conference", "list") == "conference list"


def test_a_command_that_ends_badly_is_told(deployed: Live) -> None:
    with pytest.raises(CommandFailed, match="`conference wrong` ended with 1: No"):
        functions.command(deployed, "conference", "wrong")


def test_a_function_that_breaks_off_leads_to_the_logs(deployed: Live) -> None:
    with pytest.raises(CommandFailed, match=r"broken.* `make logs STAGE=dev`"):
        functions.command(deployed, "break")


def test_without_a_function_deploying_is_the_next_step(live: Live) -> None:
    with pytest.raises(NotThere, match="make deploy STAGE=dev"):
        functions.command(live, "conference", "list")
