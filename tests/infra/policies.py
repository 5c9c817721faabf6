"""IAM policies, judged as IAM does, as far as ours go: no Deny, and conditions on words alone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Grant(NamedTuple):
    """One action on one kind of resource that a role may do."""

    action: str
    resource: str
    equal: tuple[tuple[str, str], ...] = ()
    unequal: tuple[tuple[str, str], ...] = ()

    def covers(self, need: Need) -> bool:
        """Whether it lets that be done."""
        return (
            self.action == need.action
            and _matches(self.resource, need.resource)
            and all(need.context.get(key) == value for key, value in self.equal)
            and all(need.context.get(key) != value for key, value in self.unequal)
        )


class Need(NamedTuple):
    """What one call to AWS has to be allowed."""

    action: str
    resource: str
    context: Mapping[str, str]


def grants(role: Mapping[str, Any]) -> list[Grant]:
    """All that a role may do."""
    return [
        grant
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        for grant in _of(statement)
    ]


def _of(statement: Mapping[str, Any]) -> Iterator[Grant]:
    assert statement["Effect"] == "Allow"
    conditions = statement.get("Condition", {})
    assert conditions.keys() <= {"StringEquals", "StringNotEquals"}
    unequal = tuple(conditions.get("StringNotEquals", {}).items())
    choices = [
        [(key, one) for one in many(value)]
        for key, value in conditions.get("StringEquals", {}).items()
    ]
    actions, resources = many(statement["Action"]), many(statement["Resource"])
    for action, resource, *equal in itertools.product(actions, resources, *choices):
        yield Grant(action, resource, tuple(equal), unequal)


def many(value: Any) -> list[Any]:
    """A policy writes one as itself, several as a list."""
    return value if isinstance(value, list) else [value]


def _matches(pattern: str, resource: str) -> bool:
    parts = map(re.escape, pattern.split("*"))
    return re.fullmatch(".*".join(parts), resource, re.DOTALL) is not None
