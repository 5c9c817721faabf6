"""What the hour brings: personal data go when they were promised to."""

from __future__ import annotations

import pytest
from flask import Flask

from app import config
from app.aws import metrics, objects
from app.aws.metrics import Metric
from app.conferences import service as conferences
from app.conferences.models import SeatItem, counter_key
from app.conferences.rules import Conference
from app.core import clock
from app.core.clock import HOUR, MINUTE, now_ms
from app.entrypoints import schedule, sns
from app.entrypoints.context import EntryFailed
from app.notifications import service as notifications
from app.passes import service as passes
from app.registrations import links, service
from app.registrations.models import AddressLock, Registration
from tests import cast, holds
from tests.cast import KIM, LEE
from tests.entrypoints.test_sns import confirmed


def test_personal_data_are_erased_on_the_day(app: Flask, conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    sns.handle(confirmed(registration), None)
    cast.sign_up(conference, LEE)

    clock.set_source(lambda: conference.erased_at - 1)
    assert schedule.every_hour({}, None) == {"mended": 0, "erased": 0}
    clock.set_source(lambda: conference.erased_at)
    assert schedule.every_hour({}, None) == {"mended": 0, "erased": 2}
    assert schedule.every_hour({}, None) == {"mended": 0, "erased": 0}
    assert conferences.by_slug("garam").erased

    rows = list(Registration.scan(consistent_read=True))
    everything = str([row.attribute_values for row in rows])
    for personal in (*vars(KIM).values(), *vars(LEE).values()):
        assert not personal or personal not in everything
    assert list(AddressLock.scan()) == []
    key = f"passes/{int(registration.registration_id)}/1.png"
    assert objects.get(config.settings.derived_bucket, key) is None
    assert app.test_client().get(f"/passes/{links.secret_of(registration)}").status_code == 404
    assert schedule.every_five_minutes({}, None)["mails"] == 0
    assert service.of_address(KIM.email) == []


def test_one_that_cannot_be_finished_does_not_stop_the_others(
    app: Flask, conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison, healthy = cast.sign_up(conference, KIM), cast.sign_up(conference, LEE)
    real = passes.settle

    def settle(number: int) -> bool:
        if number == poison.registration_id:
            raise ValueError(KIM.email)
        return real(number)

    monkeypatch.setattr(passes, "settle", settle)
    start = now_ms()
    clock.set_source(lambda: start + HOUR)
    with pytest.raises(EntryFailed, match="ExceptionGroup") as failure:
        schedule.every_five_minutes({}, None)

    healthy.refresh(consistent_read=True)
    assert healthy.pass_done == 1
    assert KIM.email not in str(failure.value)


def test_images_of_old_revisions_go_with_a_cancellation(app: Flask, conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    number = int(registration.registration_id)
    bucket = config.settings.derived_bucket
    for revision in (1, 2, 7):  # what makers that were late may have left
        objects.put(bucket, f"passes/{number}/{revision}.png", b"old", "image/png")
    service.cancel(registration)
    passes.settle(number)
    assert [objects.get(bucket, f"passes/{number}/{n}.png") for n in (1, 2, 7)] == [None] * 3


def test_an_image_whose_message_was_lost_goes_within_five_minutes(
    app: Flask, conference: Conference
) -> None:
    registration = cast.sign_up(conference, KIM)
    number = int(registration.registration_id)
    assert passes.settle(number)
    service.cancel(service.find(number) or registration)
    with app.app_context():
        notifications.send_owed(number)  # the mail alone is no end of it
    assert holds.images() == {f"passes/{number}/1.png"}

    later = now_ms() + 5 * MINUTE
    clock.set_source(lambda: later)
    assert schedule.every_five_minutes({}, None)["passes"] == 1
    assert holds.images() == set()
    assert schedule.every_five_minutes({}, None)["passes"] == 0
    assert holds.unsettled(conference) == []


def test_an_image_that_comes_too_late_is_not_kept(
    app: Flask, conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = cast.sign_up(conference, KIM)
    number = int(registration.registration_id)

    def draw_slowly(*args: object) -> bytes:
        service.cancel(service.find(number) or registration)
        return b"image"

    monkeypatch.setattr(passes, "_draw", draw_slowly)
    assert not passes.settle(number)
    assert objects.get(config.settings.derived_bucket, f"passes/{number}/1.png") is None


def test_an_old_image_that_could_not_be_deleted_goes_the_next_time(
    app: Flask, conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = cast.sign_up(conference, KIM)
    number = int(registration.registration_id)
    passes.settle(number)
    service.reissue(service.find(number) or registration)
    with monkeypatch.context() as patch:
        patch.setattr(objects, "delete", lambda bucket, key: {}[key])
        with pytest.raises(KeyError):
            passes.settle(number)
    assert passes.settle(number)
    assert holds.images() == {f"passes/{number}/2.png"}


def test_what_does_not_agree_is_mended_within_the_hour(
    app: Flask,
    conference: Conference,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    counted: list[tuple[Metric, int]] = []
    monkeypatch.setattr(metrics, "count", lambda *what: counted.append(what))
    cast.sign_up(conference, KIM)
    counter = SeatItem(counter_key(conference.conference_id, 1, 0))
    counter.update(actions=[SeatItem.left.add(-3)])
    assert schedule.every_hour({}, None) == {"mended": 0, "erased": 0}
    later = now_ms() + HOUR
    clock.set_source(lambda: later)
    counted.clear()
    assert schedule.every_hour({}, None) == {"mended": 1, "erased": 0}
    assert counted == [(Metric.MENDED, 1)]
    assert "Ticket type 1: 4 of 20 seats are taken; 1 of 20 should be." in caplog.text
    assert holds.broken(conference) == []
    assert schedule.every_hour({}, None) == {"mended": 0, "erased": 0}
