"""An emulated AWS account with Lambda, for the real Zappa: run by the cloud's own Python.

The environment holds what ministack reads. Added to ministack 1.5.33, as AWS has it:
- the stage stands at the front of `rawPath` in the events of an HTTP API;
- a message that the function fails on is tried three times, then kept as a dead letter.
"""

from __future__ import annotations

import types
from typing import Any

import ministack.app as ministack
from ministack.services import apigateway, lambda_svc, sns


def put_the_stage_into_paths() -> None:
    """Put it before the path of each request, unless it is the stage without a name."""
    invoke = apigateway._invoke_lambda_proxy

    async def with_stage(
        integration: Any, api: Any, stage: str, path: str, *rest: Any, **more: Any
    ) -> Any:
        shown = path if stage == "$default" else f"/{stage}{path}"
        return await invoke(integration, api, stage, shown, *rest, **more)

    apigateway._invoke_lambda_proxy = with_stage


def try_messages_again() -> None:
    """Let SNS start the function as everything else that does not wait for it."""
    patient = types.SimpleNamespace(**vars(lambda_svc))
    patient._execute_function_with_config_scope = lambda_svc.invoke_async_with_retry
    sns._lambda_svc = patient


if __name__ == "__main__":
    put_the_stage_into_paths()
    try_messages_again()
    ministack.main()
