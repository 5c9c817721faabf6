"""The attendee's pages while a seat is kept for a time, and the sign-up that answers all alike."""

from __future__ import annotations

import re

import pytest

from app.conferences.rules import Conference, Promotion
from app.core import clock
from app.registrations import service
from app.registrations.models import Registration
from app.registrations.rules import State
from tests import cast
from tests.cast import ADA, KIM, LEE, fresh, page_of
from tests.pages import PageClient

WORKSHOP = 2


@pytest.fixture
def offered(cloud: object) -> Registration:
    """Kim is offered a seat of the workshop."""
    conference = cast.make_conference(promotion=Promotion.OFFER)
    holder, _ = (cast.sign_up(conference, cast.person(n), WORKSHOP) for n in range(2))
    waits = cast.sign_up(conference, KIM, WORKSHOP)
    service.cancel(holder)
    return fresh(waits)


@pytest.fixture
def confirming(cloud: object) -> Conference:
    """A conference that has addresses confirmed."""
    return cast.make_conference(confirms_addresses=True)


def forms_on(page: str) -> set[str]:
    """Where the buttons of a page lead."""
    return {path.rpartition("/")[2] for path in re.findall(r'method="post" action="([^"?]*)', page)}


def test_an_offer_is_accepted_by_a_button(client: PageClient, offered: Registration) -> None:
    page = client.get(page_of(offered)).text
    assert "A seat is free for you" in page
    assert "lan-pass__qr" not in page
    assert {"accept", "cancel"} <= forms_on(page)
    for part in ("/accept", "/confirm"):
        assert client.get(page_of(offered, part)).status_code == 405
    assert fresh(offered).state == State.OFFERED  # looking changes nothing
    assert "Offered" not in client.get("/my?lang=en").text

    answer = client.send(page_of(offered, "/accept"))

    assert answer.status_code == 303
    assert "lan-pass__qr" in client.get(answer.location).text
    assert client.send(page_of(offered, "/accept")).status_code == 303  # pressed twice
    assert fresh(offered).state == State.CONFIRMED


def test_an_offer_is_declined_by_a_button(client: PageClient, offered: Registration) -> None:
    assert "Decline the seat" in client.get(page_of(offered, "/cancel")).text
    assert client.send(page_of(offered, "/cancel")).status_code == 303
    assert fresh(offered).state == State.CANCELLED


@pytest.mark.parametrize("swept", [False, True])
def test_who_comes_too_late_reads_why(
    client: PageClient, offered: Registration, swept: bool
) -> None:
    late = int(offered.seat_until) + 1_000
    clock.set_source(lambda: late)
    if swept:
        service.run_out(int(offered.registration_id))
    assert "The time has run out" in client.get(page_of(offered)).text
    answer = client.send(page_of(offered, "/accept"))
    assert answer.status_code == 409
    assert "gone to the next in line" in answer.text
    assert fresh(offered).state == State.CANCELLED
    assert "Sign up again" in client.get(page_of(offered)).text


def test_who_waits_reads_that_a_seat_is_offered(client: PageClient, offered: Registration) -> None:
    conference = cast.make_conference(promotion=Promotion.OFFER, slug="other", offer_hours=6)
    for number in range(2):
        cast.sign_up(conference, cast.person(number), WORKSHOP)
    waits = cast.sign_up(conference, ADA, WORKSHOP)
    assert "within 6 hours" in client.get(page_of(waits)).text


def test_every_sign_up_is_answered_alike(client: PageClient, confirming: Conference) -> None:
    """Known or not, free or full, again or for the first time, whatever name."""
    answers = []
    for who in (KIM, KIM, LEE, cast.person(1), cast.person(2)):
        stranger = client.application.test_client()
        form = cast.form(who, name="Somebody", ticket_type="2")
        answers.append(stranger.post("/c/garam/register?lang=en", data=form))
    assert {one.status_code for one in answers} == {200}
    assert len({(one.data, tuple(one.headers)) for one in answers}) == 1
    assert not [one for one in answers if "Set-Cookie" in one.headers]
    assert "/passes/" not in answers[0].text
    assert len(service.of_address(KIM.email)) == 1


def test_the_address_is_confirmed_by_a_button(client: PageClient, confirming: Conference) -> None:
    assert "You get a mail first" in client.get("/c/garam?lang=en").text
    client.send("/c/garam/register", **cast.form(KIM))
    [held] = service.of_address(KIM.email)
    page = client.get(page_of(held)).text
    assert "Please confirm your address" in page
    assert "confirm" in forms_on(page)
    assert "lan-pass__qr" not in page
    assert fresh(held).state == State.HELD

    answer = client.send(page_of(held, "/confirm"))

    assert "lan-pass__qr" in client.get(answer.location).text
    assert "Confirmed" in client.get("/my?lang=en").text  # now this browser has it


def test_a_robot_fills_in_what_nobody_sees(client: PageClient, conference: Conference) -> None:
    page = client.get("/c/garam?lang=en").text
    hidden = page.partition('class="lan-hidden" aria-hidden="true"')[2]
    assert re.search(r'^[^/]*<input[^>]* name="fax"', hidden)
    answer = client.send("/c/garam/register?lang=en", **cast.form(KIM, fax="02-123"))
    assert answer.status_code == 422
    assert "to stop robots" in answer.text
    assert 'class="lan-hidden" aria-hidden' not in answer.text  # a person sees what to empty
    assert service.of_address(KIM.email) == []


def test_too_many_from_here_read_so(client: PageClient, cloud: object) -> None:
    cast.make_conference(sign_ups_a_network=1)
    assert client.send("/c/garam/register", **cast.form(KIM)).status_code == 303
    refused = client.send("/c/garam/register?lang=en", **cast.form(LEE))
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert service.of_address(LEE.email) == []
