"""DynamoDB: the base of all records, and transactions.

A table per kind of record (docs/decisions). Conditions compare attributes and values only:
DynamoDB knows no arithmetic in them, though the emulator would accept it.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection
from pynamodb.attributes import NumberAttribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.exceptions import PynamoDBException, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from app import config
from app.aws import metrics
from app.aws.clients import making, session
from app.aws.metrics import Metric
from app.core.errors import Busy, ChangedMeanwhile, Refusal, Undecided

# How long a visitor waits for a write at most, and of that the last answer.
PATIENCE_SECONDS = 5.0
ANSWER_SECONDS = 1.5
SCHEMA = 1

_FAILED = "ConditionalCheckFailed"
_WORTH_RETRYING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_THROTTLED = {
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
}
# What `change` and `commit` ask again by themselves.
_ASKED_AGAIN = {"UpdateItem", "TransactWriteItems"}


class Record(Model):
    """One row. A subclass names its `kind`; the table's name follows from the stage."""

    kind: ClassVar[str]
    kinds: ClassVar[list[type[Record]]] = []

    schema = NumberAttribute(default=SCHEMA)

    class Meta:
        region = config.settings.region
        table_name = ""
        billing_mode = "PAY_PER_REQUEST"
        connect_timeout_seconds = 1
        read_timeout_seconds = 2
        max_retry_attempts = 3
        max_pool_connections = 32

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # PynamoDB would share the parent's Meta, and with it the table's name.
        cls.Meta = type("Meta", (Record.Meta,), {})  # type: ignore[misc,assignment]
        cls.Meta.table_name = config.settings.table(cls.kind)
        Record.kinds.append(cls)

    def keys(self) -> tuple[Any, Any]:
        """What it is found by: its hash key, and its range key or None."""
        names = (self._hash_keyname, self._range_keyname)
        hash_key, range_key = (getattr(self, name) if name else None for name in names)
        return hash_key, range_key

    @classmethod
    def _get_connection(cls) -> TableConnection:
        # One client for all tables: making one is the dearest part of a cold start.
        with making:
            table: TableConnection = super()._get_connection()
            shared = _connect()
            if table.connection is not shared:
                shared.add_meta_table(table.get_meta_table())
                table.connection = shared
            return table


def disconnect() -> None:
    """Close the connections before a fork: two processes cannot use the same one.

    The next use opens new ones.
    """
    for connection in (_connect, _connect_once):
        if connection.cache_info().currsize:
            connection().client.close()


def forget_connections() -> None:
    """Drop open connections and take up the present settings (after a fork; in tests)."""
    _connect.cache_clear()
    _connect_once.cache_clear()
    for record in Record.kinds:
        record.Meta.table_name = config.settings.table(record.kind)
        record.Meta.region = config.settings.region
        record._connection = None


class _Connection(Connection):
    """PynamoDB's connection on the process's one botocore session."""

    @property
    def session(self) -> Any:
        return session()

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        """Ask DynamoDB. Raises Busy when it had enough, or gave no answer, as often as the SDK
        asks: a page then says so, whatever it was reading."""
        try:
            answer: dict[str, Any] = super().dispatch(operation_name, operation_kwargs)
        except (ClientError, BotoCoreError) as error:
            if operation_name not in _ASKED_AGAIN and _passes(error):
                raise Busy from error
            raise
        return answer


@cache
def _connect() -> Connection:
    return _make(Record.Meta.read_timeout_seconds, Record.Meta.max_retry_attempts)


@cache
def _connect_once() -> Connection:
    """The connection of transactions: the SDK would retry them by itself, past our deadline."""
    return _make(ANSWER_SECONDS, retries=0)


def _make(read_timeout: float, retries: int) -> Connection:
    connection = _Connection(
        region=config.settings.region,
        connect_timeout_seconds=Record.Meta.connect_timeout_seconds,
        read_timeout_seconds=read_timeout,
        max_retry_attempts=retries,
        max_pool_connections=Record.Meta.max_pool_connections,
    )
    with making:
        connection.client  # noqa: B018  makes it
    return connection


@dataclass(frozen=True)
class Write:
    """One action of a transaction, and what is raised when its condition does not hold."""

    record: Record
    condition: Condition | None = None
    refusal: type[Refusal] = ChangedMeanwhile
    actions: Sequence[Action] = field(default=())


class Check(Write):
    """Change nothing; the others are refused if the condition does not hold."""


class Put(Write):
    """Write a record whole."""


class Update(Write):
    """Change attributes of a record, by its key."""


class Delete(Write):
    """Remove a record, by its key."""


# The order in which PynamoDB sends the actions, hence that of the reasons that come back.
_SENT = (Check, Delete, Put, Update)


def read_again(record: Record) -> None:
    """Have `record` hold what the table holds, after a write that stands in any case: raises
    Undecided, and not Busy, when that cannot be read."""
    try:
        record.refresh(consistent_read=True)
    except Busy as error:
        raise Undecided from error


