"""The settings of the API's stage: its access log, and how much is let through. The API is Zappa's,
so they stand in no template; they are looked at after each deployment."""

from __future__ import annotations

import json
from typing import Any

from deploy.folders import ROOT
from deploy.live import Live

WANTED = json.loads((ROOT / "infra" / "api_stage.json").read_text(encoding="utf-8"))

Client = Any


def settle(live: Live, log_group: str) -> list[str]:
    """Set what is not as it should be; what was found, in lines. `log_group` is an ARN. Raises
    NotThere."""
    if live.is_rest:
        return _settle_rest(live, log_group)
    http = live.aws.client("apigatewayv2")
    known = {"ApiId": live.require_api(), "StageName": live.stage}
    logs = {"DestinationArn": _plain(log_group), "Format": WANTED["AccessLogFormat"]}
    limits = {key: WANTED[key] for key in ("ThrottlingRateLimit", "ThrottlingBurstLimit")}
    found = http.get_stage(**known)
    had = found.get("DefaultRouteSettings", {})
    if found.get("AccessLogSettings") != logs or {key: had.get(key) for key in limits} != limits:
        http.update_stage(**known, AccessLogSettings=logs, DefaultRouteSettings=had | limits)
    return [f"access log: {_name(log_group)}, without addresses", _limits()]


def _settle_rest(live: Live, log_group: str) -> list[str]:
    """A REST API writes logs in the name of a role of the whole account, which is not ours to
    set: without one, it writes none."""
    rest = live.aws.client("apigateway")
    changes = {
        "/*/*/throttling/rateLimit": str(WANTED["ThrottlingRateLimit"]),
        "/*/*/throttling/burstLimit": str(WANTED["ThrottlingBurstLimit"]),
    }
    logs = "access log: none, as the account has no role for the logs of REST APIs"
    if rest.get_account().get("cloudwatchRoleArn"):
        changes["/accessLogSettings/destinationArn"] = _plain(log_group)
        changes["/accessLogSettings/format"] = WANTED["AccessLogFormat"]
        logs = f"access log: {_name(log_group)}, without addresses"
    operations = [{"op": "replace", "path": key, "value": one} for key, one in changes.items()]
    rest.update_stage(
        restApiId=live.require_api(), stageName=live.stage, patchOperations=operations
    )
    return [logs, _limits()]


def _limits() -> str:
    rate, burst = WANTED["ThrottlingRateLimit"], WANTED["ThrottlingBurstLimit"]
    return f"throttling: {rate} requests a second, {burst} at once"


def _plain(log_group: str) -> str:
    """The ARN as the API wants it."""
    return log_group.removesuffix(":*")


def _name(log_group: str) -> str:
    return _plain(log_group).rpartition(":")[2]
