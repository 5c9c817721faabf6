"""Everything in the account that bears a stage's name: what is there now, not what should be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from deploy import stacks
from deploy.live import Live

Finding = Callable[[Live], Iterable[str]]


def deployed(live: Live) -> list[str]:
    """What deploying has made, but for the base stack: each thing's kind and name."""
    return list(_told(live, DEPLOYED))


def kept(live: Live) -> list[str]:
    """The base stack and what belongs to it, with the data: each thing's kind and name."""
    return list(_told(live, KEPT))


def upper_stacks(live: Live) -> list[str]:
    """The stacks that stand on the base: the edge, and the API on which it stands."""
    return _standing(live, live.edge_stack, live.name)


def rules(live: Live) -> list[str]:
    """The rules that start the function, and those that would if they had a target."""
    events = live.aws.client("events")
    to_it = events.get_paginator("list_rule_names_by_target").paginate(TargetArn=live.function_arn)
    named = events.get_paginator("list_rules").paginate(NamePrefix=f"{live.name}-")
    found = [name for page in to_it for name in page["RuleNames"]]
    return sorted({*found, *(rule["Name"] for page in named for rule in page["Rules"])})


def tables(live: Live) -> list[str]:
    """The tables, with all records."""
    pages = live.aws.client("dynamodb").get_paginator("list_tables").paginate()
    return _of_stage(live, (name for page in pages for name in page["TableNames"]))


def buckets(live: Live) -> list[str]:
    """The buckets, with all files."""
    found = live.aws.client("s3").list_buckets()["Buckets"]
    return _of_stage(live, (bucket["Name"] for bucket in found))


def parameters(live: Live) -> list[str]:
    """The names of the secrets: who deploys may not read them, as by path they could be."""
    path = f"/{live.settings['project_name']}/{live.stage}"
    paginator = live.aws.client("ssm").get_paginator("describe_parameters")
    below = {"Key": "Path", "Option": "Recursive", "Values": [path]}
    pages = paginator.paginate(ParameterFilters=[below])
    return [found["Name"] for page in pages for found in page["Parameters"]]


def log_groups(live: Live) -> list[str]:
    """The logs of the function and of its API."""
    paginator = live.aws.client("logs").get_paginator("describe_log_groups")
    found = [
        group["logGroupName"]
        for folder in ("/aws/lambda/", "/aws/vendedlogs/")
        for page in paginator.paginate(logGroupNamePrefix=f"{folder}{live.name}")
        for group in page["logGroups"]
    ]
    return [name for name in found if f"/{live.name}-" in f"{name}-"]


def _functions(live: Live) -> list[str]:
    return [live.name] if live.function() else []


def _apis(live: Live) -> list[str]:
    rest = live.aws.client("apigateway").get_paginator("get_rest_apis").paginate()
    http = live.aws.client("apigatewayv2").get_paginator("get_apis").paginate()
    names = [api["name"] for page in rest for api in page["items"]]
    names += [api["Name"] for page in http for api in page["Items"]]
    return [name for name in names if name == live.name]


def _alarms(live: Live) -> list[str]:
    paginator = live.aws.client("cloudwatch").get_paginator("describe_alarms")
    pages = paginator.paginate(AlarmNamePrefix=f"{live.name}-")
    return [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]


def _base_stacks(live: Live) -> list[str]:
    return _standing(live, live.base_stack)


def _topics(live: Live) -> list[str]:
    pages = live.aws.client("sns").get_paginator("list_topics").paginate()
    arns = [topic["TopicArn"] for page in pages for topic in page["Topics"]]
    return _of_stage(live, (arn.rpartition(":")[2] for arn in arns))


def _queues(live: Live) -> list[str]:
    paginator = live.aws.client("sqs").get_paginator("list_queues")
    pages = paginator.paginate(QueueNamePrefix=f"{live.name}-")
    return [url.rpartition("/")[2] for page in pages for url in page.get("QueueUrls", [])]


def _roles(live: Live) -> list[str]:
    iam = live.aws.client("iam")
    try:
        return [iam.get_role(RoleName=live.name)["Role"]["RoleName"]]
    except iam.exceptions.NoSuchEntityException:
        return []


def _standing(live: Live, *names: str) -> list[str]:
    formation: Any = live.aws.client("cloudformation")
    return [name for name in names if stacks.status(formation, name)]


def _of_stage(live: Live, names: Iterable[str]) -> list[str]:
    """No stage has a hyphen in its name, so no other one's begin like that."""
    return [name for name in names if name.startswith(f"{live.name}-")]


def _told(live: Live, kinds: Mapping[str, Finding]) -> Iterator[str]:
    for kind, find in kinds.items():
        yield from (f"{kind} {name}" for name in find(live))


DEPLOYED: Mapping[str, Finding] = {
    "stack": upper_stacks,
    "function": _functions,
    "API": _apis,
    "rule": rules,
    "alarm": _alarms,
}
KEPT: Mapping[str, Finding] = {
    "stack": _base_stacks,
    "table": tables,
    "bucket": buckets,
    "topic": _topics,
    "queue": _queues,
    "parameter": parameters,
    "log group": log_groups,
    "role": _roles,
}
