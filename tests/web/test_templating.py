"""What templates may say beyond plain Jinja."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from markupsafe import Markup

from app.core.text import Localised
from app.web import languages, templating

SEOUL = "Asia/Seoul"


def ms(*moment: int) -> int:
    year, month, day, hour, minute = moment
    at = datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(SEOUL))
    return round(at.timestamp() * 1000)


OPENS, STARTS, ENDS = ms(2026, 9, 1, 10, 0), ms(2026, 10, 17, 10, 0), ms(2026, 10, 17, 18, 0)


@pytest.fixture(scope="module")
def site() -> Flask:
    site = Flask("app", static_folder=None)
    languages.install(site)
    templating.install(site)
    return site


@pytest.fixture
def korean(site: Flask) -> Iterator[None]:
    with site.test_request_context("/c/demo?lang=ko"):
        yield


@pytest.fixture
def english(site: Flask) -> Iterator[None]:
    with site.test_request_context("/c/demo?lang=en"):
        yield


def plain(text: str) -> str:
    """Without the blanks that keep words together."""
    return text.replace("\u00a0", " ")


@pytest.mark.usefixtures("korean")
def test_times_in_korean() -> None:
    assert templating.span(STARTS, ENDS, SEOUL) == "2026년 10월 17일 (토) 10:00 – 18:00"
    assert templating.day(STARTS, SEOUL) == "10월 17일"
    assert templating.moment(OPENS, SEOUL, STARTS) == "9월 1일 10:00"
    assert templating.moment(OPENS, SEOUL) == "2026년 9월 1일 (화) 10:00"
    assert templating.pass_days(STARTS, ENDS, SEOUL) == ("2026년 10월 17일 (토)", "10:00–18:00")


@pytest.mark.usefixtures("english")
def test_times_in_english() -> None:
    span = templating.span(STARTS, ENDS, SEOUL)
    assert plain(span) == "Saturday 17 October 2026, 10:00 am – 6:00 pm"
    assert templating.day(STARTS, SEOUL) == "17 October"
    assert plain(templating.moment(OPENS, SEOUL, STARTS)) == "Tue 1 September, 10:00 am"


@pytest.mark.usefixtures("korean")
def test_several_days_and_years_are_told() -> None:
    later, next_year = ms(2026, 10, 19, 18, 0), ms(2027, 1, 2, 18, 0)
    assert templating.span(STARTS, later, SEOUL).endswith("10:00 – 10월 19일 18:00")
    assert templating.span(STARTS, next_year, SEOUL).endswith("10:00 – 2027년 1월 2일 (토) 18:00")
    assert len(templating.pass_days(STARTS, later, SEOUL)) == 4


@pytest.mark.usefixtures("korean")
def test_times_follow_the_zone_of_the_conference() -> None:
    assert templating.moment(STARTS, "Europe/Berlin", STARTS) == "10월 17일 3:00"


@pytest.mark.usefixtures("english")
def test_zones_in_words() -> None:
    assert templating.zone_name(SEOUL) == "Korean time"
    assert templating.zone_name("Europe/Berlin") == "Central European time"


def test_the_switch_names_the_same_page_in_the_other_language(site: Flask) -> None:
    with site.test_request_context("/c/%EA%B0%80?lang=ko&x=1", base_url="http://localhost/dev"):
        switch = templating.language_switch()
    assert switch == ("/dev/c/%EA%B0%80?lang=en", "English", "en")


def test_a_page_that_takes_no_get_is_switched_at_another_address(site: Flask) -> None:
    with site.test_request_context("/c/demo/register?lang=en", method="POST"):
        assert templating.language_switch("/c/demo?lang=en").url == "/c/demo?lang=ko"


@pytest.mark.usefixtures("english")
def test_a_text_falls_back_to_the_language_it_has() -> None:
    assert templating.local(Localised(ko="가람", en="Garam")) == "Garam"
    assert templating.local(Localised(ko="가람")) == "가람"
    assert templating.local(None) == ""
    assert templating.other(Localised(ko="가람", en="Garam")) == "가람"
    assert templating.other(Localised(ko="가람")) == ""


def test_icons_are_like_text() -> None:
    drawn = templating.icon("error", 18, True)
    assert isinstance(drawn, Markup)
    assert 'fill="currentColor" aria-hidden="true"' in drawn
    with pytest.raises(FileNotFoundError):
        templating.icon("no_such_picture")


def test_text_from_people_stays_text() -> None:
    assert templating.paragraphs("<b>1</b>\n\n2") == "<p>&lt;b&gt;1&lt;/b&gt;</p><p>2</p>"
    link = templating.linked("I agree <b> to [this]", "/p?a=1&b=2")
    assert link == 'I agree &lt;b&gt; to <a href="/p?a=1&amp;b=2" target="_blank">this</a>'
    assert templating.linked("all of it", "/p") == '<a href="/p" target="_blank">all of it</a>'


def test_letters_are_read_aloud_in_two_parts() -> None:
    assert templating.letters("7KQ4M9XT") == "7KQ4 M9XT"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("김하늘", 218),
        ("남궁 어진별", 152),
        ("가" * 80, 48),
        ("W" * 60, 60),
        ("Wolfeschlegelsteinhausenbergerdorff Ada", 72),
        ("", 218),
        ("- -", 218),
    ],
)
def test_long_names_shrink(name: str, size: int) -> None:
    assert templating.name_size(name) == size
