"""The tables of the template, made one by one where there is no CloudFormation."""

from __future__ import annotations

from functools import cache
from typing import Any

from app.aws.clients import client
from tests.infra import template

# What CreateTable does not take: calls of their own.
_LATER = ("TimeToLiveSpecification", "PointInTimeRecoverySpecification")


@cache
def declared(stage: str) -> tuple[dict[str, Any], ...]:
    """The properties of each table."""
    tables = template.base(stage).resources("AWS::DynamoDB::Table").values()
    return tuple(table["Properties"] for table in tables)


def create(stage: str) -> None:
    """Create the tables of a stage as infra/base.yaml describes them, but unprotected."""
    dynamodb = client("dynamodb")
    for table in declared(stage):
        given = {name: value for name, value in table.items() if name not in _LATER}
        dynamodb.create_table(**given | {"DeletionProtectionEnabled": False})
        if expiry := table.get("TimeToLiveSpecification"):
            dynamodb.update_time_to_live(
                TableName=table["TableName"], TimeToLiveSpecification=expiry
            )
