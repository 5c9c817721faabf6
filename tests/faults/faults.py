"""What can go wrong, as rules of microburst: one fault a request, the first that applies."""

from __future__ import annotations

from typing import Any

Rule = dict[str, Any]

DYNAMODB, S3, SES, SNS = "dynamodb", "s3", "ses", "sns"
# What every transaction of ours has at most, a change of capacity aside.
MOST_WRITES = 6


def throttled(share: float) -> list[Rule]:
    """DynamoDB has had enough of a table, or of the account: nothing is done."""
    half = share / 2
    return [
        _error(DYNAMODB, "ThrottlingException", 400, half),
        # asked only where the first did not apply
        _error(DYNAMODB, "ProvisionedThroughputExceededException", 400, half / (1 - half)),
    ]


def conflicting(share: float) -> list[Rule]:
    """Another transaction has one of the items: nothing is written."""
    updates = _error(DYNAMODB, "TransactionConflictException", 400, share)
    return [updates | {"operation": "UpdateItem"}, *_cancelled("TransactionConflict", share)]


def _cancelled(reason: str, share: float) -> list[Rule]:
    """The transaction is cancelled because of its last write; a rule for each number of them."""
    return [
        _error(DYNAMODB, "TransactionCanceledException", 400, share)
        | {
            "operation": "TransactWriteItems",
            "body": f"length(TransactItems) == `{writes}`",
            "error": {
                "code": "TransactionCanceledException",
                "status": 400,
                "message": "Transaction cancelled, please refer cancellation reasons",
                "fields": {
                    "CancellationReasons": [{"Code": "None"}] * (writes - 1) + [{"Code": reason}]
                },
            },
        }
        for writes in range(1, MOST_WRITES + 1)
    ]


def reply_lost(share: float, service: str = DYNAMODB) -> Rule:
    """It is done, but the connection breaks before the answer comes."""
    return _rule(service, share) | {"response": {"abort_bytes": 0}}


def slow(share: float, service: str = DYNAMODB, milliseconds: int = 300) -> Rule:
    """It is done, but late."""
    return _rule(service, share) | {"latency": milliseconds}


def failing(service: str, share: float) -> Rule:
    """The service has an error of its own: nothing is done."""
    code = "InternalError" if service in (S3, SNS) else "InternalFailure"
    return _error(service, code, 500, share)


def only(operation: str, *rules: Rule) -> list[Rule]:
    """The same faults, of one operation alone."""
    return [rule | {"operation": operation} for rule in rules]


def _error(service: str, code: str, status: int, share: float) -> Rule:
    return _rule(service, share) | {"error": {"code": code, "status": status}}


def _rule(service: str, share: float) -> Rule:
    return {"service": service, "probability": share}
