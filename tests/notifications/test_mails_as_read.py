"""Each mail, from the bytes that go out, as a program reads it that shares nothing with the one
that wrote it: mailparse, in Rust."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import fast_mail_parser
import html5lib
import pytest
import zxingcpp
from fast_mail_parser import PyMail, PyMimePart
from flask import Flask
from icalendar import Calendar
from PIL import Image

from app import config
from app.conferences import service as conferences
from app.core.clock import SECOND, now_ms
from app.local.cloud import EphemeralCloud
from app.mail.transport import as_sent
from app.notifications import mails
from app.passes import service as passes
from app.registrations import links
from app.registrations.models import Registration
from app.registrations.rules import Mail
from tests.browser.conferences import GERMAN
from tests.pages import XHTML, PageClient
from tests.standings import Maker

# How its registration stands when each goes out, by its name in tests/standings.py.
KINDS = {
    Mail.CONFIRMED: "confirmed",
    Mail.HELD: "held",
    Mail.WAITING: "waiting",
    Mail.PROMOTED: "promoted",
    Mail.OFFERED: "offered",
    Mail.RUN_OUT: "run_out",
    Mail.PENDING: "pending",
    Mail.APPROVED: "approved",
    Mail.DECLINED: "declined",
    Mail.CHANGED: "waiting",
    Mail.MOVED: "confirmed",
    Mail.TRANSFERRED: "given",
    Mail.OTHER_TYPE: "confirmed",
    Mail.CANCELLED: "cancelled",
    Mail.LEFT: "left",
    Mail.WITHDRAWN: "withdrawn",
    Mail.REISSUED: "confirmed",
    Mail.RESCHEDULED: "confirmed",
    Mail.CALLED_OFF: "called_off",
    Mail.LINK: "pending",
}
OTHERS = ("moved_away", "handed_on", "links")
NAMES = (*KINDS, *OTHERS)
# Who has no place yet can end it, and with it the mails.
CAN_LEAVE = {"held", "waiting", "offered", "pending"}
CARRY_A_PASS = {"confirmed", "promoted", "approved", "given"}
LONGEST = 78  # letters of a line
ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted")


@dataclass(frozen=True)
class Made:
    """A mail as it goes out, and whom and what it is about."""

    name: str
    lang: str
    raw: bytes
    standing: str
    to: str
    conference: str
    pass_url: str
    pass_code: str

    @property
    def mail(self) -> PyMail:
        """As the parser has it; what it has to mend is an error."""
        return fast_mail_parser.parse_email(self.raw, strict=True)

    @property
    def text(self) -> str:
        """Its text part, with one blank between words."""
        [text] = self.mail.text_plain
        return _plain(text)

    @property
    def qr(self) -> bool:
        """Whether it brings a pass."""
        return self.standing in CARRY_A_PASS

    @property
    def html(self) -> str:
        """Its other part."""
        [html] = self.mail.text_html
        return html

    @property
    def parts(self) -> list[PyMimePart]:
        """All parts, as they stand."""
        return list(fast_mail_parser.walk(fast_mail_parser.parse_email_tree(self.raw)))


_made: dict[tuple[str, str], Made] = {}


@pytest.fixture(params=[(name, lang) for name in NAMES for lang in ("ko", "en")], ids="-".join)
def made(request: pytest.FixtureRequest, app: Flask, cloud: EphemeralCloud) -> Made:
    """Each mail in each language, of a conference with the longest of names."""
    name, lang = request.param
    if (name, lang) not in _made:
        _made[name, lang] = _make(app, name, lang)
    return _made[name, lang]


def _make(app: Flask, name: str, lang: str) -> Made:
    standing = KINDS.get(Mail(name), "") if name in KINDS else "confirmed"
    registration = getattr(Maker(lang, **GERMAN), standing)()
    conference = conferences.by_id(int(registration.conference_id))
    with app.app_context():
        mail = _compose(name, lang, registration)
    return Made(
        name=name,
        lang=lang,
        raw=as_sent(mail),
        standing=standing if name in KINDS else "",
        to=registration.email,
        conference=conference.name.in_(lang),
        pass_url=links.url_of(registration),
        pass_code=passes.pass_code(registration),
    )


def _compose(name: str, lang: str, registration: Registration) -> Any:
    conference = conferences.by_id(int(registration.conference_id))
    if name == "links":
        return mails.compose_links(registration.email, lang, [(conference, registration)])
    if name in OTHERS:
        kind = Mail.TRANSFERRED if name == "handed_on" else Mail.MOVED
        return mails.compose_to_former(registration.email, kind, lang, conference)
    return mails.compose(Mail(name), registration, conference)


def _plain(text: str) -> str:
    return " ".join(text.split())


def header_lines(raw: bytes) -> list[bytes]:
    return raw.partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_every_kind_is_read(made: Made) -> None:
    assert set(KINDS) == set(Mail)
    assert made.mail.warnings == []


def test_headers(made: Made) -> None:
    mail = made.mail
    for name in ONCE:
        assert len(mail.headers[name]) == 1, name
    assert mail.from_
    assert mail.from_.address == config.settings.mail_sender
    assert [(one.display_name, one.address) for one in mail.to] == [(None, made.to)]
    assert mail.headers["Auto-Submitted"] == ["auto-generated"]
    assert re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", mail.headers["Message-ID"][0])
    assert mail.date_parsed
    assert abs(mail.date_parsed.timestamp() - now_ms() / SECOND) < 600
    if made.name == "links":
        assert mail.from_.display_name == "Lanyard"
    else:
        assert mail.from_.display_name == made.conference
        assert made.conference in mail.subject
        assert [one.address for one in mail.reply_to] == ["hello@example.com"]


def test_bytes_that_any_server_passes_on(made: Made) -> None:
    """ASCII, lines that end as they should and are not too long, words encoded by the rules."""
    assert made.raw.isascii()
    assert b"\n" not in made.raw.replace(b"\r\n", b"")
    assert b"\r" not in made.raw.replace(b"\r\n", b"")
    for line in made.raw.split(b"\r\n"):
        assert len(line) <= LONGEST or line.startswith(b"List-Unsubscribe: <http")
    for word in re.findall(rb"=\?.*?\?=", b"\n".join(header_lines(made.raw))):
        assert len(word) <= 75
        assert re.fullmatch(rb"=\?utf-8\?[bq]\?[!-~]+\?=", word)


def test_structure(made: Made) -> None:
    """Two readings of one mail; the picture belongs to one of them, the file to neither."""
    shape = [one.content_type for one in made.parts]
    html = ["multipart/related", "text/html", "image/png"]
    readings = ["multipart/alternative", "text/plain", *(html if made.qr else ["text/html"])]
    calendar = made.standing in CARRY_A_PASS | {"cancelled", "called_off"}
    assert shape == (["multipart/mixed", *readings, "text/calendar"] if calendar else readings)
    for part in made.parts:
        if part.content_type.startswith("text/"):
            assert 'charset="utf-8"' in part.headers["Content-Type"][0]
            assert part.content
            assert part.content.decode()


def shown(html: str) -> Iterator[str]:
    """The pieces of text that a page shows."""
    body = html5lib.parse(html).find(f"{XHTML}body")
    assert body is not None
    for one in body.iter():
        yield from (_plain(text) for text in (one.text, one.tail) if text and text.strip())


def linked(html: str) -> list[str]:
    """The addresses that a page leads to."""
    return [one.get("href") or "" for one in html5lib.parse(html).iter(f"{XHTML}a")]


def test_the_text_carries_everything(made: Made) -> None:
    for piece in shown(made.html):
        assert piece in made.text
    for address in linked(made.html):
        assert address in made.text
    for picture in html5lib.parse(made.html).iter(f"{XHTML}img"):
        assert picture.get("alt")
    if made.qr:
        [letters] = re.findall(r"\b[0-9A-Z]{4} [0-9A-Z]{4}\b", _plain(" ".join(shown(made.html))))
        assert letters in made.text
    if made.name != "links":
        assert made.conference in made.text


def test_one_blank_line_stands_between_paragraphs(made: Made) -> None:
    [text] = made.mail.text_plain
    lines = [line.strip() for line in text.strip().splitlines()]
    assert [pair for pair in itertools.pairwise(lines) if not any(pair)] == []


def test_who_was_not_asked_is_told_how_their_details_are_used(made: Made) -> None:
    [address] = [one for one in linked(made.html) if "/privacy" in one] or [""]
    assert address.endswith(f"/privacy?lang={made.lang}") == (made.name == "transferred")
    assert address in made.text


def test_the_code_is_in_the_mail(made: Made) -> None:
    """Programs show no picture of elsewhere, and need none."""
    pictures = [one for one in made.mail.attachments if one.mimetype == "image/png"]
    assert ("http" in "".join(re.findall('src="([^"]*)"', made.html))) is False
    if not made.qr:
        assert pictures == []
        assert "cid:" not in made.html
        return
    [picture] = pictures
    assert picture.disposition == "inline"
    assert re.findall('src="cid:([^"]*)"', made.html) == [picture.content_id]
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.content)))
    assert found.text == made.pass_code


def test_the_calendar_file(made: Made) -> None:
    files = [one for one in made.parts if one.content_type == "text/calendar"]
    for file in files:
        method = "PUBLISH" if made.standing in CARRY_A_PASS else "CANCEL"
        assert f'method="{method}"' in file.headers["Content-Type"][0]
        assert file.disposition == "attachment"
        assert file.filename.endswith(".ics")
        assert file.content
        assert Calendar.from_ical(file.content)["METHOD"] == method


def test_who_has_no_place_can_leave_by_the_programs_own_button(made: Made) -> None:
    """Raw: a program looks for an address, and takes nothing that is encoded or cut."""
    lines = [one for one in header_lines(made.raw) if one.lower().startswith(b"list-unsubscribe")]
    if made.standing not in CAN_LEAVE:
        assert lines == []
        return
    address = made.pass_url.replace("?", "/cancel?")
    assert lines == [f"List-Unsubscribe: <{address}>".encode()]


@pytest.mark.parametrize("standing", sorted(CAN_LEAVE))
def test_leaving_is_one_press_on_the_page_behind_it(
    app: Flask, client: PageClient, standing: str
) -> None:
    """Nothing is done by opening it, nor by a program that sends RFC 8058's form of one click."""
    registration = getattr(Maker("en"), standing)()
    with app.app_context():
        conference = conferences.by_id(int(registration.conference_id))
        mail = mails.compose(Mail.LINK, registration, conference)
    address = str(mail["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost")
    assert "List-Unsubscribe-Post" not in mail
    page = client.get(address).text
    registration.refresh(consistent_read=True)
    assert registration.state == standing
    [action] = re.findall('method="post" action="([^"]*)"', page)
    client.send(action)
    registration.refresh(consistent_read=True)
    assert registration.state == "cancelled"


@pytest.mark.parametrize(
    ("standing", "press"), [("offered", "accept"), ("held", "confirm"), ("waiting", "cancel")]
)
def test_what_a_mail_offers_is_one_press_behind_its_link(
    app: Flask, client: PageClient, standing: str, press: str
) -> None:
    registration = getattr(Maker("en"), standing)()
    with app.app_context():
        conference = conferences.by_id(int(registration.conference_id))
        html = mails.compose(Mail(standing), registration, conference).get_body(("html",))
    assert html
    [address] = linked(html.get_content())
    page = client.get(address.removeprefix("http://localhost")).text
    registration.refresh(consistent_read=True)
    assert registration.state == standing  # looking changes nothing
    assert re.search(rf'method="post" action="[^"]*/{press}[?"]', page)
