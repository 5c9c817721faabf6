"""What the page of a registration says of where it stands, and how one leaves."""

from __future__ import annotations

import re

import pytest

from app.conferences import service as conferences
from app.registrations import service
from app.registrations.rules import Person, State
from tests.cast import page_of
from tests.pages import PageClient
from tests.standings import Maker

HEADINGS = {
    "confirmed": "You are coming",
    "promoted": "You are coming",
    "approved": "You are coming",
    "waiting": "You are on the waiting list",
    "offered": "A seat is free for you",
    "held": "Please confirm your address",
    "pending": "We have your request",
    "cancelled": "Your registration is cancelled",
    "left": "You left the waiting list",
    "turned_down": "You declined the seat",
    "withdrawn": "Your request is withdrawn",
    "declined": "Your request was declined",
    "run_out": "The time has run out",
    "called_off": "The conference is cancelled",
    "over": "The conference is over",
}
LEAVING = {
    "confirmed": ("Cancel your registration?", "cancelled"),
    "waiting": ("Leave the waiting list?", "left"),
    "offered": ("Decline the seat?", "turned_down"),
    "pending": ("Withdraw your request?", "withdrawn"),
    "held": ("Cancel your registration?", "cancelled"),
}


def heading(page: str) -> str:
    [found] = re.findall("<h1>(.*?)</h1>", page)
    return str(found)


@pytest.mark.parametrize("name", HEADINGS)
def test_the_page_says_where_it_stands(client: PageClient, name: str) -> None:
    registration = getattr(Maker("en"), name)()
    page = client.get(page_of(registration)).text
    assert heading(page) == HEADINGS[name]
    assert ("lan-pass__qr" in page) == (HEADINGS[name] == "You are coming")


@pytest.mark.parametrize("name", ["cancelled", "left", "turned_down", "declined", "run_out"])
def test_one_signs_up_again_where_one_can(client: PageClient, name: str) -> None:
    registration = getattr(Maker("en"), name)()
    assert "Sign up again" in client.get(page_of(registration)).text
    number = int(registration.conference_id)
    conferences.change(number, closes_at=conferences.by_id(number).opens_at + 1)
    closed = client.get(page_of(registration)).text
    assert "Sign up again" not in closed
    assert "Other conferences" in closed


@pytest.mark.parametrize("name", ["confirmed", "waiting", "offered", "held", "pending"])
def test_the_address_is_called_the_key_to_what_there_is(client: PageClient, name: str) -> None:
    page = client.get(page_of(getattr(Maker("en"), name)())).text
    thing = "pass" if name == "confirmed" else "registration"
    assert f"This address is the key to your {thing}<" in page


@pytest.mark.parametrize("standing", HEADINGS)
def test_a_name_stands_apart_from_the_sentence_around_it(client: PageClient, standing: str) -> None:
    """Else one in Arabic letters would turn a number round that follows it."""
    who = Person("محمد <b>", "m@example.com", company="شركة")
    registration = getattr(Maker("en", who), standing)()
    page = client.get(page_of(registration)).text
    sentence = page.partition("</h1>")[2].partition("</p>")[0]
    assert "<bdi>محمد &lt;b&gt;</bdi>" in sentence
    assert "<dd><bdi>محمد &lt;b&gt;</bdi> · <bdi>شركة</bdi></dd>" in page


@pytest.mark.parametrize("name", LEAVING)
def test_one_is_asked_before_leaving_and_told_after(client: PageClient, name: str) -> None:
    registration = getattr(Maker("en"), name)()
    question, ending = LEAVING[name]
    page = client.get(page_of(registration)).text
    opener = re.search(r'<a [^>]*href="/passes/[^"]*/cancel[^"]*"[^>]*data-dialog="cancel"', page)
    assert opener, "no button leaves at once"
    assert "/cancel" not in re.sub("<dialog.*</dialog>", "", page, flags=re.DOTALL).replace(
        opener[0], ""
    )
    assert heading(client.get(page_of(registration, "/cancel")).text) == question
    kept = service.find(int(registration.registration_id))
    assert kept
    assert kept.state != State.CANCELLED

    assert client.send(page_of(registration, "/cancel")).status_code == 303

    assert heading(client.get(page_of(registration)).text) == HEADINGS[ending]


def test_what_was_edited_can_be_edited_again(client: PageClient) -> None:
    registration = Maker("en").confirmed()
    fields = {"name": "Ada N", "email": registration.email}
    answer = client.send(page_of(registration, "/edit"), **fields)
    saved = client.get(f"{answer.location}&lang=en").text
    assert re.search(r'href="/passes/[^"]*/edit[^"]*"[^>]*>[^/]*<svg.*?Edit again', saved)
