"""`make deploy STAGE=dev`: the base stack, the function, its API, and what starts it; or, where
they stand, their newest version.

It may be run again at any time. It ends with a real request, and says the address.
"""

from __future__ import annotations

import argparse
import http.client
import os
import time
import urllib.error
import urllib.request

import boto3
from botocore.exceptions import ClientError, WaiterError

from deploy import base, refusals, sources, stages, zappa_cli
from deploy.progress import say
from deploy.stages import Stage

# A first request may meet a cold start, and an API some seconds old.
TRIES, PAUSE_SECONDS, TIMEOUT_SECONDS = 10, 3.0, 60.0


class CannotDeploy(Exception):
    """The stage is not live; the message says why and what to do next."""


def deploy(stage: str) -> str:
    """Bring a stage up, or its newest version; the address. Raises CannotDeploy, CannotPrepare,
    NoSuchStage."""
    outputs = base.prepare(stage)
    settings = stages.find(stage)
    aws = boto3.Session(region_name=settings["aws_region"])
    with refusals.told_as(CannotDeploy):
        _zappa(aws, stage, settings)
        _wait(aws, stage, settings)
        _settle(aws, stage, settings, outputs)
        address = _address(aws, stage, settings)
        _ask(f"{address}/readyz")
    return address


def name(stage: str, settings: Stage) -> str:
    """What Zappa calls the function, its API, and their stack."""
    return f"{settings['project_name']}-{stage}"


def _zappa(aws: boto3.Session, stage: str, settings: Stage) -> None:
    command = "update" if _is_deployed(aws, name(stage, settings)) else "deploy"
    say(f"zappa {command} {stage}")
    if not zappa_cli.run(command, stage):
        raise CannotDeploy(f"`zappa {command} {stage}` failed: see above, then run this again.")


def _is_deployed(aws: boto3.Session, own: str) -> bool:
    """Zappa makes the function, then the stack of its API. A function alone is all that there is
    of a deployment that broke off: it goes, because Zappa would refuse to deploy it, and could
    not update its stack."""
    function, stack = _function(aws, own), base.stands(aws.client("cloudformation"), own)
    if function and not stack:
        say("An earlier deployment broke off: its function is made anew")
        aws.client("lambda").delete_function(FunctionName=own)
    return bool(function and stack)


def _wait(aws: boto3.Session, stage: str, settings: Stage) -> None:
    """Until Lambda runs what was deployed: Zappa does not wait for it at its end."""
    own = name(stage, settings)
    try:
        aws.client("lambda").get_waiter("function_updated_v2").wait(FunctionName=own)
    except WaiterError as error:
        raise CannotDeploy(f"Lambda does not take up {own}: {error}. Run this again.") from None


def _function(aws: boto3.Session, own: str) -> str | None:
    """The ARN of the function, if there is one."""
    try:
        found = aws.client("lambda").get_function(FunctionName=own)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    return str(found["Configuration"]["FunctionArn"])


def _settle(aws: boto3.Session, stage: str, settings: Stage, outputs: dict[str, str]) -> None:
    say("Looking at what starts the function")
    function = _function(aws, name(stage, settings))
    if function is None:
        raise CannotDeploy(f"Zappa made no function {name(stage, settings)}: see above.")
    try:
        found = sources.settle(aws, settings, function, outputs["UndeliveredMessagesArn"])
    except sources.SourceMissing as missing:
        raise CannotDeploy(str(missing)) from None
    for line in found:
        say(f"  {line}")


def _api(aws: boto3.Session, stage: str, settings: Stage) -> str | None:
    """The id of the API, if there is one."""
    own = name(stage, settings)
    if settings["apigateway_version"] == "v1":
        pages = aws.client("apigateway").get_paginator("get_rest_apis").paginate()
        found = [api["id"] for page in pages for api in page["items"] if api["name"] == own]
    else:
        pages = aws.client("apigatewayv2").get_paginator("get_apis").paginate()
        found = [api["ApiId"] for page in pages for api in page["Items"] if api["Name"] == own]
    return str(found[0]) if found else None


def _address(aws: boto3.Session, stage: str, settings: Stage) -> str:
    """Where the API answers: in AWS, or in the emulator that the environment names."""
    api = _api(aws, stage, settings)
    if api is None:
        raise CannotDeploy(f"Zappa made no API {name(stage, settings)}: see above.")
    emulator = os.environ.get("AWS_ENDPOINT_URL")
    if emulator:
        return f"{emulator}/_aws/execute-api/{api}/{stage}"
    return f"https://{api}.execute-api.{settings['aws_region']}.amazonaws.com/{stage}"


def _ask(url: str) -> None:
    """Send a real request until all that the app needs answers it; nothing tells when an API has
    come up everywhere."""
    say(f"Asking {url}")
    answer = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(PAUSE_SECONDS)
        status, answer = _get(url)
        if status == http.client.OK:
            return
        say(f"  {answer}")
    raise CannotDeploy(f"{url} answers {answer}: look for the reason with `zappa tail`.")


def _get(url: str) -> tuple[int, str]:
    """The status (0 without an answer), and what was said."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  ours
            return answer.status, ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, f"{error.code} {error.read(500).decode(errors='replace').strip()}"
    except OSError as error:
        return 0, str(error)


def main() -> None:
    """Deploy the stage that the command line names, and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m deploy.deploy", description=__doc__)
    parser.add_argument("stage")
    try:
        address = deploy(parser.parse_args().stage)
    except (CannotDeploy, base.CannotPrepare, stages.NoSuchStage) as error:
        raise SystemExit(str(error)) from None
    say(f"Live: {address}/")


if __name__ == "__main__":
    main()
