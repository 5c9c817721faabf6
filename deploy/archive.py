"""Where backups lie: a private bucket of the account, which outlives every stage.

<stage>/<second>/tables/<kind>/AWSDynamoDB/...   records, as DynamoDB exports them
<stage>/<second>/files/<bucket>/<key>            files, as they are
<stage>/<second>/parameters.json                 the secrets
<stage>/<second>/backup.json                     what there is; written last: then it is whole
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from deploy import stacks
from deploy.folders import ROOT
from deploy.live import Live

Row = dict[str, Any]

TEMPLATE = ROOT / "infra" / "backups.yaml"
STACK = "lanyard-account-backups"
SECOND = "%Y%m%dT%H%M%SZ"
WHOLE, SECRETS = "backup.json", "parameters.json"


class NotASecond(Exception):
    """A moment cannot be read; the message says how one is written."""


@dataclass(frozen=True)
class Backup:
    """A stage as it was at one second."""

    live: Live
    second: datetime

    def __str__(self) -> str:
        return self.second.strftime(SECOND)

    @property
    def bucket(self) -> str:
        """The bucket in which it lies."""
        return bucket(self.live)

    @property
    def folder(self) -> str:
        """Its folder in the bucket."""
        return f"{self.live.stage}/{self}"

    @property
    def is_whole(self) -> bool:
        """Whether all of it has been written."""
        return str(self) in seconds(self.live)

    def read(self, name: str) -> Any:
        """One of its own JSON files."""
        return json.loads(self._bytes(f"{self.folder}/{name}"))

    def write(self, name: str, content: Any) -> None:
        """Write one of its own JSON files."""
        body = json.dumps(content, ensure_ascii=False, indent=1).encode()
        self._s3.put_object(Bucket=self.bucket, Key=f"{self.folder}/{name}", Body=body)

    def tables_folder(self, kind: str) -> str:
        """Where the export of a table goes."""
        return f"{self.folder}/tables/{kind}"

    def rows(self, kind: str, export: str) -> Iterator[Row]:
        """The records of an export, as boto3's client takes them."""
        folder = f"{self.tables_folder(kind)}/AWSDynamoDB/{export}"
        for line in self._bytes(f"{folder}/manifest-files.json").splitlines():
            file = json.loads(line)["dataFileS3Key"].rpartition("/")[2]
            for row in gzip.decompress(self._bytes(f"{folder}/data/{file}")).splitlines():
                yield json.loads(row, object_hook=_with_bytes)["Item"]

    def files(self, name: str) -> Iterator[tuple[str, str]]:
        """The files that a bucket of the stage had: the key there, and that in the archive."""
        folder = f"{self.folder}/files/{name}/"
        for key in keys(self._s3, self.bucket, folder):
            yield key.removeprefix(folder), key

    def _bytes(self, key: str) -> bytes:
        body: bytes = self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body

    @property
    def _s3(self) -> Any:
        return self.live.aws.client("s3")


def bucket(live: Live) -> str:
    """The bucket of all backups in the stage's account."""
    return f"{live.settings['project_name']}-{live.account}-backups"


def stand(live: Live) -> None:
    """See to it that there is a bucket; raises StackFailed."""
    formation = live.aws.client("cloudformation")
    if not stacks.stands(formation, STACK):
        stacks.create(formation, STACK, TEMPLATE, {})


def seconds(live: Live) -> list[str]:
    """The seconds of which there is a whole backup of the stage, in order."""
    if bucket(live) not in {one["Name"] for one in live.aws.client("s3").list_buckets()["Buckets"]}:
        return []
    found = keys(live.aws.client("s3"), bucket(live), f"{live.stage}/")
    return [key.split("/")[1] for key in found if key.split("/")[2:] == [WHOLE]]


def known(live: Live) -> str:
    """A sentence that tells of which seconds there are backups."""
    found = seconds(live)
    return f"Backups of {live.stage}: {', '.join(found) or 'none'}."


def keys(s3: Any, name: str, prefix: str) -> Iterator[str]:
    """The keys of a bucket that begin so."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name, Prefix=prefix):
        yield from (found["Key"] for found in page.get("Contents", []))


def copy(s3: Any, source: str, key: str, target: str, name: str) -> None:
    """Copy a file from bucket to bucket, with what is known of it."""
    s3.copy_object(Bucket=target, Key=name, CopySource={"Bucket": source, "Key": key})


def second(text: str) -> datetime:
    """A moment as people write it, with its zone; raises NotASecond."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _not_a_second(text) from None
    if moment.tzinfo is None or moment.microsecond:
        raise _not_a_second(text)
    return moment.astimezone(UTC)


def _not_a_second(text: str) -> NotASecond:
    return NotASecond(
        f"{text!r} is not a second with its zone: write 2026-11-25T10:00:00Z, or "
        "2026-11-25T19:00:00+09:00 for the same moment."
    )


def _with_bytes(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Binary values are base64 in JSON."""
    if isinstance(value.get("B"), str):
        return {"B": base64.b64decode(value["B"])}
    return value
