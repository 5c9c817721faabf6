"""`make deploy STAGE=dev`: the base stack, the function, its API, and what starts it; or, where
they stand, their newest version.

It may be run again at any time. It ends with a real request, and says the address.
"""

from __future__ import annotations

import argparse
import http.client
import time
import urllib.error
import urllib.request

from botocore.exceptions import WaiterError

from deploy import base, refusals, sources, stacks, stages, zappa_cli
from deploy.live import Live, NotThere
from deploy.progress import say

# A first request may meet a cold start, and an API some seconds old.
TRIES, PAUSE_SECONDS, TIMEOUT_SECONDS = 10, 3.0, 60.0


class CannotDeploy(Exception):
    """The stage is not live; the message says why and what to do next."""


REFUSALS = (CannotDeploy, base.CannotPrepare, stacks.StackFailed, NotThere, stages.NoSuchStage)


def deploy(stage: str) -> str:
    """Bring a stage up, or its newest version; the address. Raises CannotDeploy, CannotPrepare,
    StackFailed, NotThere, NoSuchStage."""
    outputs = base.prepare(stage)
    live = Live(stage)
    with refusals.told_as(CannotDeploy):
        _zappa(live)
        _wait(live)
        _settle(live, outputs)
        address = live.api_address()
        _ask(f"{address}/readyz")
    return address


def _zappa(live: Live) -> None:
    command = "update" if _is_deployed(live) else "deploy"
    say(f"zappa {command} {live.stage}")
    if not zappa_cli.run(command, live.stage):
        raise CannotDeploy(
            f"`zappa {command} {live.stage}` failed: see above, then run this again."
        )


def _is_deployed(live: Live) -> bool:
    """Zappa makes the function, then the stack of its API. A function alone is all that there is
    of a deployment that broke off: it goes, because Zappa would refuse to deploy it, and could
    not update its stack."""
    function = live.function()
    stack = stacks.stands(live.aws.client("cloudformation"), live.name)
    if function and not stack:
        say("An earlier deployment broke off: its function is made anew")
        live.aws.client("lambda").delete_function(FunctionName=live.name)
    return bool(function and stack)


def _wait(live: Live) -> None:
    """Until Lambda runs what was deployed: Zappa does not wait for it at its end."""
    functions = live.aws.client("lambda")
    try:
        functions.get_waiter("function_updated_v2").wait(FunctionName=live.name)
    except WaiterError as error:
        raise CannotDeploy(
            f"Lambda does not take up {live.name}: {error}. Run this again."
        ) from None


def _settle(live: Live, outputs: dict[str, str]) -> None:
    say("Looking at what starts the function")
    function, undelivered = live.require_function(), outputs["UndeliveredMessagesArn"]
    try:
        found = sources.settle(live.aws, live.settings, function, undelivered)
    except sources.SourceMissing as missing:
        raise CannotDeploy(str(missing)) from None
    for line in found:
        say(f"  {line}")


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
    except REFUSALS as error:
        raise SystemExit(str(error)) from None
    say(f"Live: {address}/")


if __name__ == "__main__":
    main()
