"""`make base STAGE=dev`: what must stand in the account before Zappa deploys the function.

It may be run again at any time: what is there as it should be stays as it is.
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError, WaiterError

from deploy import refusals, stages
from deploy.folders import ROOT, SETTINGS
from deploy.progress import say

TEMPLATE = ROOT / "infra" / "base.yaml"
# An account in a bucket's name or in an ARN of zappa_settings.json.
ACCOUNT = re.compile(r"\b\d{12}\b")
POLL_SECONDS, MOST_POLLS = 3, 400
# What a stack is in after a creation that failed: it can only be deleted.
HALF_MADE = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}

Client = Any


class CannotPrepare(Exception):
    """The base does not stand; the message says why and what to do next."""


def prepare(stage: str) -> dict[str, str]:
    """Create or update the base stack of a stage, and write the account into zappa_settings.json;
    the stack's outputs. Raises CannotPrepare, NoSuchStage."""
    found = stages.find(stage)
    aws = boto3.Session(region_name=found["aws_region"])
    with refusals.told_as(CannotPrepare):
        account: str = aws.client("sts").get_caller_identity()["Account"]
        say(f"Account {account}, region {aws.region_name}")
        outputs = _stack(aws.client("cloudformation"), stage, found)
    for line in adopt(account):
        say(line)
    return outputs


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


def _stack(formation: Client, stage: str, settings: stages.Stage) -> dict[str, str]:
    name = f"lanyard-{stage}-base"
    if stands(formation, name):
        _update(formation, name, stage, settings)
    else:
        _create(formation, name, stage, settings)
    stack = formation.describe_stacks(StackName=name)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def stands(formation: Client, name: str) -> bool:
    """Whether there is a stack of that name; raises CannotPrepare if it is half made."""
    status = _status(formation, name)
    if status in HALF_MADE:
        raise CannotPrepare(
            f"The stack {name} is half made ({status}): delete it "
            f"(`aws cloudformation delete-stack --stack-name {name}`), then run this again."
        )
    return status is not None


def _status(formation: Client, name: str) -> str | None:
    try:
        status: str = formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    return None if status == "DELETE_COMPLETE" else status


def _create(formation: Client, name: str, stage: str, settings: stages.Stage) -> None:
    """Unprotected at first, so that a creation that fails can be undone; then protected."""
    say(f"Creating {name}")
    formation.create_stack(StackName=name, **_request(stage, settings, protected=False))
    _wait(formation, name, "stack_create_complete")
    _update(formation, name, stage, settings)


def _update(formation: Client, name: str, stage: str, settings: stages.Stage) -> None:
    say(f"Updating {name}")
    try:
        formation.update_stack(StackName=name, **_request(stage, settings, protected=True))
    except ClientError as error:
        if "No updates are to be performed" in error.response["Error"]["Message"]:
            say("  nothing has changed")
            return
        raise
    _wait(formation, name, "stack_update_complete")


def _request(stage: str, settings: stages.Stage, *, protected: bool) -> dict[str, Any]:
    given = {
        "Stage": stage,
        "MailSender": settings["environment_variables"]["LANYARD_MAIL_SENDER"],
        "Protection": "yes" if protected else "no",
    }
    parameters = [{"ParameterKey": key, "ParameterValue": one} for key, one in given.items()]
    return {
        "TemplateBody": TEMPLATE.read_text(encoding="utf-8"),
        "Parameters": parameters,
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    }


def _wait(formation: Client, name: str, outcome: str) -> None:
    config = {"Delay": POLL_SECONDS, "MaxAttempts": MOST_POLLS}
    try:
        formation.get_waiter(outcome).wait(StackName=name, WaiterConfig=config)
    except WaiterError:
        reasons = "\n".join(_failures(formation, name))
        raise CannotPrepare(f"The stack {name} failed:\n{reasons}") from None
    say("  done")


def _failures(formation: Client, name: str) -> Iterator[str]:
    """What went wrong, oldest first; what was only cancelled because of it is left out."""
    events = formation.describe_stack_events(StackName=name)["StackEvents"]
    for event in reversed(events):
        reason = event.get("ResourceStatusReason", "")
        if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason:
            yield f"  {event['LogicalResourceId']}: {reason}"


def main() -> None:
    """Prepare the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m deploy.base", description=__doc__)
    parser.add_argument("stage")
    try:
        outputs = prepare(parser.parse_args().stage)
    except (CannotPrepare, stages.NoSuchStage) as error:
        raise SystemExit(str(error)) from None
    for name, value in outputs.items():
        say(f"{name}: {value}")


if __name__ == "__main__":
    main()
