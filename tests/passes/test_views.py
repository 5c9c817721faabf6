"""The attendee's own pages: what the pass link opens, and nothing else does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from icalendar import Calendar

from app.aws import parameters
from app.conferences import service as conferences
from app.conferences.rules import Conference, Publication
from app.core import clock
from app.core.clock import HOUR
from app.entrypoints import sns
from app.passes import service as passes
from app.passes.code import new_private_key
from app.registrations import links, service
from app.registrations.models import Registration
from app.registrations.rules import Person, State
from tests import cast
from tests.cast import KIM, LEE
from tests.entrypoints.test_sns import confirmed
from tests.pages import ORIGIN, PageClient


@pytest.fixture
def registration(conference: Conference) -> Registration:
    """Kim has signed up for a full pass."""
    return cast.sign_up(conference, KIM)


@pytest.fixture
def link(registration: Registration) -> str:
    """Kim's pass link."""
    return f"/passes/{links.secret_of(registration)}"


def waiter(conference: Conference) -> Registration:
    """Lee, behind two people in the workshop."""
    for number in (1, 2):
        cast.sign_up(conference, cast.person(number), type_id=2)
    return cast.sign_up(conference, LEE, type_id=2)


def test_the_page_is_private(client: PageClient, link: str) -> None:
    answer = client.get(link)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_image_comes_with_its_message(
    client: PageClient, link: str, registration: Registration
) -> None:
    early = client.get(f"{link}/pass.png")
    assert (early.status_code, early.headers["Retry-After"]) == (404, "1")
    sns.handle(confirmed(registration), None)
    made = client.get(f"{link}/pass.png")
    assert (made.status_code, made.mimetype) == (200, "image/png")
    assert made.data.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "path", ["", "/pass.png", "/pass.pdf", "/calendar.ics", "/edit", "/cancel"]
)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_wrong_link_looks_like_none(client: PageClient, link: str, path: str, lang: str) -> None:
    wrong = link[:-1] + ("A" if link[-1] != "A" else "B")
    for secret in (wrong, "/passes/x", "/passes/" + "A" * 28, "/passes/%00", "/passes/%ff"):
        answer = client.get(f"{secret}{path}?lang={lang}")
        assert answer.status_code == 404
        assert KIM.name not in answer.text


def test_the_calendar_file_has_the_rules_of_its_zone(
    client: PageClient, link: str, conference: Conference
) -> None:
    answer = client.get(f"{link}/calendar.ics?lang=ko")
    assert answer.mimetype == "text/calendar"
    calendar: Any = Calendar.from_ical(answer.data)  # its values have some 25 types
    [event] = calendar.walk("VEVENT")
    assert event["SUMMARY"] == "가람 개발자 콘퍼런스"
    assert round(event["DTSTART"].dt.timestamp()) == conference.starts_at // 1000
    assert event["DTSTART"].params["TZID"] == "Asia/Seoul"
    [zone] = calendar.walk("VTIMEZONE")
    [rule] = zone.walk("STANDARD")
    assert rule["TZOFFSETTO"].td.total_seconds() == 9 * 3600
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_who_sees_the_calendar_entry_cannot_open_the_pass(
    client: PageClient, link: str, lang: str
) -> None:
    """Calendars are shared: the entry says where its owner finds it."""
    content = client.get(f"{link}/calendar.ics?lang={lang}").data
    assert link.removeprefix("/passes/").encode() not in content.replace(b"\r\n ", b"")
    calendar: Any = Calendar.from_ical(content)
    [event] = calendar.walk("VEVENT")
    assert event["URL"] == f"{ORIGIN}/c/garam?lang={lang}"
    assert f"{ORIGIN}/my?lang={lang}" in event["DESCRIPTION"]
    for address in (event["URL"], event["DESCRIPTION"].split()[-1]):
        assert client.get(address).status_code == 200


def test_editing_shows_what_is_kept_and_keeps_what_is_sent(
    client: PageClient, link: str, registration: Registration
) -> None:
    page = client.get(f"{link}/edit?lang=en").text
    assert f'value="{KIM.email}"' in page
    fields = {"name": "김하늬", "email": "new@example.com", "phone": "", "company": "새 회사"}
    answer = client.send(f"{link}/edit", **fields)
    assert answer.status_code == 303
    kept = service.find(int(registration.registration_id))
    assert kept is not None
    assert service.person_of(kept) == Person("김하늬", "new@example.com", "", "새 회사")


def test_a_bad_edit_changes_nothing(client: PageClient, link: str) -> None:
    answer = client.send(f"{link}/edit?lang=en", name="", email="x", phone="1", company="")
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 3
    assert KIM.name in client.get(link).text


def test_an_edit_to_a_taken_address_is_said_beside_it(
    client: PageClient, link: str, conference: Conference
) -> None:
    cast.sign_up(conference, LEE)
    fields = {"name": KIM.name, "email": LEE.email, "phone": "", "company": ""}
    answer = client.send(f"{link}/edit?lang=en", **fields)
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text


