"""gunicorn.conf.py with a meter: what `make rush` has `make run` served by.

Asks DynamoDB with every call what it consumed (ReturnConsumedCapacity=INDEXES), in the web
processes and in the worker, which is forked from the same process. A line of JSON in the file that
METER names tells what each request, and each message, used. Nothing of it is in the application.
"""

from __future__ import annotations

import json
import os
import runpy
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.aws.clients import session

globals().update(runpy.run_path(str(Path(__file__).parents[1] / "gunicorn.conf.py")))

# Atomic lines: each is written at once, at the end of the file, by whichever process.
_file = os.open(os.environ["METER"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

WEB, WORKER = "web", "worker"
WRITES = ("BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem")
# A refused write is charged like one that was done (developer guide, "Condition expressions" and
# "Amazon DynamoDB Transactions"), but the refusal does not say how much.
REFUSED_UNITS = {"ConditionalCheckFailedException": 1, "TransactionCanceledException": 2}


class Work(threading.local):
    """What this thread has used since the last line."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Begin a request, or a message."""
        self.units: dict[str, float] = defaultdict(float)
        self.calls = Counter[str]()
        self.ids: dict[int, None] = {}

    def end(self, kind: str, name: str) -> None:
        """Write the line, if anything was used, and begin anew."""
        if self.calls:
            line = {
                "kind": kind, "name": name, "pid": os.getpid(), "at": time.monotonic(),
                "ids": list(self.ids), "units": self.units, "calls": self.calls,
            }  # fmt: skip
            os.write(_file, f"{json.dumps(line)}\n".encode())
        self.begin()


_work = Work()


def pre_request(_worker: Any, _request: Any) -> None:
    """gunicorn's hook, in the thread that will answer."""
    _work.begin()


def post_request(_worker: Any, request: Any, _environ: Any, _response: Any) -> None:
    """gunicorn's hook, after the answer. The path is a secret beyond its first part."""
    _work.end(WEB, f"{request.method} /{request.path.split('/')[1]}")


def _ask(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    """botocore's hook, before each call."""
    _work.calls[f"{model.service_model.service_name}.{model.name}"] += 1
    if model.service_model.service_name == "dynamodb":
        if "ReturnConsumedCapacity" in model.input_shape.members:
            params["ReturnConsumedCapacity"] = "INDEXES"
        _work.ids.update(dict.fromkeys(_registrations(params)))
        context["actions"] = len(params.get("TransactItems", ()))
        _count_batch(params.get("RequestItems", {}))


def _count(parsed: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    """botocore's hook, after each call that was answered."""
    kind = "write" if model.name in WRITES else "read"
    consumed = parsed.get("ConsumedCapacity", [])
    for one in consumed if isinstance(consumed, list) else [consumed]:
        _work.units[f"{kind}.{_kind(one['TableName'])}"] += one["CapacityUnits"]
    refusal = parsed.get("Error", {}).get("Code")
    if refusal in REFUSED_UNITS:
        _work.units["write.refused"] += REFUSED_UNITS[refusal] * (context["actions"] or 1)


def _count_batch(tables: Mapping[str, Any]) -> None:
    """The emulator does not say what a BatchGetItem consumes: by the rule for its keys (each item
    is smaller than 4 KB)."""
    for table, asked in tables.items():
        each = 1 if asked.get("ConsistentRead") else 0.5
        _work.units[f"read.{_kind(table)}"] += each * len(asked.get("Keys", ()))


def _kind(table: str) -> str:
    return table.rpartition("-")[2]


def _registrations(params: Mapping[str, Any]) -> Iterator[int]:
    """The ids of the registrations that a call names."""
    for action in params.get("TransactItems", ()):
        for one in action.values():
            yield from _registrations(one)
    for part in ("Key", "Item"):
        number = params.get(part, {}).get("registration_id")
        if number:
            yield int(number["N"])


def _end_message(**_: Any) -> None:
    """botocore's hook, before the worker turns to its queue: what it did before is one message."""
    _work.end(WORKER, "message")


session().register("provide-client-params.dynamodb", _ask)
session().register("provide-client-params.ses", _ask)
session().register("provide-client-params.s3", _ask)
session().register("provide-client-params.sns", _ask)
session().register("provide-client-params.sqs", _end_message)
session().register("after-call.dynamodb", _count)
