"""What the hour brings: personal data go when they were promised to."""

from __future__ import annotations

from flask import Flask

from app import config
from app.aws import objects
from app.conferences.rules import Conference
from app.core import clock
from app.entrypoints import schedule, sns
from app.registrations import links, service
from app.registrations.models import AddressLock, Registration
from tests import cast
from tests.cast import KIM, LEE
from tests.entrypoints.test_sns import confirmed


def test_personal_data_are_erased_on_the_day(app: Flask, conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    sns.handle(confirmed(registration), None)
    cast.sign_up(conference, LEE)

    clock.set_source(lambda: conference.erased_at - 1)
    assert schedule.every_hour({}, None) == {"erased": 0}
    clock.set_source(lambda: conference.erased_at)
    assert schedule.every_hour({}, None) == {"erased": 2}
    assert schedule.every_hour({}, None) == {"erased": 0}

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
