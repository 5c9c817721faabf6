"""CloudFormation stacks: made, brought up to date, deleted; if that fails, the reason is told."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from deploy import refusals
from deploy.progress import say

POLL_SECONDS, MOST_POLLS = 3, 400
# What a stack is in after a creation that failed: it can only be deleted.
HALF_MADE = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}

Client = Any


class StackFailed(Exception):
    """A stack is not as it should be; the message says why and what to do next."""


def stands(formation: Client, name: str) -> bool:
    """Whether there is a stack of that name; raises StackFailed if it is half made."""
    found = status(formation, name)
    if found in HALF_MADE:
        raise StackFailed(
            f"The stack {name} is half made ({found}): delete it "
            f"(`aws cloudformation delete-stack --stack-name {name}`), then run this again."
        )
    return found is not None


def ensure(formation: Client, name: str, template: Path, given: Mapping[str, str]) -> None:
    """Bring a stack up to date, or make it; what a creation left that broke off goes first, as
    nothing can be done with it but that. Raises StackFailed."""
    if at_rest(formation, name) in HALF_MADE:
        say(f"An earlier creation of {name} broke off")
        delete(formation, name)
    if status(formation, name) is None:
        create(formation, name, template, given)
    else:
        update(formation, name, template, given)


def at_rest(formation: Client, name: str) -> str | None:
    """The state of a stack once CloudFormation has done with it: an earlier run may have been
    broken off, while CloudFormation goes on. None if there is no stack. Raises StackFailed."""
    for poll in range(MOST_POLLS):
        found = status(formation, name)
        if found is None or not found.endswith("_IN_PROGRESS"):
            return found
        if poll == 0:
            say(f"Waiting for CloudFormation, which is at work on {name} ({found})")
        time.sleep(POLL_SECONDS)
    raise StackFailed(f"CloudFormation is still at work on {name}: run this again later.")


def status(formation: Client, name: str) -> str | None:
    """What CloudFormation calls the state of a stack; None if there is none."""
    try:
        found: str = formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    return None if found == "DELETE_COMPLETE" else found


def outputs(formation: Client, name: str) -> dict[str, str]:
    """What a stack that stands tells of itself."""
    stack = formation.describe_stacks(StackName=name)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def create(formation: Client, name: str, template: Path, given: Mapping[str, str]) -> None:
    """Make a stack out of a template and its parameters; raises StackFailed."""
    say(f"Creating {name}")
    formation.create_stack(StackName=name, **_request(template, given))
    _wait(formation, name, "stack_create_complete")


def update(formation: Client, name: str, template: Path, given: Mapping[str, str]) -> None:
    """Bring a stack up to date, if anything has changed; raises StackFailed."""
    say(f"Updating {name}")
    try:
        formation.update_stack(StackName=name, **_request(template, given))
    except ClientError as error:
        if "No updates are to be performed" in error.response["Error"]["Message"]:
            say("  nothing has changed")
            return
        raise
    _wait(formation, name, "stack_update_complete")


def delete(formation: Client, name: str) -> None:
    """Take a stack away, in whatever state it is; nothing happens if there is none. Raises
    StackFailed."""
    if status(formation, name) is None:
        return
    say(f"Deleting {name}")
    formation.delete_stack(StackName=name)
    _wait(formation, name, "stack_delete_complete")


def _request(template: Path, given: Mapping[str, str]) -> dict[str, Any]:
    parameters = [{"ParameterKey": key, "ParameterValue": one} for key, one in given.items()]
    return {
        "TemplateBody": template.read_text(encoding="utf-8"),
        "Parameters": parameters,
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    }


def _wait(formation: Client, name: str, outcome: str) -> None:
    config = {"Delay": POLL_SECONDS, "MaxAttempts": MOST_POLLS}
    try:
        formation.get_waiter(outcome).wait(StackName=name, WaiterConfig=config)
    except WaiterError:
        said = "\n".join([f"The stack {name} failed:", *_failures(formation, name)])
        raise StackFailed("\n".join([said, *refusals.next_step(said)])) from None
    say("  done")


def _failures(formation: Client, name: str) -> Iterator[str]:
    """What went wrong, oldest first; what was only cancelled because of it is left out."""
    events = formation.describe_stack_events(StackName=name)["StackEvents"]
    for event in reversed(events):
        reason = event.get("ResourceStatusReason", "")
        if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason:
            yield f"  {event['LogicalResourceId']}: {reason}"
