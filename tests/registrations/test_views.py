"""The sign-up page and its answers, as a browser without a script sees them."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from app.conferences import service as conferences
from app.conferences.rules import Asked, Conference, Publication
from app.core import clock
from app.core.clock import DAY, SECOND, now_ms
from app.core.text import Localised
from app.registrations import service
from app.registrations.models import Registration
from tests import cast
from tests.cast import KIM, LEE
from tests.pages import ORIGIN, PageClient

VERSION = re.compile('name="consent_version" value="(.+?)"')
REGISTER = "/c/garam/register?lang=en"


def registered() -> list[Registration]:
    return list(Registration.scan(consistent_read=True))


def sign_up(client: PageClient, **changes: str) -> TestResponse:
    return client.send(REGISTER, **cast.form(KIM, **changes))


def wrong_fields(page: str) -> list[str]:
    """The fields that the page says are wrong."""
    tags = re.findall(r"<(?:input|fieldset)[^>]*>", page)
    names = [re.search(r'name="([a-z_]+)"', tag) for tag in tags if 'aria-invalid="true"' in tag]
    return sorted({name[1] for name in names if name})


def test_one_form_and_the_pass_is_there(client: PageClient, conference: Conference) -> None:
    answer = sign_up(client)
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert page.status_code == 200
    assert KIM.name in page.text
    assert "lan-pass__qr" in page.text
    assert re.search(r'<img[^>]* src="/passes/[^"/]+/pass\.png"', page.text)


def test_the_page_is_the_same_bytes_for_everybody(
    client: PageClient, conference: Conference
) -> None:
    before = client.get("/c/garam?lang=ko", headers={"User-Agent": "one"})
    sign_up(client)  # now this browser has a cookie
    after = client.get("/c/garam?lang=ko", headers={"User-Agent": "another"})

    assert before.data == after.data
    for answer in (before, after, client.get("/?lang=ko")):
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert re.search(r"s-maxage=[1-5],", answer.headers["Cache-Control"])


def test_the_page_is_never_kept_past_the_opening(client: PageClient, cloud: object) -> None:
    conference = cast.make_conference(opens_at=now_ms() + DAY)
    clock.set_source(lambda: conference.opens_at - 2 * SECOND)
    assert "s-maxage=2," in client.get("/c/garam").headers["Cache-Control"]
    clock.set_source(lambda: conference.opens_at - SECOND // 2)
    assert client.get("/c/garam").headers["Cache-Control"] == "no-store"
    clock.set_source(lambda: conference.opens_at)
    assert "<form" in client.get("/c/garam").text


def test_a_double_press_is_one_registration(client: PageClient, conference: Conference) -> None:
    key = "k" * 22
    first, second = sign_up(client, submission=key), sign_up(client, submission=key)
    assert first.location.partition("?")[0] == second.location.partition("?")[0]
    assert len(registered()) == 1


def test_without_a_key_the_cookie_finds_the_same_pass(
    client: PageClient, conference: Conference
) -> None:
    first, second = sign_up(client), sign_up(client)
    assert first.location.partition("?")[0] == second.location.partition("?")[0]


def test_another_person_behind_the_address_is_told_so(
    client: PageClient, conference: Conference
) -> None:
    sign_up(client)
    answer = sign_up(client, name="Kim Haneul the Other")
    assert answer.status_code == 409
    assert "/passes/" in answer.text  # this browser holds the pass
    assert len(registered()) == 1


def test_a_stranger_with_a_known_address_learns_nothing(
    client: PageClient, conference: Conference
) -> None:
    sign_up(client)
    stranger = client.application.test_client()
    assert isinstance(stranger, PageClient)
    same_name = stranger.send(REGISTER, **cast.form(KIM))
    other_name = stranger.send(REGISTER, **cast.form(replace(KIM, name="Mallory")))

    assert (same_name.status_code, other_name.status_code) == (409, 409)
    assert same_name.data == other_name.data
    assert "Set-Cookie" not in same_name.headers
    assert "/passes/" not in same_name.text
    assert KIM.name not in same_name.text


def test_an_old_client_is_let_in_but_its_cookie_is_not_believed(
    client: PageClient, conference: Conference
) -> None:
    sign_up(client)
    answer = client.post(REGISTER, data=cast.form(KIM))
    assert answer.status_code == 409
    assert "/passes/" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example.com", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_form_from_another_site_is_refused(
    client: PageClient, conference: Conference, headers: dict[str, str]
) -> None:
    assert client.post(REGISTER, data=cast.form(KIM), headers=headers).status_code == 403
    assert registered() == []


def test_the_waiting_list_says_ones_place(client: PageClient, conference: Conference) -> None:
    for number in (1, 2, 3):
        cast.sign_up(conference, cast.person(number), type_id=2)
    page = client.get(sign_up(client, ticket_type="2").location)
    assert re.search(r'lan-place__number">No. <b>2</b>', page.text)
    assert "lan-pass__qr" not in page.text


BAD = {
    "name": {
        "empty": "",
        "blanks": " \u3000 \t",
        "joiners only": "\u200b\u200d",
        "10,000 characters": "k" * 10_000,
        "NUL": "Kim\x00Haneul",
        "escape": "Kim\x1b[31m",
        "line break": "Kim\nHaneul",
        "only an override": "\u202e",
        "Hangul filler": "\u3164",
        "empty Braille pattern": "\u2800",
        "a mark alone": "\u0301",
    },
    "email": {
        "empty": "",
        "no domain": "haneul.kim@",
        "no at": "haneul.kim",
        "two": "a@example.com, b@example.com",
        "header": "a@example.com\nBcc: b@example.com",
        "local part outside ASCII": "하늘@example.com",
        "10,000 characters": "a" * 10_000 + "@example.com",
        "NUL": "a\x00@example.com",
        "one-word domain": "a@example",
        "local part of 65": "a" * 65 + "@example.com",
        "encoded word": "=?utf-8?q?one=40example.org=2ctwo?=@example.com",
    },
    "phone": {"words": "call me", "short": "12", "long": "1" * 40, "NUL": "010\x001234567"},
    "company": {"10,000 characters": "a" * 10_000, "NUL": "a\x00b"},
    "ticket_type": {
        "unknown": "99",
        "empty": "",
        "a word": "full",
        "full-width": "９",
        "huge": "9" * 400,
        "negative": "-1",
    },
    "consent": {"empty": "", "something else": "no"},
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param(field, value, id=f"{field}: {name}")
        for field, values in BAD.items()
        for name, value in values.items()
    ],
)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_bad_input_is_said_beside_its_field(
    client: PageClient, conference: Conference, field: str, value: str, lang: str
) -> None:
    answer = client.send(f"/c/garam/register?lang={lang}", **cast.form(KIM, **{field: value}))

    assert answer.status_code == 422
    assert f'lang="{lang}"' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert wrong_fields(answer.text) == [field]
    if field != "name":
        assert f'value="{KIM.name}"' in answer.text
    assert registered() == []


def test_a_text_that_was_changed_meanwhile_is_agreed_to_anew(
    client: PageClient, conference: Conference
) -> None:
    """Who has the page open keeps what they typed, and reads what they agree to."""
    [shown] = VERSION.findall(client.get("/c/garam?lang=en").text)
    words = Localised(ko="새 글", en="New words")
    text = conferences.consent(words, words)
    conferences.change(conference.conference_id, consent=text)
    refused = sign_up(client, consent_version=shown)
    assert refused.status_code == 422
    assert "This text has changed" in refused.text
    assert wrong_fields(refused.text) == ["consent"]
    assert not re.search(r'name="consent"[^>]* checked', refused.text)
    assert f'value="{KIM.name}"' in refused.text
    assert VERSION.findall(refused.text) == [text.version]
    assert sign_up(client, consent_version=text.version).status_code == 303
    assert [one.consent_version for one in registered()] == [text.version]


GOOD: dict[str, dict[str, object]] = {
    "name": {
        "=1+1": "=1+1",
        "<b>김</b>": "<b>김</b>",
        "👩‍💻 하늘": "👩‍💻 하늘",
        "  김   하늘 ": "김 하늘",
        "\u202eevil\u202c Kim": "evil Kim",
        "\u1100\u1161\u11a8": "각",
        "e\u0301": "é",
        "عمر": "عمر",
        "क्\u200dष": "क्\u200dष",
        "김" * 100: "김" * 100,
    },
    "email": {
        "  Haneul.Kim@Example.COM ": "haneul.kim@example.com",
        "ｈａｎｅｕｌ@example.com": "haneul@example.com",
        "a+b@한국.example.com": "a+b@xn--3e0b707e.example.com",
        "a\u200b@example.com": "a@example.com",
    },
    "phone": {
        "０１０-１２３４-５６７８": "010-1234-5678",
        "+82 (10) 1234.5678": "+82 (10) 1234.5678",
    },
    "company": {"=HYPERLINK(1)": "=HYPERLINK(1)", "\u200b": ""},
    "ticket_type": {"1": 1},
}


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        pytest.param(field, typed, kept, id=f"{field}: {typed[:20]!a}")
        for field, values in GOOD.items()
        for typed, kept in values.items()
    ],
)
def test_unusual_input_is_kept_as_meant(
    client: PageClient, conference: Conference, field: str, typed: str, kept: object
) -> None:
    answer = sign_up(client, **{field: typed})
    assert answer.status_code == 303
    [registration] = registered()
    attribute = "type_id" if field == "ticket_type" else field
    assert getattr(registration, attribute) == kept
    assert client.get(answer.location).status_code == 200


def test_markup_in_a_name_is_text(client: PageClient, conference: Conference) -> None:
    page = client.get(sign_up(client, name="<script>alert(1)</script>").location).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"name=%ff%fe&email=a@example.com", "application/x-www-form-urlencoded", 400),
        (b"name=\xff", "application/x-www-form-urlencoded", 400),
        (b'{"name": "Kim"}', "application/json", 415),
        (b"name=Kim", "text/plain", 415),
        (b"name=" + b"a" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"", "application/x-www-form-urlencoded", 422),
        (b"garbage", "multipart/form-data; boundary=x", 422),
        (b"", "multipart/form-data", 422),
    ],
)
def test_a_body_that_is_no_form(
    client: PageClient, conference: Conference, body: bytes, content_type: str, status: int
) -> None:
    answer = client.post(REGISTER, data=body, content_type=content_type, headers={"Origin": ORIGIN})
    assert answer.status_code == status
    assert registered() == []


def test_a_chunked_body_over_the_limit(client: PageClient, conference: Conference) -> None:
    """It has no length to be judged by; werkzeug cuts it silently."""
    body = urlencode({**cast.form(KIM), "filler": "a" * 70_000}).encode()
    answer = client.post(
        REGISTER,
        input_stream=io.BytesIO(body),
        content_type="application/x-www-form-urlencoded",
        headers={"Origin": ORIGIN},
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert answer.status_code == 413


def test_another_host_is_not_answered_on_a_laptop(
    client: PageClient, conference: Conference
) -> None:
    for path in ("/", "/c/garam", "/my", "/dev/outbox"):
        answer = client.get(path, headers={"Host": "rebind.example.com"})
        assert answer.status_code == 421
        assert conference.contact not in answer.text


@pytest.mark.parametrize("slug", ["a" * 3000, "가람", "%00", "..", "Garam"])
def test_an_address_of_no_conference(client: PageClient, conference: Conference, slug: str) -> None:
    assert client.get(f"/c/{slug}").status_code == 404
    assert client.get(f"/c/{slug}/privacy").status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_wrong_method(client: PageClient, conference: Conference, method: str) -> None:
    answer = client.open(REGISTER, method=method, headers={"Origin": ORIGIN})
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_program_gets_problem_json(client: PageClient, conference: Conference) -> None:
    headers = {"Accept": "application/json", "Origin": ORIGIN}
    answer = client.post(REGISTER, data=cast.form(KIM, email=""), headers=headers)
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert (answer.json["status"], answer.json["code"]) == (422, "invalid")
    assert list(answer.json["errors"]) == ["email"]
    missing = client.get("/c/nowhere", headers=headers)
    assert missing.json is not None
    assert (missing.status_code, missing.json["code"]) == (404, "not_found")


def test_required_phone_is_asked_for(client: PageClient, cloud: object) -> None:
    cast.make_conference(phone=Asked.REQUIRED, company=Asked.OFF)
    answer = sign_up(client, phone="")
    assert wrong_fields(answer.text) == ["phone"]
    assert 'name="company"' not in answer.text
    assert sign_up(client, company="ignored").status_code == 303
    assert registered()[0].company == ""


def test_early_and_late_forms_are_refused(client: PageClient, conference: Conference) -> None:
    clock.set_source(lambda: conference.opens_at - 1)
    assert sign_up(client).status_code == 409
    clock.set_source(lambda: conference.closes_at)
    assert sign_up(client).status_code == 409
    clock.set_source(lambda: conference.ends_at)
    assert sign_up(client).status_code == 409
    assert registered() == []


STATES = {
    "early": lambda c: c.opens_at - 1,
    "open": lambda c: c.opens_at,
    "closed": lambda c: c.closes_at,
    "over": lambda c: c.ends_at,
}


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("state", list(STATES))
def test_each_state_has_its_page(
    client: PageClient, conference: Conference, state: str, lang: str
) -> None:
    clock.set_source(lambda: STATES[state](conference))
    page = client.get(f"/c/garam?lang={lang}")
    assert page.status_code == 200
    assert ("<form" in page.text) == (state == "open")
    home = client.get(f"/?lang={lang}").text
    assert ("/c/garam" in home) == (state != "over")


@pytest.mark.parametrize("publication", list(Publication))
def test_each_publication_has_its_page(
    client: PageClient, conference: Conference, publication: Publication
) -> None:
    conferences.change(conference.conference_id, publication=publication)
    page, home = client.get("/c/garam?lang=en"), client.get("/?lang=en")

    assert page.status_code == (404 if publication is Publication.DRAFT else 200)
    takes = publication in (Publication.OPEN, Publication.UNLISTED)
    assert ("<form" in page.text) == takes
    assert ("/c/garam" in home.text) == (publication is Publication.OPEN)
    assert sign_up(client).status_code == {
        Publication.DRAFT: 404,
        Publication.CANCELLED: 409,
    }.get(publication, 303)


def test_few_and_full_say_so(client: PageClient, conference: Conference) -> None:
    few = client.get("/c/garam?lang=en").text
    assert "2 seats left" in few
    for number in range(23):
        cast.sign_up(conference, cast.person(number), type_id=1 if number < 20 else 2)
    conferences.forget()
    full = client.get("/c/garam?lang=en").text
    assert "Join the waiting list" in full
    assert re.search(r"1 person is waiting|1 waiting", full)


def test_my_passes_shows_this_browsers_and_no_others(
    client: PageClient, conference: Conference
) -> None:
    cast.sign_up(conference, LEE)
    sign_up(client)
    page = client.get("/my?lang=en").text
    assert KIM.name in page
    assert LEE.name not in page
    assert client.application.test_client().get("/my?lang=en").text.count("/passes/") == 0


def test_a_forged_cookie_shows_nothing(client: PageClient, conference: Conference) -> None:
    client.set_cookie("passes", "WyJ4Il0.forged")
    assert client.get("/my").status_code == 200


def test_an_old_client_forgets_no_pass(client: PageClient, conference: Conference) -> None:
    """Its cookie is not believed, but what it holds is kept."""
    other = cast.make_conference(slug="other")
    sign_up(client)
    client.post(f"/c/{other.slug}/register", data=cast.form(KIM))
    assert client.get("/my").text.count("/passes/") == 2


def test_find_my_pass_answers_alike(client: PageClient, conference: Conference) -> None:
    cast.sign_up(conference, KIM)
    known = client.send("/my/find?lang=en", email=KIM.email)
    unknown = client.send("/my/find?lang=en", email="nobody@example.com")
    assert known.status_code == unknown.status_code == 200
    assert known.data == unknown.data
    assert client.send("/my/find?lang=en", email="nobody").status_code == 422


def test_a_cancelled_registration_leaves_my_passes(
    client: PageClient, conference: Conference
) -> None:
    secret = sign_up(client).location.split("/passes/")[1].partition("?")[0]
    service.cancel(service.by_secret(secret))
    assert secret not in client.get("/my").text


def test_privacy_has_its_page(client: PageClient, conference: Conference) -> None:
    assert "이름과 이메일." in client.get("/c/garam/privacy?lang=ko").text


def test_a_language_once_chosen_is_carried_on(client: PageClient, conference: Conference) -> None:
    page = client.get("/c/garam?lang=en", headers={"Accept-Language": "ko"})
    assert 'lang="en"' in page.text
    assert 'action="/c/garam/register?lang=en"' in page.text
    assert sign_up(client).location.endswith("lang=en")
    assert registered()[0].language == "en"
    by_header = client.get("/c/garam", headers={"Accept-Language": "en"})
    assert 'lang="en"' in by_header.text
    assert "Accept-Language" in by_header.headers["Vary"]
