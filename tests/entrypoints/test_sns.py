"""What follows from a sign-up: SNS's payload in, pass image and mail out, once."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from app import config
from app.aws import objects, sent
from app.conferences.rules import Conference
from app.core import clock, messages
from app.core.clock import HOUR, MINUTE, now_ms
from app.entrypoints import schedule, sns
from app.entrypoints.context import EntryFailed
from app.mail.ses import Ses
from app.mail.transport import NotSent
from app.passes import service as passes
from app.registrations import debts, finding, links, service
from app.registrations.models import Registration
from app.registrations.rules import Person, State
from tests import cast
from tests.cast import KIM, LEE, fresh

NO_CONTEXT = None


def event(type_: str, **data: object) -> dict[str, Any]:
    """Lambda's payload for one message (AWS Lambda developer guide)."""
    message: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
        "TopicArn": "arn:aws:sns:ap-northeast-2:000000000000:lanyard-local-messages",
        "Subject": None,
        "Message": json.dumps({"type": type_, "data": data}),
        "Timestamp": "2026-10-17T01:00:00.000Z",
        "MessageAttributes": {},
    }
    return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": message}]}


def confirmed(registration: Registration) -> dict[str, Any]:
    return event(messages.REGISTRATION_CONFIRMED, registration_id=int(registration.registration_id))


def mails() -> list[sent.SentMail]:
    return sent.messages()


