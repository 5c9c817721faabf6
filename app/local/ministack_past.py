"""Point-in-time recovery for ministack, as DynamoDB has it: run by the cloud's own Python.

Ministack 1.5.33 answers the calls, but knows no past: a template's setting does nothing, the window
is the present moment, and an export writes nothing. Added (tests/local/test_ministack_past.py):
- tables of a template have it switched on, if the template says so;
- it goes back to the second in which a table was made;
- an export writes a table as it was at the second that was asked for, in the files that the
  developer guide describes:
  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

from __future__ import annotations

import gzip
import json
import time
from collections import defaultdict
from typing import Any

Item = dict[str, Any]
Reply = tuple[int, Any, Any]
OK = 200


class Past:
    """All that was ever written to the tables of one ministack."""

    def __init__(self, dynamodb: Any, s3: Any) -> None:
        self._dynamodb = dynamodb
        self._s3 = s3
        # By the table's id, since a later table may have the same name: when, key, item or None.
        self._changes: defaultdict[str, list[tuple[float, str, str | None]]] = defaultdict(list)

    def note(self, table: Item, old: Item | None, new: Item | None) -> None:
        """Remember one change of a table."""
        key = self._dynamodb._extract_key_from_item(table, new or old)
        written = json.dumps(new) if new else None
        self._changes[table["TableId"]].append((time.time(), json.dumps(key), written))

    def at(self, table: Item, moment: float) -> list[str]:
        """The items that a table had at a moment, as JSON."""
        items = {
            key: item for noted, key, item in self._changes[table["TableId"]] if noted <= moment
        }
        return [item for item in items.values() if item]

    def export(self, asked: Item, reply: Reply) -> Reply:
        """Write what an export was asked for, and answer as ministack did."""
        done = json.loads(reply[2])["ExportDescription"]
        name = self._dynamodb._normalize_table_name(asked["TableArn"])
        if not self._dynamodb._pitr_settings.get(name):
            refused: Reply = self._dynamodb.error_response_json(
                "PointInTimeRecoveryUnavailableException", f"Not enabled for {name}", 400
            )
            return refused
        items = self.at(self._dynamodb._tables[name], float(asked["ExportTime"]))
        self._write(asked["S3Bucket"], _folder(asked, done["ExportArn"]), items)
        return reply

    def _write(self, bucket: str, folder: str, items: list[str]) -> None:
        data = f"{folder}/data/items.json.gz"
        lines = "".join(f'{{"Item":{item}}}\n' for item in items)
        manifest = {"itemCount": len(items), "dataFileS3Key": data}
        for key, body in (
            (f"{folder}/_started", b""),
            (data, gzip.compress(lines.encode())),
            (f"{folder}/manifest-files.json", json.dumps(manifest).encode() + b"\n"),
            (f"{folder}/manifest-summary.json", json.dumps({"itemCount": len(items)}).encode()),
        ):
            self._s3._put_object(bucket, key, body, {})


def _folder(asked: Item, arn: str) -> str:
    return "/".join([asked["S3Prefix"], "AWSDynamoDB", arn.rpartition("/")[2]])


def keep_the_past(dynamodb: Any, s3: Any, provisioners: Any) -> None:
    """Let ministack know what its tables were."""
    past = Past(dynamodb, s3)
    _listen(dynamodb, past)
    _export(dynamodb, past)
    _tell_the_window(dynamodb)
    _switch_on(dynamodb, provisioners)


def _listen(dynamodb: Any, past: Past) -> None:
    """Every write tells the table's stream, whether it has one or not."""
    inner = dynamodb._emit_stream_event

    def emit(name: str, event: str, old: Item | None, new: Item | None, *rest: Any) -> None:
        past.note(dynamodb._tables[name], old, new)
        inner(name, event, old, new, *rest)

    dynamodb._emit_stream_event = emit


def _export(dynamodb: Any, past: Past) -> None:
    inner = dynamodb._export_table_to_point_in_time

    def export(asked: Item) -> Reply:
        reply: Reply = inner(asked)
        return past.export(asked, reply) if reply[0] == OK else reply

    dynamodb._export_table_to_point_in_time = export
    dynamodb._EXPORT_COMPLETE_AFTER_SEC = 0.0


def _tell_the_window(dynamodb: Any) -> None:
    inner = dynamodb._describe_continuous_backups

    def describe(asked: Item) -> Reply:
        status, headers, body = inner(asked)
        told = json.loads(body)
        window = told.get("ContinuousBackupsDescription", {}).get("PointInTimeRecoveryDescription")
        if window and "EarliestRestorableDateTime" in window:
            table = dynamodb._tables[dynamodb._normalize_table_name(asked["TableName"])]
            window["EarliestRestorableDateTime"] = table["CreationDateTime"]
        return status, headers, json.dumps(told)

    dynamodb._describe_continuous_backups = describe


def _switch_on(dynamodb: Any, provisioners: Any) -> None:
    kind = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]
    inner = kind["create"]

    def create(logical_id: str, given: Item, stack: str) -> Any:
        made = inner(logical_id, given, stack)
        setting = given.get("PointInTimeRecoverySpecification", {})
        # A template's "true" may be text.
        dynamodb._pitr_settings[made[0]] = bool(setting.get("PointInTimeRecoveryEnabled"))
        return made

    kind["create"] = create
