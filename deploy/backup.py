"""`make backup STAGE=prod`: all of a stage as it was at one second, into the account's archive.

It may be run again at any time, and goes on where it broke off. DynamoDB writes the records by
itself out of its own past, so nothing stands still meanwhile; then they are read, to see whether
they fit together.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy import archive, inventory, parameters, records, refusals, stacks, stages
from deploy.archive import SECRETS, WHOLE, Backup, NotASecond
from deploy.live import Live
from deploy.progress import say

POLL_SECONDS, MOST_POLLS = 10, 360
# What cannot be made again: bucket, and how keys begin.
FILES = {"uploads": "", "site": "media/"}


class CannotBackUp(Exception):
    """There is no backup; the message says why and what to do next."""


REFUSALS = (CannotBackUp, NotASecond, stacks.StackFailed, stages.NoSuchStage)


@dataclass(frozen=True)
class Table:
    """A table, and the seconds from which to which its past is kept."""

    kind: str
    arn: str
    made: datetime
    earliest: datetime
    latest: datetime


def back_up(live: Live, at: datetime | None = None) -> Backup:
    """Keep the stage as it was at a second, or at the latest that DynamoDB knows of; the backup.
    Raises CannotBackUp, StackFailed."""
    with refusals.told_as(CannotBackUp):
        tables = list(_tables(live))
        if not tables:
            raise CannotBackUp(f"There are no tables of {live.name}. {archive.known(live)}")
        latest = min(table.latest for table in tables).replace(microsecond=0)
        backup = Backup(live, at or latest)
        if not backup.is_whole:
            _make(backup, [table for table in tables if _is_known(table, backup)])
    return backup


def _tables(live: Live) -> Iterator[Table]:
    dynamodb = live.aws.client("dynamodb")
    for name in inventory.tables(live):
        about = dynamodb.describe_table(TableName=name)["Table"]
        told = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        window = told["PointInTimeRecoveryDescription"]
        if window["PointInTimeRecoveryStatus"] != "ENABLED":
            raise CannotBackUp(
                f"DynamoDB keeps no past of {name}: run `make base STAGE={live.stage}`, which "
                "switches point-in-time recovery on; there are backups from then on."
            )
        yield Table(
            name.removeprefix(f"{live.name}-"),
            about["TableArn"],
            about["CreationDateTime"].astimezone(UTC),
            window["EarliestRestorableDateTime"].astimezone(UTC),
            window["LatestRestorableDateTime"].astimezone(UTC),
        )


def _is_known(table: Table, backup: Backup) -> bool:
    """Whether a table was there at that second; raises CannotBackUp if DynamoDB knows no more."""
    if table.made > backup.second:
        return False
    if not table.earliest <= backup.second <= table.latest:
        raise CannotBackUp(
            f"DynamoDB knows of {table.kind} from {table.earliest:{archive.SECOND}} to "
            f"{table.latest:{archive.SECOND}} (now is known some minutes later): choose AT from "
            f"that. {archive.known(backup.live)}"
        )
    return True


def _make(backup: Backup, tables: list[Table]) -> None:
    if not tables:
        raise CannotBackUp(f"There were no tables at {backup}. {archive.known(backup.live)}")
    archive.stand(backup.live)
    say(f"Backing up {backup.live.stage} as it was at {backup}")
    exports = _export(backup, tables)
    rows = {kind: list(backup.rows(kind, export)) for kind, export in exports.items()}
    for kind in sorted(rows):
        say(f"  {kind}: {len(rows[kind])} records")
    secrets = parameters.read(backup.live)  # as they are now: once made they never change
    say(f"  parameters: {len(secrets)} secrets")
    backup.write(SECRETS, secrets)
    for name, prefix in FILES.items():
        say(f"  {name}: {_keep_files(backup, name, prefix)} files")
    for sentence in records.contradictions(rows):
        say(f"  does not fit: {sentence}")
    backup.write(WHOLE, {"tables": exports})


def _export(backup: Backup, tables: list[Table]) -> dict[str, str]:
    """Have all tables exported as they were at the one second; the ids of the exports. A run that
    broke off is resumed: the token names what is asked for."""
    dynamodb = backup.live.aws.client("dynamodb")
    asked = {
        table.kind: dynamodb.export_table_to_point_in_time(
            TableArn=table.arn, ExportTime=backup.second, S3Bucket=backup.bucket,
            S3Prefix=backup.tables_folder(table.kind), S3SseAlgorithm="AES256",
            ClientToken=f"{backup.live.stage}-{table.kind}-{backup}",
        )["ExportDescription"]["ExportArn"]
        for table in tables
    }  # fmt: skip
    say("  DynamoDB is exporting: some minutes")
    config = {"Delay": POLL_SECONDS, "MaxAttempts": MOST_POLLS}
    for arn in asked.values():
        dynamodb.get_waiter("export_completed").wait(ExportArn=arn, WaiterConfig=config)
    return {kind: arn.rpartition("/")[2] for kind, arn in asked.items()}


def _keep_files(backup: Backup, name: str, prefix: str) -> int:
    """Copy what a bucket of the stage has now; how many files."""
    s3, source, count = backup.live.aws.client("s3"), backup.live.bucket(name), 0
    for key in archive.keys(s3, source, prefix):
        archive.copy(s3, source, key, backup.bucket, f"{backup.folder}/files/{name}/{key}")
        count += 1
    return count


def main() -> None:
    """Back up the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m deploy.backup", description=__doc__)
    parser.add_argument("stage")
    parser.add_argument("--at", metavar="SECOND", help="default: the latest there is")
    given = parser.parse_args()
    try:
        at = archive.second(given.at) if given.at else None
        backup = back_up(Live(given.stage), at)
    except REFUSALS as error:
        raise SystemExit(str(error)) from None
    say(f"Backed up: s3://{backup.bucket}/{backup.folder}/")
    say(f"To restore it: make restore STAGE={given.stage} AT={backup}")


if __name__ == "__main__":
    main()
