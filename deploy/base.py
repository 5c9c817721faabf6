"""`make base STAGE=dev`: what must stand in the account before Zappa deploys the function.

It may be run again at any time: what is there as it should be stays as it is.
"""

from __future__ import annotations

import argparse
import difflib
import re
from pathlib import Path

from deploy import refusals, stacks, stages
from deploy.folders import ROOT, SETTINGS
from deploy.live import Live
from deploy.progress import say

TEMPLATE = ROOT / "infra" / "base.yaml"
# An account in a bucket's name or in an ARN of zappa_settings.json; not what a certificate's id
# ends with.
ACCOUNT = re.compile(r"(?<!-[0-9a-f]{4}-)\b\d{12}\b")


class CannotPrepare(Exception):
    """The base does not stand; the message says why and what to do next."""


def prepare(stage: str) -> dict[str, str]:
    """Create or update the base stack of a stage, and write the account into zappa_settings.json;
    the stack's outputs. Raises CannotPrepare, StackFailed, NoSuchStage."""
    live = Live(stage)
    with refusals.told_as(CannotPrepare):
        account: str = live.aws.client("sts").get_caller_identity()["Account"]
        say(f"Account {account}, region {live.aws.region_name}")
        outputs = _stack(live)
    for line in adopt(account):
        say(line)
    return outputs


def require(stage: str, settings: Path = SETTINGS) -> None:
    """Raise CannotPrepare, with the next step, unless the base stack of a stage stands, and the
    settings name its account: the names of buckets are for everybody to take, and Zappa brings the
    code into whosever bucket it is."""
    live = Live(stage)
    with refusals.told_as(CannotPrepare):
        stands = stacks.status(live.aws.client("cloudformation"), live.base_stack)
        account = live.account
    if stands in (None, *stacks.HALF_MADE):
        raise CannotPrepare(
            f"The stack {live.base_stack} does not stand, and what Zappa deploys stands on it: run "
            f"`make base STAGE={stage}` first, or `make deploy STAGE={stage}`, which does both."
        )
    if set(ACCOUNT.findall(settings.read_text(encoding="utf-8"))) != {account}:
        raise CannotPrepare(
            f"{settings.name} names another account than {account}: run `make base STAGE={stage}` "
            "first, which writes it there."
        )


def at_home(stage: str) -> Live:
    """A stage that stands, with settings that name its account, whichever checkout this is. Raises
    NoSuchStage, and botocore's errors if the environment leads to no account."""
    for line in adopt(Live(stage).account):
        say(line)
    return Live(stage)


def adopt(account: str, settings: Path = SETTINGS) -> list[str]:
    """Write an account's number into the settings, in place of whatever number is there; what
    changed, as lines of a diff."""
    before = settings.read_text(encoding="utf-8")
    after = ACCOUNT.sub(account, before)
    if after != before:
        settings.write_text(after, encoding="utf-8")
    name = settings.name
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="")
    return list(lines)


def _stack(live: Live) -> dict[str, str]:
    formation, name = live.aws.client("cloudformation"), live.base_stack
    if stacks.at_rest(formation, name) in (None, *stacks.HALF_MADE):
        # Unprotected at first, so that a creation that fails can be undone.
        stacks.ensure(formation, name, TEMPLATE, _given(live, protected=False))
    stacks.update(formation, name, TEMPLATE, _given(live, protected=True))
    return stacks.outputs(formation, name)


def _given(live: Live, *, protected: bool) -> dict[str, str]:
    return {
        "Stage": live.stage,
        "MailSender": live.settings["environment_variables"]["LANYARD_MAIL_SENDER"],
        "Protection": "yes" if protected else "no",
        "Api": live.settings["apigateway_version"],
        "MailIdentity": live.choices["mail_identity"],
        "PublicSite": "yes" if live.choices["public_site"] else "no",
    }


def main() -> None:
    """Prepare the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m deploy.base", description=__doc__)
    parser.add_argument("stage")
    try:
        outputs = prepare(parser.parse_args().stage)
    except (CannotPrepare, stacks.StackFailed, stages.NoSuchStage) as error:
        raise SystemExit(str(error)) from None
    for name, value in outputs.items():
        say(f"{name}: {value}")


if __name__ == "__main__":
    main()
