"""The attendee's pages for giving a place away, for another ticket type and for a request."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.conferences import service as conferences
from app.conferences.rules import Conference
from app.core import clock
from app.registrations import service
from app.registrations.models import Registration
from app.registrations.rules import State
from tests import cast
from tests.cast import ADA, KIM, LEE, fresh, page_of
from tests.pages import ORIGIN, PageClient

WORKSHOP, TALK = 2, 3
LEES = {"name": LEE.name, "email": LEE.email, "sure": "yes"}


@pytest.fixture
def kim(conference: Conference) -> Registration:
    """Kim has a full pass."""
    return cast.sign_up(conference, KIM)


def test_a_place_is_given_away_by_a_form(client: PageClient, kim: Registration) -> None:
    assert page_of(kim, "/transfer").partition("?")[0] in client.get(page_of(kim)).text
    assert client.get(page_of(kim, "/transfer")).status_code == 200
    assert fresh(kim).name == KIM.name  # looking changes nothing

    answer = client.send(page_of(kim, "/transfer"), **LEES)

    assert answer.status_code == 303
    assert "gone to somebody else" in client.get(f"{answer.location}&lang=en").text
    assert client.get(page_of(kim)).status_code == 404
    assert LEE.name in client.get(page_of(fresh(kim))).text


def key_in(page: str) -> str:
    """The key of a form."""
    [key] = re.findall('name="submission" value="([^"]+)"', page)
    return str(key)


def test_pressed_twice_it_is_told_once_more(client: PageClient, kim: Registration) -> None:
    """And nothing of the new pass."""
    old = page_of(kim, "/transfer")
    sent = {**LEES, "submission": key_in(client.get(old).text)}
    first, second = client.send(old, **sent), client.send(old, **sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert second.location == first.location
    assert "gone to somebody else" in client.get(f"{second.location}&lang=en").text
    assert "Set-Cookie" not in second.headers
    assert fresh(kim).link_version == 2


@pytest.mark.parametrize("key", ["", "short", "A" * 22])
def test_to_anybody_else_the_old_link_is_dead(
    client: PageClient, kim: Registration, key: str
) -> None:
    old = page_of(kim, "/transfer")
    assert client.send(old, **LEES, submission=key_in(client.get(old).text)).status_code == 303
    assert client.send(old, **LEES, submission=key).status_code == 404
    assert client.get(old).status_code == 404


def test_who_corrects_the_form_afterwards_is_not_told_that_it_was_done(
    client: PageClient, kim: Registration
) -> None:
    """The place has gone to whom the first one named; the second one named another."""
    old = page_of(kim, "/transfer")
    sent = {**LEES, "submission": key_in(client.get(old).text)}
    client.send(old, **sent)
    assert client.send(old, **{**sent, "email": ADA.email}).status_code == 404
    assert fresh(kim).email == LEE.email


@pytest.mark.parametrize("later", [service.reissue, service.cancel])
def test_what_becomes_of_the_place_later_is_not_told(
    client: PageClient, kim: Registration, later: Callable[[Registration], object]
) -> None:
    old = page_of(kim, "/transfer")
    sent = {**LEES, "submission": key_in(client.get(old).text)}
    client.send(old, **sent)
    later(fresh(kim))
    assert client.send(old, **sent).status_code in {303, 404}
    assert LEE.name not in client.send(old, **sent).text


def test_the_form_that_gave_it_away_opens_nothing_at_the_sign_up(
    client: PageClient, kim: Registration
) -> None:
    """Its key is of no use there, though name and address are those of the other."""
    old = page_of(kim, "/transfer")
    key = key_in(client.get(old).text)
    client.send(old, **LEES, submission=key)
    stranger = client.application.test_client()
    form = cast.form(LEE, submission=key)
    answer = stranger.post("/c/garam/register", data=form, headers={"Origin": ORIGIN})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("field", "value"), [("sure", ""), ("sure", "no"), ("email", "x"), ("name", " ")]
)
def test_what_is_missing_is_said_and_nothing_is_given(
    client: PageClient, kim: Registration, field: str, value: str
) -> None:
    answer = client.send(page_of(kim, "/transfer"), **{**LEES, field: value})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert fresh(kim).name == KIM.name


def test_to_somebody_who_is_registered_it_is_not_given(
    client: PageClient, conference: Conference, kim: Registration
) -> None:
    cast.sign_up(conference, LEE)
    answer = client.send(page_of(kim, "/transfer"), **LEES)
    assert answer.status_code == 422
    assert "a registration of its own" in answer.text
    assert LEE.email in answer.text  # what was typed is still there


def test_another_type_is_chosen_by_a_form(client: PageClient, kim: Registration) -> None:
    assert "/ticket-type" in client.get(page_of(kim)).text
    page = client.get(page_of(kim, "/ticket-type"))
    assert "Workshop" in page.text
    answer = client.send(page_of(kim, "/ticket-type"), ticket_type="2")
    assert answer.status_code == 303
    assert "You have another ticket type" in client.get(f"{answer.location}&lang=en").text
    assert int(fresh(kim).type_id) == WORKSHOP
    again = client.send(page_of(kim, "/ticket-type"), ticket_type="2")
    assert (again.status_code, again.location) == (303, answer.location)  # as it stands
    assert int(fresh(kim).pass_version) == 2


@pytest.mark.parametrize("chosen", ["", "3", "9", "²"])
def test_no_such_type(client: PageClient, kim: Registration, chosen: str) -> None:
    assert client.send(page_of(kim, "/ticket-type"), ticket_type=chosen).status_code == 422
    assert int(fresh(kim).type_id) == 1


def test_a_type_that_has_just_been_filled(
    client: PageClient, conference: Conference, kim: Registration
) -> None:
    assert client.get(page_of(kim, "/ticket-type")).status_code == 200
    for number in range(2):
        cast.sign_up(conference, cast.person(number), WORKSHOP)
    answer = client.send(page_of(kim, "/ticket-type"), ticket_type="2")
    assert answer.status_code == 409
    assert "No seat of this ticket type is free any more" in answer.text
    program = client.post(
        page_of(kim, "/ticket-type"),
        data={"ticket_type": "2"},
        headers={"Accept": "application/json"},
    )
    assert (program.status_code, program.json["code"]) == (409, "full")  # type: ignore[index]


def test_nothing_is_offered_where_nothing_is_free(client: PageClient, cloud: object) -> None:
    one_type = cast.make_conference(ticket_types=(cast.ticket_type("일반", "Full pass", 3),))
    registration = cast.sign_up(one_type, KIM)
    assert "/ticket-type" not in client.get(page_of(registration)).text
    assert "No seat of another type" in client.get(page_of(registration, "/ticket-type")).text


def test_who_waits_can_leave_but_not_give_away(client: PageClient, conference: Conference) -> None:
    for number in range(2):
        cast.sign_up(conference, cast.person(number), WORKSHOP)
    waits = cast.sign_up(conference, ADA, WORKSHOP)
    page = client.get(page_of(waits)).text
    assert "/cancel" in page
    assert "/transfer" not in page
    for part in ("/transfer", "/ticket-type"):
        assert client.get(page_of(waits, part)).status_code == 303
        assert client.send(page_of(waits, part), **LEES).status_code == 303
    assert fresh(waits).name == ADA.name


def test_after_the_conference_nothing_is_given_away(
    client: PageClient, conference: Conference, kim: Registration
) -> None:
    clock.set_source(lambda: conference.ends_at)
    assert client.send(page_of(kim, "/transfer"), **LEES).status_code == 303
    assert fresh(kim).name == KIM.name


def test_a_request_is_shown_as_one(client: PageClient, conference: Conference) -> None:
    talk = replace(cast.ticket_type("발표", "Talk", 1), approval=True)
    conferences.add_ticket_type(conference.conference_id, talk)
    assert "On request" in client.get("/c/garam?lang=en").text

    sent = client.send("/c/garam/register", **cast.form(KIM, ticket_type="3"))
    shown = client.get(f"{sent.location.partition('?')[0]}?lang=en").text

    assert "We have your request" in shown
    assert "lan-pass__qr" not in shown
    assert "Withdraw request" in shown
    assert "Requested" in client.get("/my?lang=en").text
    [request] = service.of_address(KIM.email)
    assert client.send(page_of(request, "/cancel")).status_code == 303
    assert fresh(request).state == State.CANCELLED
