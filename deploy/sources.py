"""What starts the function: one message subscription, its schedules, and the uploads.

Zappa makes them, and says that all went well when it could not: so they are looked at afterwards.
What it leaves undone is done here, what it left over is taken away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3

from deploy.stages import Stage

Client = Any
Rule = dict[str, Any]
Statement = dict[str, Any]


class SourceMissing(Exception):
    """Something would not start the function; the message says what and what to do next."""


def settle(aws: boto3.Session, settings: Stage, function: str, dead_letters: str) -> list[str]:
    """See that everything in a stage's `events` starts the function (its ARN), once; what was
    found, in lines. Messages that do not reach it go to the queue `dead_letters` (an ARN). Raises
    SourceMissing.
    """
    lines = []
    for event in settings["events"]:
        arn = event.get("event_source", {}).get("arn", "")
        if arn.startswith("arn:aws:sns:"):
            lines.append(_settle_subscription(aws.client("sns"), arn, function, dead_letters))
        elif arn.startswith("arn:aws:s3:"):
            lines.append(_see_uploads(aws.client("s3"), event["event_source"], function))
        else:
            lines += _see_schedules(aws.client("events"), event, function)
    dropped = _drop_repeated_permissions(aws.client("lambda"), function)
    return [*lines, f"permissions: {dropped} repeated ones taken away"]


def _settle_subscription(sns: Client, topic: str, function: str, dead_letters: str) -> str:
    """One subscription, which keeps what it cannot deliver."""
    found = subscriptions(sns, topic, function)
    if function not in found:
        raise _missing(f"The topic {topic} does not send to the function")
    first = found.pop(function)
    for extra in found.values():
        sns.unsubscribe(SubscriptionArn=extra)
    sns.set_subscription_attributes(
        SubscriptionArn=first,
        AttributeName="RedrivePolicy",
        AttributeValue=json.dumps({"deadLetterTargetArn": dead_letters}),
    )
    return f"messages: one subscription of {_name(topic)}; undelivered to {_name(dead_letters)}"


def subscriptions(sns: Client, topic: str, function: str) -> dict[str, str]:
    """A topic's subscriptions to a function, also to a version of it: what each sends to, with its
    own ARN."""
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    found = {
        one["Endpoint"]: one["SubscriptionArn"] for page in pages for one in page["Subscriptions"]
    }
    return {to: own for to, own in found.items() if f"{to}:".startswith(f"{function}:")}


def _see_uploads(s3: Client, source: dict[str, Any], function: str) -> str:
    bucket = source["arn"].rpartition(":")[2]
    told = [(one["Events"], prefixes(one)) for one in notifications(s3, bucket, function)]
    if told != [(source["events"], [source["prefix"]])]:
        raise _missing(f"The bucket {bucket} does not tell the function of uploads, or of more")
    return f"uploads: {bucket}/{source['prefix']}"


def notifications(s3: Client, bucket: str, function: str) -> list[dict[str, Any]]:
    """What a bucket tells a function of."""
    told = s3.get_bucket_notification_configuration(Bucket=bucket)
    found = told.get("LambdaFunctionConfigurations", [])
    return [one for one in found if one["LambdaFunctionArn"] == function]


def prefixes(notification: dict[str, Any]) -> list[str]:
    """The prefixes that a bucket's notification is for."""
    rules = notification.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return [rule["Value"] for rule in rules if rule["Name"].lower() == "prefix"]


def _see_schedules(events: Client, event: dict[str, Any], function: str) -> Iterator[str]:
    """Zappa's handler finds the function to run at the end of the rule's name."""
    found = [rule for rule in rules(events, function) if rule["Name"].endswith(event["function"])]
    running = {rule["ScheduleExpression"] for rule in found if rule["State"] == "ENABLED"}
    for expression in event["expressions"]:
        if expression not in running:
            raise _missing(f"{expression} does not start {event['function']}")
        yield f"schedule: {expression}, {event['function']}"


def rules(events: Client, function: str) -> list[Rule]:
    """The rules that start a function."""
    pages = events.get_paginator("list_rule_names_by_target").paginate(TargetArn=function)
    names = [name for page in pages for name in page["RuleNames"]]
    return [events.describe_rule(Name=name) for name in names]


def _drop_repeated_permissions(functions: Client, function: str) -> int:
    """Each update adds those of messages and uploads once more, until the policy is full; how many
    were taken away."""
    seen, dropped = set(), 0
    for statement in permissions(functions, function):
        said = what_it_says(statement)
        if said in seen:
            functions.remove_permission(FunctionName=function, StatementId=statement["Sid"])
            dropped += 1
        seen.add(said)
    return dropped


def permissions(functions: Client, function: str) -> list[Statement]:
    """The statements of a function's policy: who may start it."""
    try:
        policy = json.loads(functions.get_policy(FunctionName=function)["Policy"])
    except functions.exceptions.ResourceNotFoundException:  # nobody may
        return []
    return list(policy["Statement"])


def what_it_says(statement: Statement) -> str:
    """A statement without its name, which Zappa draws."""
    return json.dumps({key: statement[key] for key in statement if key != "Sid"}, sort_keys=True)


def _missing(fact: str) -> SourceMissing:
    return SourceMissing(f"{fact}: see above what Zappa was refused, allow it, and run this again.")


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]
