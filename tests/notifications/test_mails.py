"""What a mail carries, read by the standard library's parser."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from PIL import Image

from app.aws import access, sent
from app.conferences.rules import Conference
from app.core import clock
from app.core.clock import HOUR, SECOND, now_ms
from app.core.errors import TooMany
from app.notifications import mails
from app.notifications import service as notifications
from app.passes import service as passes
from app.registrations import debts, links, rules, service
from app.registrations.models import Registration
from app.registrations.rules import Mail, Person
from tests import cast
from tests.cast import KIM, LEE

# There is nothing left behind a link.
NO_LINK = {
    Mail.CANCELLED,
    Mail.LEFT,
    Mail.WITHDRAWN,
    Mail.DECLINED,
    Mail.RUN_OUT,
    Mail.CALLED_OFF,
}


@pytest.fixture
def registration(app: Flask, conference: Conference) -> Registration:
    """Kim has signed up."""
    return cast.sign_up(conference, KIM)


def compose(app: Flask, kind: Mail, registration: Registration) -> EmailMessage:
    from app.conferences import service as conferences

    with app.app_context():
        return mails.compose(kind, registration, conferences.by_id(int(registration.conference_id)))


def part(mail: EmailMessage, content_type: str) -> EmailMessage:
    found = next(one for one in mail.walk() if one.get_content_type() == content_type)
    assert isinstance(found, EmailMessage)
    return found


@pytest.mark.parametrize("kind", list(Mail))
@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_mail_is_whole_in_its_language(
    app: Flask, registration: Registration, kind: Mail, language: str
) -> None:
    registration.language = language
    mail = compose(app, kind, registration)
    text = part(mail, "text/plain").get_content()
    html = part(mail, "text/html").get_content()
    name = {"ko": "가람 개발자 콘퍼런스", "en": "Garam Developer Conference"}[language]

    assert name in mail["Subject"]
    assert mail["To"] == KIM.email
    assert mail["Reply-To"] == "hello@example.com"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert f'lang="{language}"' in html
    if kind not in NO_LINK:
        assert f"{links.url_of(registration)}" in text
        assert links.secret_of(registration) in html
    assert "{" not in text + html.partition("<body")[2].replace("{}", "")


def test_the_qr_code_in_a_mail_is_the_pass(app: Flask, registration: Registration) -> None:
    mail = compose(app, Mail.CONFIRMED, registration)
    image = part(mail, "image/png")
    assert f'src="cid:{image["Content-ID"][1:-1]}"' in part(mail, "text/html").get_content()
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(image.get_content())))
    assert found.text == passes.pass_code(registration)


def test_the_calendar_file_in_a_mail(app: Flask, registration: Registration) -> None:
    content = part(compose(app, Mail.CONFIRMED, registration), "text/calendar").get_payload(
        decode=True
    )
    assert isinstance(content, bytes)
    event: Any
    [event] = Calendar.from_ical(content).walk("VEVENT")
    assert event["URL"].endswith("/c/garam?lang=ko")  # not the pass: calendars are shared
    assert links.secret_of(registration).encode() not in content.replace(b"\r\n ", b"")


def test_a_cancellation_takes_the_conference_out_of_the_calendar(
    app: Flask, registration: Registration
) -> None:
    made: Any = part(compose(app, Mail.CONFIRMED, registration), "text/calendar")
    service.cancel(registration)
    cancelled: Any = part(compose(app, Mail.CANCELLED, registration), "text/calendar")
    assert (made.get_param("method"), cancelled.get_param("method")) == ("PUBLISH", "CANCEL")
    before, after = (Calendar.from_ical(one.get_payload(decode=True)) for one in (made, cancelled))
    assert (before["METHOD"], after["METHOD"]) == ("PUBLISH", "CANCEL")
    old: Any
    new: Any
    [old], [new] = before.walk("VEVENT"), after.walk("VEVENT")
    assert new["UID"] == old["UID"]
    assert new["SEQUENCE"] > old["SEQUENCE"]
    assert (old["STATUS"], new["STATUS"]) == ("CONFIRMED", "CANCELLED")


@pytest.mark.parametrize("kind", list(Mail))
def test_nothing_that_was_typed_stands_in_a_mail(
    app: Flask, conference: Conference, kind: Mail
) -> None:
    """Anybody can have a mail sent to anybody; it must not carry their advert."""
    advert = Person("Buy at evil.example.com", KIM.email, "010-7777-7777", "당첨 축하")
    mail = compose(app, kind, cast.sign_up(conference, advert))
    everything = "".join(
        str(one.get_content()) for one in mail.walk() if one.get_content_maintype() == "text"
    )
    for typed in (advert.name, advert.phone, advert.company, "evil"):
        assert typed not in everything + "".join(str(value) for value in mail.values())


def test_a_moved_registration_is_told_to_both_addresses(
    app: Flask, registration: Registration
) -> None:
    service.edit(registration, Person(KIM.name, "new@example.com"))
    with app.app_context():
        notifications.send_owed(int(registration.registration_id))

    to_old, to_new = sorted(sent.messages(), key=lambda mail: mail.to != KIM.email)
    assert (to_old.to, to_new.to) == (KIM.email, "new@example.com")
    kept = service.find(int(registration.registration_id))
    assert kept is not None
    assert links.secret_of(kept) in to_new.text
    assert "/passes/" not in to_old.text + to_old.html


def test_everybody_who_had_the_registration_is_told_that_it_moved(
    app: Flask, registration: Registration
) -> None:
    for number in (1, 2):
        person = Person(KIM.name, f"mallory{number}@example.com")
        service.edit(registration, person)
    with app.app_context():
        notifications.send_owed(int(registration.registration_id))
    assert {mail.to for mail in sent.messages()} == {
        KIM.email,
        "mallory1@example.com",
        "mallory2@example.com",
    }


def test_an_address_gets_ten_mails_at_once_beside_its_first_and_the_rest_later(
    app: Flask, registration: Registration
) -> None:
    start = now_ms()
    number = int(registration.registration_id)
    with app.app_context():
        notifications.send_owed(number)
        for second in range(13):
            clock.set_source(lambda: start + second * SECOND)  # noqa: B023  called at once
            registration.refresh(consistent_read=True)
            service.edit(registration, Person(f"Kim {second}", KIM.email))
            notifications.send_owed(number)
        assert len(sent.messages()) == 1 + 10
        clock.set_source(lambda: start + 2 * HOUR)
        assert list(debts.due(now_ms())) == [number]
        notifications.send_owed(number)
    assert len(sent.messages()) == 1 + 11


def test_who_signs_up_and_leaves_again_and_again_is_stopped(
    app: Flask, conference: Conference
) -> None:
    """Each time the address gets a first mail, which is not counted."""
    with app.app_context():
        for _ in range(rules.LEAVES_A_DAY):
            service.cancel(cast.sign_up(conference, KIM))
        with pytest.raises(TooMany):
            service.cancel(cast.sign_up(conference, KIM))
        with pytest.raises(TooMany):
            service.edit(service.of_address(KIM.email)[0], LEE)
        with pytest.raises(TooMany):
            service.transfer(service.of_address(KIM.email)[0], LEE)


def use_up_the_mails_of(address: str) -> None:
    """Have an address get what it may get within the hour."""
    for _ in range(notifications.MAILS_AN_HOUR):
        assert access.allowed("mail", links.hashed_address(address), limit=10)


def test_no_other_mails_keep_the_one_that_tells_of_a_place(
    app: Flask, conference: Conference
) -> None:
    """Else whoever knows an address could keep it from ever being confirmed."""
    use_up_the_mails_of(KIM.email)
    with app.app_context():
        assert notifications.send_owed(int(cast.sign_up(conference, KIM).registration_id))


def test_the_owner_is_told_though_the_new_address_has_had_enough(
    app: Flask, registration: Registration
) -> None:
    """Whoever found a link could move the registration without a word to its owner."""
    number = int(registration.registration_id)
    with app.app_context():
        notifications.send_owed(number)
        registration.refresh(consistent_read=True)
        use_up_the_mails_of(LEE.email)
        service.edit(registration, LEE)
        assert not notifications.send_owed(number)
    told = sent.messages()[-1]
    assert (len(sent.messages()), told.to) == (2, KIM.email)


def test_the_edits_of_a_day_are_limited(conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    for number in range(rules.EDITS_A_DAY):
        registration = service.edit(registration, replace(KIM, name=f"Kim {number}"))
    with pytest.raises(TooMany):
        service.edit(registration, LEE)


def test_many_who_share_an_address_may_leave_but_each_mail_is_counted(
    app: Flask, cloud: object
) -> None:
    shared = cast.make_conference(shared_addresses=True)
    people = [replace(cast.person(number), email=KIM.email) for number in range(11)]
    with app.app_context():
        for person in people:
            one = cast.sign_up(shared, person)
            notifications.send_owed(int(one.registration_id))
        assert len(sent.messages()) == 10
        for one in service.of_address(KIM.email):
            service.cancel(one)


def test_the_outbox_shows_what_was_sent(app: Flask, registration: Registration) -> None:
    with app.app_context():
        notifications.send_owed(int(registration.registration_id))
    page = app.test_client().get("/dev/outbox?lang=en")
    assert page.status_code == 200
    assert KIM.email in page.text
    [shown] = re.findall(r'<iframe[^>]* src="([^"]+)"', page.text)
    html = FlaskClient(app).get(shown)  # no page of ours, so not held to their rules
    assert "data:image/png;base64," in html.text
    assert "cid:" not in html.text
    assert "sandbox" in html.headers["Content-Security-Policy"]
    [saved] = re.findall(r'<a href="([^"]+)">garam.ics</a>', page.text)
    assert app.test_client().get(saved).data.startswith(b"BEGIN:VCALENDAR")
    assert app.test_client().get(saved.replace("/0", "/7")).status_code == 404


def test_mails_of_one_sweep_are_each_in_their_language(app: Flask, conference: Conference) -> None:
    for number, language in enumerate(("ko", "en", "ko", "en")):
        attempt = cast.attempt(conference, cast.person(number))
        service.register(replace(attempt, language=language))
    with app.app_context():
        for number in list(debts.due(now_ms() + HOUR)):
            notifications.send_owed(number)
    for mail in sent.messages():
        found = service.of_address(mail.to)[0]
        assert ("Garam Developer" in mail.subject) == (found.language == "en")
        assert ("See" in mail.text or "door" in mail.text) == (found.language == "en")
