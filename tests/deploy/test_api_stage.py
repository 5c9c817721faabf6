"""The settings of the API's stage: set once, seen again, the same for both kinds of API."""

from __future__ import annotations

from typing import Any

import pytest

from app.local import cloud as local_cloud
from deploy import api_stage
from deploy.live import Live
from tests.deploy import standing

SERVICES = (*local_cloud.SERVICES, "apigateway", "iam", "lambda", "logs", "sts")
GROUP = "arn:aws:logs:ap-northeast-2:000000000000:log-group:/aws/vendedlogs/lanyard-dev-api"
FORMAT = api_stage.WANTED["AccessLogFormat"]


@pytest.fixture
def live(account: local_cloud.EphemeralCloud, monkeypatch: pytest.MonkeyPatch) -> Live:
    """The stage in an account without an API."""
    standing.enter(account, monkeypatch)
    return Live("dev")


@pytest.fixture
def stage(live: Live) -> dict[str, str]:
    """An HTTP API's stage, as Zappa leaves it."""
    http = live.aws.client("apigatewayv2")
    api = http.create_api(Name="lanyard-dev", ProtocolType="HTTP")["ApiId"]
    http.create_stage(ApiId=api, StageName="dev", AutoDeploy=True)
    return {"ApiId": api, "StageName": "dev"}


def test_the_stage_logs_and_throttles(live: Live, stage: dict[str, str]) -> None:
    said = api_stage.settle(live, f"{GROUP}:*")
    assert said[0] == "access log: /aws/vendedlogs/lanyard-dev-api, without addresses"
    found = live.aws.client("apigatewayv2").get_stage(**stage)
    assert found["AccessLogSettings"] == {"DestinationArn": GROUP, "Format": FORMAT}
    assert found["DefaultRouteSettings"]["ThrottlingRateLimit"] == 500
    assert found["DefaultRouteSettings"]["ThrottlingBurstLimit"] == 1000
    assert found["AutoDeploy"] is True


def test_what_zappa_takes_away_comes_back(live: Live, stage: dict[str, str]) -> None:
    api_stage.settle(live, GROUP)
    http = live.aws.client("apigatewayv2")
    http.update_stage(**stage, DefaultRouteSettings={"ThrottlingRateLimit": 1.0})
    api_stage.settle(live, GROUP)
    assert http.get_stage(**stage)["DefaultRouteSettings"]["ThrottlingRateLimit"] == 500


def test_what_is_as_it_should_be_is_left_alone(live: Live, stage: dict[str, str]) -> None:
    changes: list[Any] = []
    live.aws.events.register(
        "before-call.apigatewayv2.UpdateStage", lambda **given: changes.append(given)
    )
    first = api_stage.settle(live, GROUP)
    assert len(changes) == 1
    assert api_stage.settle(live, GROUP) == first
    assert len(changes) == 1


def rest_stage(live: Live) -> Any:
    """A REST API's stage, as Zappa leaves it."""
    live.settings = {**live.settings, "apigateway_version": "v1"}
    rest = live.aws.client("apigateway")
    api = rest.create_rest_api(name="lanyard-dev")["id"]
    (root,) = rest.get_resources(restApiId=api)["items"]
    method = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    rest.put_method(**method, authorizationType="NONE")
    rest.put_integration(**method, type="MOCK")
    rest.create_deployment(restApiId=api, stageName="dev")
    return lambda: rest.get_stage(restApiId=api, stageName="dev")


def test_a_rest_apis_stage_throttles_and_tells_what_it_cannot_log(live: Live) -> None:
    look = rest_stage(live)
    said = api_stage.settle(live, f"{GROUP}:*")
    assert said[0].startswith("access log: none, as the account has no role")
    assert look()["methodSettings"]["*/*"]["throttlingRateLimit"] == 500
    assert look()["methodSettings"]["*/*"]["throttlingBurstLimit"] == 1000
    assert not look().get("accessLogSettings")


def test_a_rest_apis_stage_logs_where_the_account_has_a_role(live: Live) -> None:
    look = rest_stage(live)
    role = "arn:aws:iam::000000000000:role/api-logs"
    live.aws.client("apigateway").update_account(
        patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}]
    )
    api_stage.settle(live, f"{GROUP}:*")
    assert look()["accessLogSettings"] == {"destinationArn": GROUP, "format": FORMAT}