def test_a_confirmed_registration_gets_pass_and_mail(app: object, conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    sns.handle(confirmed(registration), NO_CONTEXT)

    kept = fresh(registration)
    image = passes.read_image(kept)
    assert image is not None
    assert Image.open(io.BytesIO(image)).size == (1050, 1400)
    [mail] = mails()
    assert mail.to == KIM.email
    assert links.secret_of(kept) in mail.text
    assert not debts.owes_anything(kept)
    assert list(debts.due(now_ms() + HOUR)) == []


def test_a_message_that_comes_twice_changes_nothing(app: object, conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    sns.handle(confirmed(registration), NO_CONTEXT)
    first = passes.read_image(fresh(registration))
    sns.handle(confirmed(registration), NO_CONTEXT)

    assert len(mails()) == 1
    assert passes.read_image(fresh(registration)) == first


def test_a_message_that_never_came_is_made_up_for(app: object, conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    too_early = schedule.every_five_minutes({}, NO_CONTEXT)
    assert (too_early["passes"], too_early["mails"]) == (0, 0)

    clock.set_source(lambda: conference.opens_at + 2 * 24 * HOUR)
    done = schedule.every_five_minutes({}, NO_CONTEXT)

    assert (done["passes"], done["mails"]) == (1, 1)
    assert passes.read_image(fresh(registration)) is not None
    assert schedule.every_five_minutes({}, NO_CONTEXT)["mails"] == 0


def test_a_topic_out_of_reach_loses_no_sign_up(
    app: object, conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = replace(config.settings, account="111111111111")  # has no such topic
    monkeypatch.setattr(config, "settings", elsewhere)
    registration = cast.sign_up(conference, KIM)
    assert fresh(registration).state == State.CONFIRMED
    assert list(debts.due(now_ms() + HOUR)) == [registration.registration_id]


def test_a_mail_that_ses_refuses_for_now_is_sent_later(
    app: object, conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = cast.sign_up(conference, KIM)

    def failing(self: Ses, mail: object) -> None:
        raise NotSent("InternalFailure")

    monkeypatch.setattr(Ses, "send", failing)
    sns.handle(confirmed(registration), NO_CONTEXT)
    assert fresh(registration).mail_owed == "confirmed"

    monkeypatch.undo()
    clock.set_source(lambda: conference.opens_at + 2 * 24 * HOUR)
    schedule.every_five_minutes({}, NO_CONTEXT)
    assert [mail.to for mail in mails()] == [KIM.email]


def test_a_sender_that_died_holds_its_claim_for_a_minute(
    app: object, conference: Conference
) -> None:
    registration = cast.sign_up(conference, KIM)
    number = int(registration.registration_id)
    assert debts.claim(number)
    assert not debts.claim(number)
    sns.handle(confirmed(registration), NO_CONTEXT)
    assert mails() == []

    start = now_ms()
    clock.set_source(lambda: start + 2 * MINUTE)
    schedule.every_five_minutes({}, NO_CONTEXT)
    assert len(mails()) == 1


def test_a_pass_that_cannot_be_drawn_does_not_keep_the_mail(
    app: object, conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = cast.sign_up(conference, KIM)

    def broken(*args: object) -> bytes:
        raise OSError

    monkeypatch.setattr(passes, "_draw", broken)
    with pytest.raises(EntryFailed):
        sns.handle(confirmed(registration), NO_CONTEXT)
    assert len(mails()) == 1
    assert debts.owes_pass(fresh(registration))


def test_an_edit_makes_the_image_anew_and_tells_by_mail(
    app: object, conference: Conference
) -> None:
    registration = cast.sign_up(conference, KIM)
    sns.handle(confirmed(registration), NO_CONTEXT)
    before = fresh(registration)
    first = passes.read_image(before)
    changed = service.edit(before, Person("김하늬", KIM.email))
    assert passes.read_image(changed) is None
    message = event(
        messages.REGISTRATION_CHANGED, registration_id=int(registration.registration_id)
    )
    sns.handle(message, NO_CONTEXT)

    assert passes.read_image(changed) not in (None, first)
    assert (
        objects.get(
            config.settings.derived_bucket, f"passes/{int(registration.registration_id)}/1.png"
        )
        is None
    )
    assert len(mails()) == 2


def test_who_had_it_is_told_and_the_image_is_made_once(app: object, conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    sns.handle(confirmed(registration), NO_CONTEXT)
    changed = service.edit(fresh(registration), LEE)
    message = event(
        messages.REGISTRATION_CHANGED, registration_id=int(registration.registration_id)
    )
    sns.handle(message, NO_CONTEXT)

    assert {mail.to for mail in mails()} == {KIM.email, LEE.email}
    assert not debts.owes_anything(fresh(changed))


def test_a_cancelled_registration_has_no_image(app: object, conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    sns.handle(confirmed(registration), NO_CONTEXT)
    number = int(registration.registration_id)
    service.cancel(fresh(registration))
    sns.handle(event(messages.REGISTRATION_CANCELLED, registration_id=number), NO_CONTEXT)

    assert objects.get(config.settings.derived_bucket, f"passes/{number}/1.png") is None
    assert "취소" in mails()[0].subject


def test_messages_out_of_order(app: object, conference: Conference) -> None:
    """The confirmation comes after the cancellation: no pass is made, no old mail goes out."""
    registration = cast.sign_up(conference, KIM)
    number = int(registration.registration_id)
    service.cancel(fresh(registration))
    sns.handle(event(messages.REGISTRATION_CANCELLED, registration_id=number), NO_CONTEXT)
    sns.handle(confirmed(registration), NO_CONTEXT)

    assert len(mails()) == 1
    assert passes.read_image(fresh(registration)) is None


def test_a_registration_that_is_gone_is_no_error(app: object, conference: Conference) -> None:
    sns.handle(event(messages.REGISTRATION_CONFIRMED, registration_id=1), NO_CONTEXT)
    assert mails() == []


@pytest.mark.parametrize("message", ['{"type": "unknown", "data": {}}', "[]", '"text"', "{}"])
def test_a_message_not_ours_is_refused(app: object, conference: Conference, message: str) -> None:
    foreign = event(messages.REGISTRATION_CONFIRMED)
    foreign["Records"][0]["Sns"]["Message"] = message
    with pytest.raises(EntryFailed, match="ValueError"):
        sns.handle(foreign, NO_CONTEXT)


def ask_and_answer(email: str) -> None:
    """Ask for the links of an address, and let every open request be answered."""
    finding.ask(email, "en")
    for key in list(finding.overdue(now_ms() + 2 * HOUR)):
        sns.handle(event(messages.PASSES_ASKED_FOR, request=key), NO_CONTEXT)


def test_links_are_mailed_to_a_known_address_only(app: object, conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    ask_and_answer("nobody@example.com")
    assert mails() == []
    ask_and_answer(KIM.email)
    [mail] = mails()
    assert links.secret_of(registration) in mail.text
    assert list(finding.overdue(now_ms() + 2 * HOUR)) == []


def test_links_are_mailed_at_most_three_times_an_hour(app: object, conference: Conference) -> None:
    cast.sign_up(conference, KIM)
    cast.sign_up(conference, LEE)
    for _ in range(5):
        ask_and_answer(KIM.email)
    ask_and_answer(LEE.email)
    assert [mail.to for mail in mails()].count(KIM.email) == 3
    assert [mail.to for mail in mails()].count(LEE.email) == 1


def test_a_lost_request_for_links_is_answered_by_the_schedule(
    app: object, conference: Conference
) -> None:
    cast.sign_up(conference, KIM)
    finding.ask(KIM.email, "en")
    start = now_ms()
    clock.set_source(lambda: start + 5 * MINUTE)
    assert schedule.every_five_minutes({}, NO_CONTEXT)["links"] == 1


def test_signing_up_again_mails_the_link_three_times_an_hour(
    app: object, conference: Conference
) -> None:
    registration = cast.sign_up(conference, KIM)
    number = int(registration.registration_id)
    sns.handle(confirmed(registration), NO_CONTEXT)
    for _ in range(5):
        service.mail_link_again(fresh(registration))
        sns.handle(event(messages.REGISTRATION_REPEATED, registration_id=number), NO_CONTEXT)
    assert len(mails()) == 1 + 3
