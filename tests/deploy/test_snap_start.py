"""SnapStart, where it is chosen: the API asks what was told last."""

from __future__ import annotations

from typing import Any

import pytest
from zappa.core import SNAPSTART_LAMBDA_ALIAS

from app.local import cloud as local_cloud
from deploy import edge, rollback, snap_start
from deploy.live import Live
from tests.deploy import standing

SERVICES = (*local_cloud.SERVICES, "lambda", "iam", "sts")


@pytest.fixture
def live(account: local_cloud.EphemeralCloud, monkeypatch: pytest.MonkeyPatch) -> Live:
    """A stage that has chosen it, as Zappa leaves it: its alias leads to the first version."""
    standing.enter(account, monkeypatch)
    live = Live("dev")
    live.settings = live.settings | {"snap_start": "PublishedVersions"}
    functions = live.aws.client("lambda")
    standing.make_function(functions)
    functions.create_alias(FunctionName=live.name, Name=SNAPSTART_LAMBDA_ALIAS, FunctionVersion="1")
    return live


def asked(live: Live) -> dict[str, Any]:
    """What the API asks."""
    found: dict[str, Any] = live.aws.client("lambda").get_function_configuration(
        FunctionName=live.name, Qualifier=SNAPSTART_LAMBDA_ALIAS
    )
    return found


def test_the_api_asks_a_version_that_knows_its_address(live: Live) -> None:
    edge.tell(live, PUBLIC_URL="https://dev.example.com")
    assert "Environment" not in asked(live)
    assert snap_start.settle(live) == ["SnapStart: the API asks version 2"]
    assert asked(live)["Environment"]["Variables"]["PUBLIC_URL"] == "https://dev.example.com"


def test_nothing_is_published_for_nothing(live: Live) -> None:
    first = snap_start.settle(live)
    assert first
    assert snap_start.settle(live) == first


@pytest.mark.parametrize("chosen", [{}, {"snap_start": "None"}, {"snap_start": None}])
def test_without_it_no_version_is_made(live: Live, chosen: dict[str, Any]) -> None:
    live.settings = {key: one for key, one in live.settings.items() if key != "snap_start"} | chosen
    edge.tell(live, PUBLIC_URL="https://dev.example.com")
    assert snap_start.settle(live) == []
    assert asked(live)["Version"] == "1"


def test_with_it_a_version_is_brought_back_by_deploying_it(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.base.at_home", lambda _: live)
    with pytest.raises(rollback.CannotRollBack, match="make update STAGE=dev"):
        rollback.rollback("dev")
