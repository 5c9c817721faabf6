"""The drill: back up, destroy everything, restore into a new stage, and everything is there."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from app.entrypoints import schedule
from app.local import cloud as local_cloud
from app.passes import code
from app.passes import service as passes
from app.registrations import links
from app.registrations import service as registrations
from app.registrations.rules import State
from app.registrations.service import Found
from deploy import archive, backup, parameters, restore
from deploy.live import Live
from tests import cast
from tests.deploy import kept, standing
from tests.deploy.kept import Hands, conference


@dataclass(frozen=True)
class Drilled:
    """The stage after it, what people had before it, all records before and after, and what was
    told."""

    live: Live
    hands: Hands
    before: dict[str, Any]
    after: dict[str, Any]
    told: str


@pytest.fixture(scope="module")
def drilled(app: Flask) -> Iterator[Drilled]:
    """One drill for all the tests, each of which looks at other people. The new stage has been
    visited before it got its records back, and has made keys of its own."""
    with local_cloud.ephemeral(services=kept.SERVICES) as account, kept.stage(account) as live:
        hands = kept.fill()
        second, before = kept.second_after(), kept.rows(live)
        with contextlib.redirect_stdout(io.StringIO()) as told:
            made = backup.back_up(live, second)
            kept.destroy_and_begin_anew(live)
            links.hashed_address("somebody@example.com")
            links.secret_of(hands.queue[0])
            restore.restore(kept.STAGE, made.second)
        kept.forget()
        yield Drilled(live, hands, before, kept.rows(live), told.getvalue())


def test_all_records_are_there_again(drilled: Drilled) -> None:
    assert drilled.after == drilled.before
    assert len(drilled.after["lanyard-dev-registrations"]) == 5


def test_what_people_have_in_their_hands_still_works(drilled: Drilled, app: Flask) -> None:
    assert app.test_client().get(f"/passes/{drilled.hands.link}").status_code == 200
    public_key = passes.public_key(conference().conference_id)
    assert code.verify(drilled.hands.pass_code, [public_key]).item == 2


def test_a_known_address_is_known_again(drilled: Drilled) -> None:
    assert cast.outcome(conference(), cast.person(0), type_id=2).found is Found.KNOWN
    assert cast.outcome(conference(), cast.person(9)).found is Found.NEW


def test_images_and_files_come_back(drilled: Drilled) -> None:
    s3 = drilled.live.aws.client("s3")
    logo = s3.get_object(Bucket=kept.SITE, Key=kept.LOGO)
    assert (logo["ContentType"], logo["Body"].read()) == ("image/png", b"1")
    assert kept.UPLOAD in archive.keys(s3, standing.UPLOADS, "")
    holder = registrations.by_secret(drilled.hands.link)
    assert passes.read_image(holder) is None  # it was in the stage's bucket
    assert schedule.every_five_minutes({}, None)["passes"] == 1
    assert passes.read_image(registrations.by_secret(drilled.hands.link))


def test_the_queue_keeps_its_order(drilled: Drilled) -> None:
    registrations.cancel(registrations.by_secret(drilled.hands.link))
    queue = [registrations.find(int(one.registration_id)) for one in drilled.hands.queue]
    waits = [State.CONFIRMED, State.WAITING, State.WAITING]
    assert [one.state for one in queue if one] == waits
    newest = cast.sign_up(conference(), cast.person(8), type_id=2)
    assert newest.place is not None
    assert newest.place > max(int(one.place or 0) for one in drilled.hands.queue)


def test_secrets_are_given_and_not_told(drilled: Drilled) -> None:
    for name in ("link-key", "pepper", f"conferences/{conference().conference_id}/signing-key"):
        assert f"parameter {name}: given" in drilled.told
    values = [one["value"] for one in parameters.read(drilled.live).values()]
    assert not [value for value in values if value in drilled.told]