def deadline() -> float:
    """The moment (of time.monotonic) at which the patience that begins now ends."""
    return time.monotonic() + PATIENCE_SECONDS


def change(
    record: Record,
    condition: Condition,
    actions: Sequence[Action],
    refusal: type[Refusal] = ChangedMeanwhile,
    until: float | None = None,
) -> None:
    """One conditional update, at half the price of a transaction; `record` then holds what the
    table holds. Raises `refusal` if the condition does not hold, Busy when a transaction had the
    item, or DynamoDB was too busy, for longer than `until`. Only for updates that may be applied
    twice: without a token, a lost reply makes the SDK send it again."""
    retries = _Retries(until)
    while True:
        try:
            record.update(actions=list(actions), condition=condition)
        except UpdateError as error:
            code = _code(error.cause)
            if code == "ConditionalCheckFailedException":
                raise refusal from error
            if code != "TransactionConflictException" and code not in _THROTTLED:
                raise
            retries.pause(Busy, error)
        else:
            return


def commit(*writes: Write, until: float | None = None) -> None:
    """Do all the writes, or none; exactly once, even if the answer is lost on the way.

    Raises the refusal of the first write whose condition does not hold. When conflicts,
    throttling or lost connections go on past `until` (a `deadline()`, the default one that begins
    now): Busy if nothing was written, Undecided if that is not known.
    """
    sent = [write for kind in _SENT for write in writes if isinstance(write, kind)]
    retries, token, undecided = _Retries(until), str(uuid.uuid4()), False
    while True:
        try:
            return _attempt(sent, token)
        except TransactWriteError as error:
            _raise_refusal(error, sent, writes)
            undecided = _is_undecided(error, undecided)
            if not undecided:
                token = str(uuid.uuid4())
            retries.pause(Undecided if undecided else Busy, error)


class _Retries:
    """Waits between attempts: longer each time, at random, and not past `until`."""

    def __init__(self, until: float | None) -> None:
        self._until = deadline() if until is None else until
        self._attempts = 0

    def pause(self, refusal: type[Refusal], error: PynamoDBException) -> None:
        """Wait before the next attempt; raise `refusal` if its answer would come too late."""
        self._attempts += 1
        metrics.count(Metric.RETRIES)
        # The system draws: processes out of one SnapStart picture would wait alike.
        pause = random.SystemRandom().uniform(0, min(0.5, 0.01 * 2**self._attempts))
        if time.monotonic() + pause + ANSWER_SECONDS > self._until:
            raise refusal from error
        time.sleep(pause)  # two transactions on one item cancelled each other


def _attempt(sent: Sequence[Write], token: str) -> None:
    with TransactWrite(connection=_connect_once(), client_request_token=token) as transaction:
        for write in sent:
            if isinstance(write, Put):
                transaction.save(write.record, condition=write.condition)
            elif isinstance(write, Check):
                assert write.condition is not None, "else it checks nothing"
                hash_key, range_key = write.record.keys()
                transaction.condition_check(
                    type(write.record), hash_key, range_key, condition=write.condition
                )
            elif isinstance(write, Delete):
                transaction.delete(write.record, condition=write.condition)
            else:
                transaction.update(
                    write.record, actions=list(write.actions), condition=write.condition
                )


def _is_undecided(error: TransactWriteError, before: bool) -> bool:
    """Whether this attempt, or one `before` with the same token, may have been written all the
    same: then asking again with that token tells, and writes once."""
    code = _code(error.cause)
    in_progress = code == "TransactionInProgressException"
    return _no_answer(error.cause) or in_progress or (before and code in _THROTTLED)


def _no_answer(cause: BaseException | None) -> bool:
    return isinstance(cause, HTTPClientError | NoConnection)


def _passes(cause: BaseException | None) -> bool:
    """Whether it may be otherwise in a moment: DynamoDB had enough, or gave no answer."""
    return _no_answer(cause) or _code(cause) in _THROTTLED


def _code(cause: BaseException | None) -> str | None:
    """DynamoDB's code; PynamoDB's own property stumbles over an error without an answer."""
    answer: dict[str, dict[str, str]] = getattr(cause, "response", None) or {}
    return answer.get("Error", {}).get("Code")


def _raise_refusal(
    error: TransactWriteError, sent: Sequence[Write], writes: Sequence[Write]
) -> None:
    """Raise what a failed attempt means; return if it is worth another attempt."""
    reasons = [reason.code if reason else None for reason in error.cancellation_reasons]
    failed = {id(write) for write, code in zip(sent, reasons, strict=False) if code == _FAILED}
    for write in writes:
        if id(write) in failed:
            raise write.refusal from error
    passing = _passes(error.cause) or _is_undecided(error, before=False)
    if not (passing or _WORTH_RETRYING.intersection(reasons)):
        raise error
