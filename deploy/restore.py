"""`make restore STAGE=prod AT=...`: all of a stage as it was at one second, out of its backup; of a
second that DynamoDB still knows, the backup is made first.

Tables keep their names, their settings and their past: they are made to hold what the backup holds.
It may be run again at any time, and goes on where it broke off.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from boto3.dynamodb.table import BatchWriter

from app.core.clock import now_ms
from deploy import (
    archive,
    backup,
    inventory,
    parameters,
    records,
    refusals,
    stacks,
    stages,
    standstill,
)
from deploy.archive import SECRETS, WHOLE, Backup, NotASecond, Row
from deploy.live import Live
from deploy.progress import say

SETS = ("SS", "NS", "BS")
Client = Any


class CannotRestore(Exception):
    """The stage is not as it was; the message says why and what to do next."""


REFUSALS = (
    CannotRestore, backup.CannotBackUp, NotASecond, stacks.StackFailed, stages.NoSuchStage,
)  # fmt: skip


def restore(stage: str, at: datetime | None, confirmed: str | None = None) -> None:
    """Bring a stage back to a second. `confirmed` is the stage's name once more, where there are
    records to be replaced. Raises CannotRestore, CannotBackUp, StackFailed, NoSuchStage."""
    live = Live(stage)
    with refusals.told_as(CannotRestore):
        if at is None:
            raise CannotRestore(f"Say which second: AT=2026-11-25T10:00:00Z. {archive.known(live)}")
        kept = Backup(live, at)
        if not kept.is_whole:
            kept = backup.back_up(live, at)
        _require_tables(kept)
        if confirmed != stage:
            _require_empty(live, kept)
        with standstill.of(live):
            replaced = datetime.now(UTC).strftime(archive.SECOND)
            _restore(kept)
    say(f"{live.name} is as it was at {kept}.")
    say(f"What that replaced is kept for 35 days, too: AT={replaced}")


def _require_tables(kept: Backup) -> None:
    standing = {_kind(kept.live, table) for table in inventory.tables(kept.live)}
    missing = sorted(kept.read(WHOLE)["tables"].keys() - standing)
    if missing:
        stage = kept.live.stage
        raise CannotRestore(
            f"There are no tables for {', '.join(missing)}: run `make base STAGE={stage}`, then "
            "this again."
        )


def _require_empty(live: Live, kept: Backup) -> None:
    dynamodb = live.aws.client("dynamodb")
    full = [
        _kind(live, table)
        for table in inventory.tables(live)
        if dynamodb.scan(TableName=table, Limit=1)["Items"]
    ]
    if full:
        raise CannotRestore(
            f"There are records in {', '.join(full)}, which those of {kept} would replace: add "
            f"CONFIRM={live.stage} if they shall."
        )


def _restore(kept: Backup) -> None:
    exports = kept.read(WHOLE)["tables"]
    for table in inventory.tables(kept.live):
        kind = _kind(kept.live, table)
        rows = kept.rows(kind, exports[kind]) if kind in exports else iter(())
        if kind == "registrations":
            rows = records.owing_lost_images(rows, _images(kept.live), now_ms())
        _settle(kept.live.aws.client("dynamodb"), table, list(rows))
    for name in parameters.write(kept.live, kept.read(SECRETS)):
        say(f"  parameter {name}: given")
    for name in backup.FILES:
        _give_files(kept, name)


def _kind(live: Live, table: str) -> str:
    return table.removeprefix(f"{live.name}-")


def _images(live: Live) -> set[str]:
    return set(archive.keys(live.aws.client("s3"), live.bucket("derived"), "passes/"))


def _settle(dynamodb: Client, table: str, wanted: list[Row]) -> None:
    """Make a table hold these records and no others; raises CannotRestore if it does not."""
    keys = _key_names(dynamodb, table)
    changes = _write_differences(dynamodb, table, keys, wanted)
    say(f"  {table}: {len(wanted)} records, {changes} changes")
    if list(_differences(dynamodb, table, keys, wanted)):
        raise CannotRestore(f"Something else writes to {table}: find it, then run this again.")


def _write_differences(dynamodb: Client, table: str, keys: list[str], wanted: list[Row]) -> int:
    changes = 0
    with BatchWriter(table, dynamodb) as batch:
        for key, row in _differences(dynamodb, table, keys, wanted):
            if row is None:
                batch.delete_item(Key=key)
            else:
                batch.put_item(Item=row)
            changes += 1
    return changes


def _differences(
    dynamodb: Client, table: str, keys: list[str], wanted: Iterable[Row]
) -> Iterator[tuple[Row, Row | None]]:
    """The key of each record that is not as it is wanted, with what it is to be."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    present = {_same(_key(row, keys)): row for page in pages for row in page["Items"]}
    for row in wanted:
        key = _key(row, keys)
        found = present.pop(_same(key), None)
        if found is None or _same(found) != _same(row):
            yield key, row
    for row in present.values():
        yield _key(row, keys), None


def _key_names(dynamodb: Client, table: str) -> list[str]:
    schema = dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
    return [part["AttributeName"] for part in schema]


def _key(row: Row, names: list[str]) -> Row:
    return {name: row[name] for name in names}


def _same(row: Row) -> str:
    """A text that is the same for the same record: attributes and sets have no order."""
    values = {
        name: {kind: sorted(one) if kind in SETS else one for kind, one in value.items()}
        for name, value in row.items()
    }
    return repr(sorted(values.items()))


def _give_files(kept: Backup, name: str) -> None:
    """Copy what is missing. Uploads would start a function that is there: what they were for has
    been done, so they are left then."""
    s3, target = kept.live.aws.client("s3"), kept.live.bucket(name)
    there, count = set(archive.keys(s3, target, "")), 0
    for key, archived in kept.files(name):
        starts = key.startswith("uploads/") and bool(kept.live.function())
        if key not in there and not starts:
            archive.copy(s3, kept.bucket, archived, target, key)
            count += 1
    say(f"  {target}: {count} files")


def main() -> None:
    """Restore the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m deploy.restore", description=__doc__)
    parser.add_argument("stage")
    parser.add_argument("--at", metavar="SECOND")
    parser.add_argument("--confirm", metavar="STAGE")
    given = parser.parse_args()
    try:
        at = archive.second(given.at) if given.at else None
        restore(given.stage, at, given.confirm)
    except REFUSALS as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
