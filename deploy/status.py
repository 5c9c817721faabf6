"""`make status STAGE=dev`: what stands of a stage and where, what starts it, what waits for
somebody, and what the account allows; with what is missing, the next step.

Ends with 0 if the stage is whole: base, function, API and edge stand, and all that should start the
function does. Dead letters and alarms are told; they say how it goes, and not what stands.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from deploy import edge, quotas, refusals, sources, stacks, stages, versions
from deploy.live import Live
from deploy.progress import say

# A stack in one of these states is as it should be.
GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")
COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class CannotTell(Exception):
    """The account does not answer; the message says why and what to do next."""


@dataclass(frozen=True)
class Part:
    """One line of what there is; `whole` is False for what is missing."""

    name: str
    said: str
    whole: bool = True

    def __str__(self) -> str:
        return f"{self.name:10} {self.said}"


def look(stage: str) -> list[Part]:
    """All parts of a stage as they are now. Raises CannotTell, NoSuchStage."""
    live = Live(stage)
    with refusals.told_as(CannotTell):
        return list(_parts(live))


def _parts(live: Live) -> Iterator[Part]:
    base = _stack(live, "base", live.base_stack)
    function = live.function()
    yield base
    yield from _function(live) if function else _no(live, "function")
    yield from _api(live) if live.api() else _no(live, "API")
    yield _stack(live, "edge", live.edge_stack)
    if function:
        yield from _public(live)
    if base.whole:
        yield from _website(live)
        yield from _starters(live) if function else ()
        yield from _dead_letters(live)
    yield from _alarms(live)
    yield from (Part("account", line) for line in quotas.tell(live))


def _stack(live: Live, name: str, stack: str) -> Part:
    state = stacks.status(live.aws.client("cloudformation"), stack)
    if state is None:
        return _missing(live, name, f"there is no stack {stack}")
    if state.endswith("_IN_PROGRESS"):
        return Part(name, f"{stack}, {state}: look again when that is over.", whole=False)
    if state not in GOOD:
        return _missing(live, name, f"{stack} is in {state}")
    return Part(name, f"{stack}, {state}")


def _function(live: Live) -> Iterator[Part]:
    found = live.aws.client("lambda").get_function_configuration(FunctionName=live.name)
    version = versions.running(live)
    code = f"version {version}" if version else "code without a version"
    yield Part("function", f"{live.name}, {code}, changed {_minute(found['LastModified'])} UTC")


def _api(live: Live) -> Iterator[Part]:
    kind = "REST" if live.is_rest else "HTTP"
    yield Part("API", f"{live.name}, {kind}: {live.api_address()}/")


def _public(live: Live) -> Iterator[Part]:
    """The address that the function puts into mails and codes."""
    address = edge.variables(live).get("PUBLIC_URL")
    if address:
        yield Part("address", f"{address}/")
    else:
        yield _missing(live, "address", "the function does not know its own")


def _website(live: Live) -> Iterator[Part]:
    if live.choices["public_site"]:
        outputs = stacks.outputs(live.aws.client("cloudformation"), live.base_stack)
        yield Part("website", f"{live.website_address(outputs['SiteUrl'])}/")


def _starters(live: Live) -> Iterator[Part]:
    """What a deployment lets start the function; another checkout's settings may name another
    account, so that only the kind is read there."""
    for event in live.settings["events"]:
        service = event.get("event_source", {}).get("arn", ":::").split(":")[2]
        if service == "sns":
            yield _subscription(live)
        elif service == "s3":
            yield _uploads(live, event["event_source"]["prefix"])
        else:
            yield from _schedules(live, event)


def _subscription(live: Live) -> Part:
    sns = live.aws.client("sns")
    if live.function_arn in sources.subscriptions(sns, live.topic_arn, live.function_arn):
        return Part("starts it", f"messages of {live.topic_arn.rpartition(':')[2]}")
    return _missing(live, "starts it", "no message does")


def _uploads(live: Live, prefix: str) -> Part:
    s3, bucket = live.aws.client("s3"), live.bucket("uploads")
    told = sources.notifications(s3, bucket, live.function_arn)
    if [sources.prefixes(one) for one in told] == [[prefix]]:
        return Part("starts it", f"uploads to {bucket}/{prefix}")
    return _missing(live, "starts it", f"no upload to {bucket}/{prefix} does, or others do too")


def _schedules(live: Live, event: dict[str, Any]) -> Iterator[Part]:
    found = sources.rules(live.aws.client("events"), live.function_arn)
    running = {
        rule["ScheduleExpression"]
        for rule in found
        if rule["Name"].endswith(event["function"]) and rule["State"] == "ENABLED"
    }
    for expression in event["expressions"]:
        if expression in running:
            yield Part("starts it", f"{expression}, {event['function']}")
        else:
            yield _missing(live, "starts it", f"{expression} does not run {event['function']}")


def _dead_letters(live: Live) -> Iterator[Part]:
    sqs = live.aws.client("sqs")
    for queue in (f"{live.name}-dead", f"{live.name}-undelivered"):
        counts = sqs.get_queue_attributes(
            QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"], AttributeNames=list(COUNTS)
        )["Attributes"]
        waiting = sum(int(counts[each]) for each in COUNTS)
        step = (
            f": `make logs STAGE={live.stage} SINCE=1d` may say why, and `make invoke "
            f'STAGE={live.stage} DO="dead-letters replay"` handles them once more.'
        )
        yield Part("failed", f"{waiting} in {queue}{step if waiting else ''}")


def _alarms(live: Live) -> Iterator[Part]:
    pages = live.aws.client("cloudwatch").get_paginator("describe_alarms")
    found = pages.paginate(AlarmNamePrefix=f"{live.name}-", StateValue="ALARM")
    ringing = [alarm for page in found for alarm in page["MetricAlarms"]]
    for alarm in ringing:
        since = _minute(alarm["StateUpdatedTimestamp"].astimezone(UTC).isoformat())
        said = alarm.get("AlarmDescription", "").strip()
        yield Part("alarm", f"{alarm['AlarmName']} since {since} UTC. {said}")
    if not ringing:
        yield Part("alarms", "none is on")


def _minute(iso: str) -> str:
    """A moment as CloudWatch or Lambda write it, to the minute."""
    return iso[:16].replace("T", " ")


def _no(live: Live, name: str) -> Iterator[Part]:
    yield _missing(live, name, f"there is no {name} {live.name}")


def _missing(live: Live, name: str, fact: str) -> Part:
    return Part(name, f"{fact}: run `make deploy STAGE={live.stage}`.", whole=False)


def main() -> None:
    """Tell how the stage stands that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m deploy.status", description=__doc__)
    parser.add_argument("stage")
    try:
        parts = look(parser.parse_args().stage)
    except (CannotTell, stages.NoSuchStage) as error:
        raise SystemExit(str(error)) from None
    for part in parts:
        say(str(part))
    raise SystemExit(not all(part.whole for part in parts))


if __name__ == "__main__":
    main()
