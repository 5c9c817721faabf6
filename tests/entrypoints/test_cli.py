"""The command line, as an operator types it, and the same through Lambda."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from PIL import Image
from pypdf import PdfReader

from app.conferences import pictures
from app.conferences import service as conferences
from app.conferences.rules import Asked, Conference, Publication
from app.core import clock
from app.entrypoints import cli
from app.local import demo
from app.passes import service as passes
from app.registrations import links, service
from app.registrations.rules import State
from tests import cast
from tests.cast import ADA, KIM, LEE


def run(app: Flask, *words: str, fails: bool = False) -> str:
    result = app.test_cli_runner().invoke(args=words)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert (result.exit_code != 0) == fails, result.output
    return str(result.output)


def rows(app: Flask, *words: str) -> list[dict[str, Any]]:
    result = app.test_cli_runner().invoke(args=[*words, "--json"])
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def create(app: Flask, **changes: str) -> list[str]:
    given = {
        "name-en": "Harbour Data Summit",
        "starts": "2027-05-01 09:30",
        "ends": "2027-05-01 17:00",
        "opens": "2027-03-01 10:00",
        "closes": "2027-04-20 18:00",
        "contact": "team@example.com",
        "phone": "required",
        **changes,
    }
    return ["conference", "create", "harbour", *(f"--{key}={one}" for key, one in given.items())]


def test_a_conference_from_nothing(app: Flask, cloud: object) -> None:
    run(app, *create(app))
    assert "ticket type" in run(app, "conference", "publish", "harbour", "open", fails=True)
    [added] = rows(app, "ticket-type", "add", "harbour", "--name-en=Full pass", "--capacity=30")
    assert added == {"ticket_type": 1, "name": "Full pass", "capacity": 30}
    run(app, "conference", "publish", "harbour", "open")
    about, seats = rows(app, "conference", "show", "harbour")
    assert (about["slug"], about["publication"]) == ("harbour", "open")
    assert (seats["capacity"], seats["left"]) == (30, 30)
    made = conferences.by_slug("harbour")
    assert made.phone is Asked.REQUIRED
    assert made.starts_at == 1809131400000  # 2027-05-01 09:30 in Seoul


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("zone", "Asia/Nowhere"),
        ("colour", "blue"),
        ("contact", "nobody"),
        ("map-url", "javascript:alert(1)"),
        ("venue-en", "two\nlines"),
        ("starts", "soon"),
        ("ends", "2027-05-01 09:00"),
        ("closes", "2027-03-01 09:00"),
        ("name-en", ""),
        ("name-en", "  "),
        ("consent-en", "I agree, but to what?"),
        ("privacy-en", "no-such-file"),
        ("zone", ""),
    ],
)
def test_what_cannot_be_is_said(app: Flask, cloud: object, option: str, value: str) -> None:
    assert "Error" in run(app, *create(app, **{option: value}), fails=True)
    assert conferences.everything() == []


def test_a_slug_is_given_once(app: Flask, cloud: object) -> None:
    run(app, *create(app))
    assert "in use" in run(app, *create(app), fails=True)


def test_what_was_said_can_be_changed(app: Flask, conference: Conference) -> None:
    cast.sign_up(conference, KIM)
    run(app, "conference", "change", "garam", "--venue-en=Pier Hall 2", "--closes=2031-01-01 10:00")
    run(app, "ticket-type", "change", "garam", "1", "--name-en=Day pass")
    changed = conferences.by_slug("garam")
    assert changed.venue == {"ko": "물빛컨벤션센터 3층", "en": "Pier Hall 2"}
    assert changed.ticket_types[0].name == {"ko": "일반 참가", "en": "Day pass"}
    assert changed.consent == conference.consent
    assert changed.revision > conference.revision
    assert "Error" in run(app, "conference", "change", "garam", "--contact=nobody", fails=True)
    assert "Error" in run(app, "ticket-type", "change", "garam", "9", "--name-en=x", fails=True)


def test_colours_are_taken_in_capitals(app: Flask, cloud: object) -> None:
    run(app, *create(app, colour="#FFC83D"))
    assert conferences.by_slug("harbour").colour == "#ffc83d"


def test_publishing(app: Flask, conference: Conference) -> None:
    run(app, "conference", "publish", "garam", "unlisted")
    assert conferences.by_slug("garam").publication is Publication.UNLISTED
    assert "no such thing" in run(app, "conference", "publish", "nowhere", "open", fails=True)


def test_registrations_and_passes(app: Flask, conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    code = passes.letters_of(registration)

    [listed] = rows(app, "registration", "list", "garam")
    assert (listed["code"], listed["name"], listed["phone"]) == (code, KIM.name, KIM.phone)
    assert rows(app, "registration", "show", code.lower()) == [{**listed, "mail": "owed"}]
    [link] = rows(app, "pass", "link", f"{code[:4]} {code[4:]}")
    assert links.secret_of(registration) in link["link"]
    [done] = rows(app, "due")
    assert done["passes"] == 0  # left to its message for half a minute
    assert rows(app, "pass", "draw", "garam") == [{"drawn": 1}]
    run(app, "pass", "reissue", code)
    assert rows(app, "pass", "link", code) != [link]
    [key] = rows(app, "pass", "key", "garam")
    assert key["public_key"] == passes.public_key(conference.conference_id)
    [cancelled] = rows(app, "registration", "cancel", code)
    assert cancelled["state"] == State.CANCELLED
    assert "not allowed" in run(app, "registration", "cancel", code, fails=True)


def test_requests_are_approved_or_declined(app: Flask, conference: Conference) -> None:
    words = "--name-en=Talk", "--capacity=1", "--approval"
    [added] = rows(app, "ticket-type", "add", "garam", *words)
    asked = conferences.by_slug("garam")
    kim, lee, ada = (
        passes.letters_of(cast.sign_up(asked, who, added["ticket_type"])) for who in (KIM, LEE, ADA)
    )
    assert rows(app, "registration", "approve", kim)[0]["state"] == State.CONFIRMED
    assert "--or-wait" in run(app, "registration", "approve", lee, fails=True)
    assert rows(app, "registration", "approve", lee, "--or-wait")[0]["state"] == State.WAITING
    assert rows(app, "registration", "decline", ada)[0]["state"] == State.CANCELLED
    assert "not allowed" in run(app, "registration", "decline", kim, fails=True)
    run(app, "ticket-type", "change", "garam", "3", "--no-approval")
    assert not conferences.by_slug("garam").require_type(3).approval


def test_the_capacity_is_changed_and_never_below_what_is_taken(
    app: Flask, conference: Conference
) -> None:
    for who in (KIM, LEE):
        cast.sign_up(conference, who)
    words = "ticket-type", "change", "garam", "1"
    assert rows(app, *words, "--capacity=5")[0]["capacity"] == 5
    assert "2 seats are taken" in run(app, *words, "--capacity=1", fails=True)
    assert "capacity: from 0" in run(app, *words, "--capacity=-1", fails=True)
    _, full, _ = rows(app, "conference", "show", "garam")
    assert (full["capacity"], full["left"]) == (5, 3)


def test_what_an_opening_needs_and_who_may_share_an_address(app: Flask, cloud: object) -> None:
    run(app, *create(app, **{"sign-ups-a-second": "1000"}), "--shared-addresses")
    made = conferences.by_slug("harbour")
    assert (made.sign_ups_a_second, made.shared_addresses) == (1_000, True)
    words = "conference", "change", "harbour", "--sign-ups-a-second=0"
    assert "sign_ups_a_second" in run(app, *words, fails=True)


@pytest.mark.parametrize("code", ["AAAA", "7KQ4M9X0", "", "한글한글한글한글"])
def test_a_wrong_code_is_said(app: Flask, conference: Conference, code: str) -> None:
    assert "Error" in run(app, "registration", "show", code, fails=True)


def test_the_logo(app: Flask, conference: Conference) -> None:
    run(app, "conference", "logo", "garam", str(demo.LOGO))
    name = conferences.by_slug("garam").logo
    shown = app.test_client().get(f"/media/{name}.png").data
    assert shown == pictures.logo(demo.LOGO.read_bytes())
    assert "not a picture" in run(app, "conference", "logo", "garam", __file__, fails=True)


def test_a_huge_logo_is_refused(app: Flask, conference: Conference, tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    Image.new("1", (12_000, 12_000)).save(huge)
    assert "megapixels" in run(app, "conference", "logo", "garam", str(huge), fails=True)


def test_every_command_has_help(app: Flask) -> None:
    for name in cli.COMMANDS:
        found = app.cli.get_command(click.Context(app.cli), name)
        assert found is not None
        assert found.help
        for below, command in getattr(found, "commands", {}).items():
            assert "Usage" in run(app, name, below, "--help")
            assert command.help


def test_help_names_every_command(app: Flask) -> None:
    told = run(app, "--help")
    assert all(f"\n  {name} " in told for name in cli.COMMANDS)
    assert "No such command" in run(app, "nothing", fails=True)


def test_the_same_in_lambda(app: Flask, conference: Conference) -> None:
    cast.sign_up(conference, KIM)
    answer = cli.run({"args": ["registration", "list", "garam", "--json"]}, None)
    assert answer["exit_code"] == 0
    assert json.loads(str(answer["output"]))[0]["email"] == KIM.email
    assert KIM.email not in f"{answer} {answer!r}"  # Zappa prints results into the log


def test_the_demo(app: Flask, cloud: object) -> None:
    demo.ensure()
    demo.ensure()
    conference = conferences.by_slug(demo.SLUG)
    full, workshop = conferences.read_seats(conference).values()
    assert full.left >= 1000
    assert 0 < workshop.left <= 10 < workshop.capacity
    assert conference.consent
    assert len(list(service.listed(conference))) == len(demo.PEOPLE)
    for lang in ("ko", "en"):
        page = app.test_client().get(f"/c/demo?lang={lang}")
        assert page.status_code == 200


def test_a_stale_demo_is_moved(app: Flask, cloud: object) -> None:
    demo.ensure()
    old = conferences.by_slug(demo.SLUG)
    clock.set_source(lambda: old.closes_at + 1)
    demo.ensure()
    assert conferences.by_slug(demo.SLUG).starts_at > old.starts_at


@pytest.mark.parametrize("step", ["add_ticket_type", "set_logo", "set_cover", "change"])
def test_a_demo_that_a_kill_left_undone_is_finished(
    app: Flask, cloud: object, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(conferences, step, killed)
    with pytest.raises(KeyboardInterrupt):
        demo.ensure()
    monkeypatch.undo()
    demo.ensure()
    made = conferences.by_slug(demo.SLUG)
    assert made.publication is Publication.OPEN
    assert made.logo
    assert made.cover
    assert [one.left for one in conferences.read_seats(made).values()] == [2000, 4]


def test_the_passes_of_all_who_take_part_are_printed(
    app: Flask, conference: Conference, tmp_path: Path
) -> None:
    for number in range(5):
        cast.sign_up(conference, cast.person(number))
    service.cancel(cast.sign_up(conference, KIM))
    run(app, "pass", "sheet", "garam", str(tmp_path / "passes.pdf"))
    text = "".join(page.extract_text() for page in PdfReader(tmp_path / "passes.pdf").pages)
    assert KIM.name not in text
    assert len(PdfReader(tmp_path / "passes.pdf").pages) == 2