def test_cancelling_is_asked_first_and_done_by_post(
    client: PageClient, link: str, registration: Registration
) -> None:
    assert client.get(f"{link}/cancel?lang=en").status_code == 200
    assert state(registration) == State.CONFIRMED
    assert client.send(f"{link}/cancel").status_code == 303
    assert state(registration) == State.CANCELLED
    assert client.send(f"{link}/cancel").status_code == 303  # pressed twice
    page = client.get(f"{link}?lang=en").text
    assert "lan-pass__qr" not in page
    assert client.get(f"{link}/pass.png").status_code == 404
    assert client.send(f"{link}/edit", name="x", email=KIM.email).status_code == 303
    assert client.get(f"{link}/edit").status_code == client.get(f"{link}/cancel").status_code == 303


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("over", [True, False])
def test_a_pass_of_what_does_not_take_place_is_no_pass(
    client: PageClient, link: str, conference: Conference, over: bool, lang: str
) -> None:
    if over:
        clock.set_source(lambda: conference.ends_at)
    else:
        conferences.change(conference.conference_id, publication=Publication.CANCELLED)
    page = client.get(f"{link}?lang={lang}").text
    words = {"ko": ("취소되었습니다", "끝났습니다"), "en": ("cancelled", "is over")}[lang]
    assert words[over] in page
    assert "You are coming" not in page
    assert "참가가 확정" not in page
    assert f"{link}/calendar.ics" not in page
    assert f"{link}/cancel" not in page
    assert client.get(f"{link}/pass.png").status_code == 404
    assert client.get(f"{link}/edit").status_code == 303
    assert client.get(f"/my?lang={lang}").status_code == 200


def test_the_calendar_file_counts_changes(
    client: PageClient, link: str, conference: Conference
) -> None:
    def sequence() -> int:
        calendar: Any = Calendar.from_ical(client.get(f"{link}/calendar.ics").data)
        [event] = calendar.walk("VEVENT")
        return int(event["SEQUENCE"])

    before = sequence()
    conferences.change(conference.conference_id, ends_at=conference.ends_at + HOUR)
    assert sequence() > before


def test_an_unchanged_form_changes_nothing(
    client: PageClient, link: str, registration: Registration
) -> None:
    answer = client.send(f"{link}/edit", **vars(KIM))
    assert "notice" not in answer.location
    kept = service.find(int(registration.registration_id))
    assert kept is not None
    assert kept.revision == 1


def state(registration: Registration) -> str:
    kept = service.find(int(registration.registration_id))
    assert kept is not None
    return str(kept.state)


@pytest.mark.parametrize("action", ["edit", "cancel"])
def test_other_sites_change_nothing(
    client: PageClient, link: str, registration: Registration, action: str
) -> None:
    evil = {"Origin": "https://evil.example.com"}
    assert client.post(f"{link}/{action}", headers=evil).status_code == 403
    assert state(registration) == State.CONFIRMED


def test_waiting_has_a_place_and_no_pass(client: PageClient, conference: Conference) -> None:
    link = f"/passes/{links.secret_of(waiter(conference))}"
    page = client.get(f"{link}?lang=en").text
    assert "<b>1</b>" in page
    assert "lan-pass__qr" not in page
    assert client.get(f"{link}/pass.png").status_code == 404
    assert client.send(f"{link}/cancel").status_code == 303


def test_a_promoted_one_sees_the_pass(client: PageClient, conference: Conference) -> None:
    registration = waiter(conference)
    first = next(r for r in Registration.scan() if r.name == "Person 1")
    service.cancel(first)
    page = client.get(f"/passes/{links.secret_of(registration)}").text
    assert "lan-pass__qr" in page


def test_the_key_of_a_conference_is_its_own(conference: Conference) -> None:
    other = cast.make_conference(slug="other")
    one, two = (passes.public_key(each.conference_id) for each in (conference, other))
    assert one != two
    assert one == passes.public_key(conference.conference_id)


def test_two_who_need_the_key_at_once_get_the_same(conference: Conference) -> None:
    def key(_: int) -> str:
        return parameters.secret.__wrapped__("contested", new_private_key)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(key, range(8)))) == 1


def test_a_conference_over_several_days(client: PageClient, cloud: object) -> None:
    conference = cast.make_conference(slug="days", zone="Europe/Berlin")
    longer = cast.make_conference(
        slug="longer", zone="Europe/Berlin", ends_at=conference.ends_at + 48 * HOUR
    )
    for each in (conference, longer):
        registration = cast.sign_up(each, KIM)
        sns.handle(confirmed(registration), None)
        for lang in ("ko", "en"):
            assert (
                client.get(f"/passes/{links.secret_of(registration)}?lang={lang}").status_code
                == 200
            )


@pytest.mark.parametrize("size", ["", "?size=badge"])
def test_the_pass_comes_as_pdf(client: PageClient, link: str, size: str) -> None:
    answer = client.get(f"{link}/pass.pdf{size}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.data.startswith(b"%PDF")


def test_a_size_that_there_is_not_is_not_found(client: PageClient, link: str) -> None:
    assert client.get(f"{link}/pass.pdf?size=a0").status_code == 404


def test_who_waits_has_no_pdf(client: PageClient, conference: Conference) -> None:
    secret = links.secret_of(waiter(conference))
    assert client.get(f"/passes/{secret}/pass.pdf").status_code == 404
