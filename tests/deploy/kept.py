"""A stage with records, files and secrets in an account whose tables have a past."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from app import config
from app.aws import clients, parameters, tables
from app.aws.clients import client
from app.conferences import service as conferences
from app.conferences.rules import Conference
from app.core import cache
from app.local import cloud as local_cloud
from app.passes import service as passes
from app.registrations import links
from app.registrations.models import Registration
from deploy import backup, base, destroy, inventory, restore, stacks
from deploy.archive import Backup
from deploy.live import Live
from tests import cast
from tests.deploy import standing
from tests.pages import ORIGIN

SERVICES = (
    *local_cloud.SERVICES,
    *("apigateway", "cloudformation", "events", "iam", "lambda", "logs", "monitoring", "sts"),
)
STAGE = "dev"
LOGO, UPLOAD = "media/logo.png", "uploads/garam/logo/새 로고+1.png"
SITE = f"lanyard-dev-site-{standing.ACCOUNT}"


@contextmanager
def stage(account: local_cloud.EphemeralCloud) -> Iterator[Live]:
    """The base stack of a stage in an empty account, for which this process works."""
    before = config.settings
    account.reset()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in account.environ.items():
            patch.setenv(name, value)
        patch.setattr(stacks, "POLL_SECONDS", 0)
        patch.setattr(backup, "POLL_SECONDS", 0)
        patch.setattr(destroy, "LOOKS", 1)
        patch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember other credentials
        config.use(replace(before, stage=STAGE, account=standing.ACCOUNT, public_url=ORIGIN))
        forget()
        base.prepare(STAGE)
        yield Live(STAGE)
    config.use(before)
    forget()


def forget() -> None:
    """Like a function that begins anew."""
    clients.forget_clients()
    tables.forget_connections()
    parameters.secret.cache_clear()
    cache.clear_all()


@dataclass(frozen=True)
class Hands:
    """What people have in their hands."""

    link: str
    pass_code: str
    queue: list[Registration]


def fill() -> Hands:
    """Two people in the workshop, three who wait for a place, and files of the organiser's."""
    conference = cast.make_conference()
    first, _, *queue = (cast.sign_up(conference, cast.person(n), type_id=2) for n in range(5))
    passes.settle(int(first.registration_id))
    put(SITE, LOGO)
    put(standing.UPLOADS, UPLOAD)
    return Hands(links.secret_of(first), passes.pass_code(first), queue)


def put(bucket: str, key: str) -> None:
    client("s3").put_object(Bucket=bucket, Key=key, Body=b"1", ContentType="image/png")


def conference() -> Conference:
    """The one conference, as it is now."""
    [found] = conferences.everything()
    return found


def second_after() -> datetime:
    """The next whole second, once it is over: all that follows is later."""
    second = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    while latest() <= second:
        assert datetime.now(UTC) < second + timedelta(seconds=10)
    return second


def latest() -> datetime:
    """The latest second that DynamoDB knows of."""
    told = client("dynamodb").describe_continuous_backups(TableName="lanyard-dev-seats")
    window = told["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    found: datetime = window["LatestRestorableDateTime"]
    return found


def rows(live: Live) -> dict[str, list[Any]]:
    """All records of the stage, but for what says that an image is owed."""
    dynamodb = live.aws.client("dynamodb")
    return {
        table: sorted(
            (without_debt(row) for row in dynamodb.scan(TableName=table)["Items"]), key=repr
        )
        for table in inventory.tables(live)
    }


def without_debt(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: one for name, one in sorted(row.items())
        if name not in ("pass_done", "due_shard", "due_at")
    }  # fmt: skip


def destroy_and_begin_anew(live: Live) -> None:
    """Nothing of the stage is left; then it has a new base."""
    destroy.destroy_with_data(STAGE, STAGE)
    assert inventory.kept(live) == []
    base.prepare(STAGE)
    forget()


def destroy_and_restore(live: Live, kept: Backup) -> None:
    """The drill."""
    destroy_and_begin_anew(live)
    restore.restore(STAGE, kept.second)
    forget()
