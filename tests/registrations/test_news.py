"""Everybody who has signed up is told when a conference moves, or will not take place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar

from app.aws import sent
from app.conferences import rules
from app.conferences import service as conferences
from app.conferences.rules import Conference, News, Publication
from app.core import clock
from app.core.clock import HOUR, now_ms
from app.core.text import Localised
from app.entrypoints import schedule
from app.registrations import news, service
from tests import cast
from tests.cast import ADA, KIM, LEE


def later() -> None:
    """What the schedule does an hour from now: no message was delivered meanwhile."""
    moment = now_ms() + HOUR
    clock.set_source(lambda: moment)
    schedule.every_five_minutes({}, None)


def mails() -> list[tuple[str, str]]:
    """To whom, and what about; the confirmations left out."""
    found = [(mail.to, mail.subject) for mail in sent.messages()]
    return sorted(one for one in found if "moved" in one[1] or "cancelled" in one[1])


@pytest.fixture
def people(app: Flask, conference: Conference) -> Conference:
    """Kim is confirmed, Ada waits, Lee has cancelled; all confirmations are sent."""
    for who, type_id in ((KIM, 1), (cast.person(1), 2), (cast.person(2), 2), (ADA, 2)):
        cast.sign_up(conference, who, type_id)
    service.cancel(cast.sign_up(conference, LEE))
    for one in (KIM, ADA):
        [found] = service.of_address(one.email)
        found.update(actions=[type(found).language.set("en")])
    with app.app_context():
        later()
    return conference


def test_a_conference_that_moves_is_told_to_all_who_come_or_wait(
    app: Flask, people: Conference
) -> None:
    with app.app_context():
        conferences.change(people.conference_id, starts_at=people.starts_at + HOUR)
        later()
        later()
    moved = "The conference has moved: Garam Developer Conference"
    assert [one for one in mails() if one[0] in (KIM.email, ADA.email, LEE.email)] == [
        (ADA.email, moved),
        (KIM.email, moved),
    ]
    assert conferences.read(people.conference_id).news is None


def test_the_calendar_follows(app: Flask, people: Conference) -> None:
    with app.app_context():
        conferences.change(people.conference_id, starts_at=people.starts_at + HOUR)
        later()
        later()
    entries: list[Any] = []
    for _, mail in sent.raw_messages():
        if mail["To"] == KIM.email:
            [file] = [one for one in mail.walk() if one.get_content_type() == "text/calendar"]
            content = file.get_payload(decode=True)
            assert isinstance(content, bytes)
            entries += Calendar.from_ical(content).walk("VEVENT")
    after, before = entries
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTART"].dt.timestamp() == (people.starts_at + HOUR) // 1000


def test_the_pass_is_drawn_anew(app: Flask, people: Conference) -> None:
    [kim] = service.of_address(KIM.email)
    with app.app_context():
        conferences.change(people.conference_id, city=Localised(ko="부산", en="Busan"))
        later()
        later()
    [after] = service.of_address(KIM.email)
    assert after.revision > kim.revision
    assert after.pass_done == after.revision


def test_a_conference_that_is_called_off_is_told_once(app: Flask, people: Conference) -> None:
    with app.app_context():
        conferences.change(people.conference_id, publication=Publication.CANCELLED)
        for _ in range(3):
            later()
    called_off = "The conference is cancelled: Garam Developer Conference"
    assert [one for one in mails() if one[0] == KIM.email] == [(KIM.email, called_off)]


def test_who_is_interrupted_begins_anew_and_tells_nobody_twice(
    app: Flask, people: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    conferences.change(people.conference_id, starts_at=people.starts_at + HOUR)
    people_told = iter([True, True])

    class Killed(Exception):
        """The process ended."""

    owe = news._owe

    def killed_after_two(*args: Any) -> bool:
        if not next(people_told, False):
            raise Killed
        return owe(*args)

    monkeypatch.setattr(news, "_owe", killed_after_two)
    with pytest.raises(Killed):
        news.tell(people.conference_id)
    monkeypatch.undo()
    assert news.tell(people.conference_id) == 2
    assert news.tell(people.conference_id) == 0
    assert conferences.with_news() == []


def test_other_news_that_come_meanwhile_are_told_too(app: Flask, people: Conference) -> None:
    stale = conferences.change(people.conference_id, starts_at=people.starts_at + HOUR)
    conferences.change(people.conference_id, publication=Publication.CANCELLED)
    conferences.news_told(stale)
    assert conferences.read(people.conference_id).news is News.CALLED_OFF


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"starts_at": 5}, News.RESCHEDULED),
        ({"venue": Localised(ko="다른 곳")}, News.RESCHEDULED),
        ({"tagline": Localised(ko="다른 말")}, None),
        ({"publication": Publication.CANCELLED}, News.CALLED_OFF),
        ({"publication": Publication.DRAFT, "starts_at": 5}, None),
        ({"closes_at": 5}, None),
    ],
)
def test_only_what_people_rely_on_is_news(changes: dict[str, Any], told: News | None) -> None:
    before = cast.conference()
    assert rules.news_of(before, replace(before, **changes)) is told
