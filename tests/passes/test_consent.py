"""Who did not fill in the form is asked for their consent on the page of their pass."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from app.conferences import service as conferences
from app.conferences.rules import Conference
from app.core.errors import ChangedMeanwhile
from app.core.text import Localised
from app.registrations import consent, service
from app.registrations.models import Registration
from tests import cast
from tests.cast import ADA, KIM, LEE, fresh, page_of
from tests.pages import PageClient
from tests.standings import Maker

ASKED = "May we use your details?"


@pytest.fixture
def lee(conference: Conference) -> Registration:
    """Lee has got Kim's place."""
    return service.transfer(cast.sign_up(conference, KIM), LEE)


def press(client: PageClient, registration: Registration, page: str) -> TestResponse:
    """The button of the page as it was shown."""
    [version] = re.findall('name="version" value="(.+?)"', page)
    return client.send(page_of(registration, "/agree"), version=version)


def change_text() -> str:
    """The organiser writes another one; its version."""
    wording = Localised(ko="새 글", en="New words")
    text = conferences.consent(wording, wording)
    conferences.change(conferences.by_slug("garam").conference_id, consent=text)
    return text.version


def test_who_got_a_place_from_somebody_else_is_asked_and_agrees(
    client: PageClient, conference: Conference, lee: Registration
) -> None:
    page = client.get(page_of(lee)).text
    assert ASKED in page
    assert "/c/garam/privacy" in page
    assert "lan-pass__qr" in page  # the pass is theirs in any case
    assert fresh(lee).consent_version is None  # looking is not agreeing

    answer = press(client, lee, page)

    after = client.get(f"{answer.location}&lang=en").text
    assert "Thank you" in after
    assert ASKED not in after
    assert conference.consent
    assert fresh(lee).consent_version == conference.consent.version
    assert fresh(lee).consent_at
    assert fresh(lee).revision == lee.revision  # the pass is as it was


def test_pressed_twice_the_first_one_counts(client: PageClient, lee: Registration) -> None:
    page = client.get(page_of(lee)).text
    press(client, lee, page)
    agreed = fresh(lee).consent_at
    assert press(client, lee, page).status_code == 303
    assert fresh(lee).consent_at == agreed


def test_of_two_presses_at_once_the_first_one_counts(
    conference: Conference, lee: Registration
) -> None:
    assert conference.consent
    other_tab = fresh(lee)
    consent.agree(lee, conference.consent.version)
    agreed = fresh(lee).consent_at
    with pytest.raises(ChangedMeanwhile):  # then the page looks once more
        consent.agree(other_tab, conference.consent.version)
    assert fresh(lee).consent_at == agreed


def test_nobody_agrees_to_a_text_that_was_not_on_the_page(
    client: PageClient, lee: Registration
) -> None:
    page = client.get(page_of(lee)).text
    version = change_text()
    for answer in (press(client, lee, page), client.send(page_of(lee, "/agree"))):
        assert answer.status_code == 303
        assert "agreed" not in answer.location
        assert fresh(lee).consent_version is None
    asked_again = client.get(page_of(lee)).text
    assert ASKED in asked_again
    press(client, lee, asked_again)
    assert fresh(lee).consent_version == version


def test_who_filled_in_the_form_is_not_asked(client: PageClient, conference: Conference) -> None:
    kim = cast.sign_up(conference, KIM)
    version = kim.consent_version
    assert ASKED not in client.get(page_of(kim)).text
    client.send(page_of(kim, "/agree"), version=change_text())
    assert fresh(kim).consent_version == version


@pytest.mark.parametrize("standing", ["cancelled", "called_off", "over"])
def test_once_there_is_no_place_nobody_is_asked(client: PageClient, standing: str) -> None:
    registration = getattr(Maker("en"), standing)()
    registration.update(actions=[Registration.consent_version.remove()])
    assert ASKED not in client.get(page_of(registration)).text


def test_where_nothing_is_to_be_agreed_to_nobody_is_asked(
    client: PageClient, cloud: object
) -> None:
    without = cast.make_conference(consent=None)
    lee = service.transfer(cast.sign_up(without, KIM), LEE)
    assert ASKED not in client.get(page_of(lee)).text
    assert client.send(page_of(lee, "/agree")).status_code == 303
    assert fresh(lee).consent_version is None


def test_nobody_agrees_for_the_next_one(conference: Conference, lee: Registration) -> None:
    """Who has the place by now was not asked, whenever the press arrives."""
    assert conference.consent
    other_tab = fresh(lee)
    service.transfer(lee, ADA)
    with pytest.raises(ChangedMeanwhile):
        consent.agree(other_tab, conference.consent.version)
    assert fresh(lee).consent_version is None
