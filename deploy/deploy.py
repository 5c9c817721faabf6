"""`make deploy STAGE=dev`: the base stack, the function, its API, what starts it, and what stands
in front; or, where they stand, their newest version. `make update STAGE=dev`: only the code.

Each may be run again at any time. It ends with real requests, and says the addresses.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from deploy import (
    api_stage,
    asking,
    base,
    edge,
    functions,
    quotas,
    refusals,
    snap_start,
    sources,
    stacks,
    stages,
    static_files,
    zappa_cli,
)
from deploy.live import Live, NotThere
from deploy.progress import say


class CannotDeploy(Exception):
    """The stage is not live; the message says why and what to do next."""


REFUSALS = (
    CannotDeploy,
    base.CannotPrepare,
    stacks.StackFailed,
    asking.NoAnswer,
    functions.CommandFailed,
    NotThere,
    stages.NoSuchStage,
)


def deploy(stage: str) -> str:
    """Bring a stage up, or its newest version; its public address. Raises one of REFUSALS."""
    outputs = base.prepare(stage)
    live = Live(stage)
    with refusals.told_as(CannotDeploy):
        _bring_code(live, outputs, "update" if _is_deployed(live) else "deploy")
        edge.introduce(live)  # before it has much to do: the edge takes minutes
        _settle(live, outputs)
        return _finish(live, outputs, edge.prepare(live))


def update(stage: str) -> str:
    """Bring the newest code to a stage that stands; its public address. Raises one of REFUSALS."""
    with refusals.told_as(CannotDeploy):
        live = base.at_home(stage)
        formation = live.aws.client("cloudformation")
        if not (live.function() and stacks.stands(formation, live.name)):
            raise CannotDeploy(f"{live.name} is not deployed: run `make deploy STAGE={stage}`.")
        _bring_code(live, stacks.outputs(formation, live.base_stack), "update")
        return follow(live)


def follow(live: Live) -> str:
    """What follows when a stage that stands has been given other code: a look at what starts it,
    its pages, a request at every address; its public address. Raises one of REFUSALS."""
    formation = live.aws.client("cloudformation")
    outputs = stacks.outputs(formation, live.base_stack)
    _settle(live, outputs)
    stands = stacks.stands(formation, live.edge_stack)
    front = stacks.outputs(formation, live.edge_stack) if stands else {}
    return _finish(live, outputs, front)


def _bring_code(live: Live, outputs: dict[str, str], command: str) -> None:
    """Static files first: the pages of the new code name them."""
    uploaded = static_files.upload(live.aws.client("s3"), outputs["SiteBucketName"])
    say(f"Static files: {uploaded} new ones in {outputs['SiteBucketName']}")
    say(f"zappa {command} {live.stage}")
    if not zappa_cli.run(command, live.stage):
        raise CannotDeploy(f"`zappa {command} {live.stage}` failed: see above, run this again.")
    live.wait()


def _finish(live: Live, outputs: dict[str, str], front: dict[str, str]) -> str:
    """Tell the function where it is, publish its pages, and ask at every address."""
    address = _public_url(live, front)
    told = {"PUBLIC_URL": address}
    if "PublicUrl" in front:
        told["LANYARD_FRONT_SECRET"] = edge.front_secret(live)
    edge.tell(live, **told)
    for line in snap_start.settle(live):
        say(line)
    asking.until_well(f"{live.api_address()}/readyz")
    say("Publishing the pages that are files")
    functions.command(live, "site", "publish")
    for url in _addresses(live, outputs, front):
        asking.until_well(url)
    for line in (*_still_to_do(live, front), *quotas.tell(live)):
        say(line)
    return address


def _public_url(live: Live, front: dict[str, str]) -> str:
    """An own domain's address, CloudFront's, or the API's."""
    if "PublicUrl" not in front:
        return live.api_address()
    if live.choices["domain_name"]:
        return front["PublicUrl"]
    return live.front_address(front["DistributionDomain"])


def _addresses(live: Live, outputs: dict[str, str], front: dict[str, str]) -> Iterator[str]:
    """What is asked for at each address beside the API's."""
    if "PublicUrl" in front:
        address = live.front_address(front["DistributionDomain"])
        yield f"{address}/readyz"
        yield f"{address}/static/{static_files.assets().address('css/lanyard.css')}"
        if live.choices["hosted_zone_id"]:
            yield f"{front['PublicUrl']}/readyz"
    if live.choices["public_site"]:
        yield f"{live.website_address(outputs['SiteUrl'])}/"


def _still_to_do(live: Live, front: dict[str, str]) -> Iterator[str]:
    """What only somebody else can do, in sentences."""
    domain, zone = live.choices["domain_name"], live.choices["hosted_zone_id"]
    if "PublicUrl" in front and domain and not zone:
        yield (
            f"Links in mails lead to {domain}: where its DNS is kept, make it a CNAME of "
            f"{front['DistributionDomain']}."
        )
    if "PublicUrl" not in front and live.choices["cloudfront"]:
        yield (
            "Without CloudFront so far: run this again once AWS Support has verified the account "
            "for it."
        )


def _is_deployed(live: Live) -> bool:
    """Zappa makes the function, then the stack of its API. A function alone, or with half a stack,
    is all that there is of a deployment that broke off: it goes, because Zappa would refuse to
    deploy it, and could not update its stack."""
    function, formation = live.function(), live.aws.client("cloudformation")
    if stacks.at_rest(formation, live.name) in stacks.HALF_MADE:
        stacks.delete(formation, live.name)
    stack = stacks.status(formation, live.name)
    if function and not stack:
        say("An earlier deployment broke off: its function is made anew")
        live.aws.client("lambda").delete_function(FunctionName=live.name)
    return bool(function and stack)


def _settle(live: Live, outputs: dict[str, str]) -> None:
    say("Looking at what starts the function, and at the stage of its API")
    function, undelivered = live.require_function(), outputs["UndeliveredMessagesArn"]
    try:
        found = sources.settle(live.aws, live.settings, function, undelivered)
    except sources.SourceMissing as missing:
        raise CannotDeploy(str(missing)) from None
    for line in (*found, *api_stage.settle(live, outputs["ApiLogsArn"])):
        say(f"  {line}")


def main() -> None:
    """Deploy the stage that the command line names, and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m deploy.deploy", description=__doc__)
    parser.add_argument("stage")
    parser.add_argument("--code-only", action="store_true", help="what `make update` does")
    given = parser.parse_args()
    try:
        address = update(given.stage) if given.code_only else deploy(given.stage)
    except REFUSALS as error:
        raise SystemExit(str(error)) from None
    say(f"Live: {address}/")


if __name__ == "__main__":
    main()
