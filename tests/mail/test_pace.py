"""Mail goes out at the rate of the account, from all processes together; what must wait is owed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from app.aws.access import Access
from app.conferences.rules import Conference
from app.core.clock import DAY, HOUR, MINUTE, SECOND, now_ms
from app.entrypoints import schedule, sns
from app.local.cloud import EphemeralCloud
from app.mail import pace
from app.passes import service as passes
from app.registrations import debts, finding, service
from app.registrations.rules import Person
from tests import cast
from tests.cast import ADA, KIM, LEE, fresh
from tests.entrypoints.test_sns import confirmed, event
from tests.mail.conftest import Time
from tests.mail.fake_ses import FakeSes, Refusal

ROOT = Path(__file__).parents[2]
MANY = 100


class Lambda:
    """The context of a run that may last 30 seconds."""

    aws_request_id = "1"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds, as at the start of the run."""
        return 30 * SECOND


def signed_up(number: int, time: Time | None = None) -> list[str]:
    """That many people have signed up, one after another; their addresses."""
    full = cast.ticket_type("일반 참가", "Full pass", number)
    conference = cast.make_conference(ticket_types=(full,))
    people = [cast.person(each) for each in range(number)]
    for person in people:
        cast.sign_up(conference, person)
        if time:
            time.pass_(1)
    return [person.email for person in people]


def due() -> dict[str, int]:
    return schedule.every_five_minutes({}, Lambda())


def test_what_is_owed_goes_out_at_the_rate_over_several_runs(
    app: Flask, ses: FakeSes, time: Time
) -> None:
    ses.rate = 3
    everybody = signed_up(MANY, time)
    time.pass_(MINUTE)
    runs = []
    while list(debts.due(now_ms())):
        start = time.now
        runs.append(due()["mails"])
        assert time.now - start <= 15 * SECOND
        time.pass_(5 * MINUTE)

    assert ses.recipients == everybody  # each once, who waited longest first
    assert (ses.most_in_a_second(), ses.refused) == (3, [])
    assert (len(runs), sum(runs)) == (3, MANY)


def test_below_the_rate_nothing_is_written(app: Flask, ses: FakeSes, time: Time) -> None:
    conference = cast.make_conference()
    for who in (KIM, LEE, ADA):
        sns.handle(confirmed(cast.sign_up(conference, who)), None)
    assert len(ses.taken) == 3
    assert pace.KEY not in {row.key for row in Access.scan()}


def test_one_too_many_stops_everybody_for_a_second(app: Flask, ses: FakeSes, time: Time) -> None:
    """And no message fails: Lambda would deliver it, and throttle its mail, twice more."""
    ses.rate = 1
    conference = cast.make_conference()
    first, second, third = (cast.sign_up(conference, who) for who in (KIM, LEE, ADA))
    for registration in (first, second, third):
        sns.handle(confirmed(registration), None)
    assert (ses.recipients, ses.refused) == ([KIM.email], [LEE.email])
    assert debts.tries(fresh(second)) == 0
    assert fresh(third).claimed_until == 0

    time.pass_(SECOND)
    sns.handle(confirmed(third), None)
    time.pass_(MINUTE)
    assert due()["mails"] == 1
    assert ses.recipients == [KIM.email, ADA.email, LEE.email]


def test_a_run_that_is_throttled_waits_a_second_and_goes_on(
    app: Flask, ses: FakeSes, time: Time
) -> None:
    everybody = signed_up(20)
    ses.taken = [(now_ms() + MINUTE, "somebody@example.org")] * 14  # another app, same account
    time.pass_(MINUTE)
    assert due()["mails"] == 19
    assert len(ses.refused) == 1
    time.pass_(5 * MINUTE)
    assert due()["mails"] == 1
    assert sorted(ses.recipients[14:]) == sorted(everybody)


def test_a_day_that_is_used_up_is_waited_for(app: Flask, ses: FakeSes, time: Time) -> None:
    ses.quota = 3
    conference = cast.make_conference()
    everybody = [cast.sign_up(conference, cast.person(number)) for number in range(6)]
    time.pass_(MINUTE)
    assert due()["mails"] == 3
    assert ses.calls == 4
    sns.handle(confirmed(everybody[4]), None)
    assert ses.calls == 4

    for _ in range(12):  # an hour
        time.pass_(5 * MINUTE)
        assert due()["mails"] == 0
    assert ses.calls <= 4 + 6
    time.pass_(DAY)
    assert due()["mails"] == 3
    assert sorted(ses.recipients) == [cast.person(number).email for number in range(6)]


def test_passes_are_made_though_no_mail_goes_out(app: Flask, ses: FakeSes, time: Time) -> None:
    ses.quota = 0
    signed_up(3)
    time.pass_(MINUTE)
    done = due()
    assert (done["passes"], done["mails"]) == (3, 0)


def test_links_that_must_wait_are_sent_by_the_schedule(
    app: Flask, ses: FakeSes, time: Time
) -> None:
    registration = cast.sign_up(cast.make_conference(), KIM)
    sns.handle(confirmed(registration), None)
    ses.rate = 1
    finding.ask(KIM.email, "en")
    [key] = finding.overdue(now_ms() + HOUR)
    for _ in range(2):
        sns.handle(event("access.passes_asked_for", request=key), None)
    assert ses.calls == 2
    cast.sign_up(cast.make_conference(slug="other"), KIM)
    time.pass_(2 * MINUTE)
    done = due()
    assert (done["links"], done["mails"], ses.calls) == (1, 1, 4)


def test_a_mail_that_is_refused_for_good_is_noted_and_not_tried_again(
    app: Flask, ses: FakeSes, time: Time
) -> None:
    ses.refusals[KIM.email] = Refusal("MessageRejected", "Address blacklisted.")
    registration = cast.sign_up(cast.make_conference(), KIM)
    sns.handle(confirmed(registration), None)
    kept = fresh(registration)
    assert kept.mail_refused == "confirmed"
    assert not debts.owes_anything(kept)
    shown = app.test_cli_runner().invoke(
        args=["registration", "show", passes.letters_of(kept), "--json"]
    )
    assert '"mail": "refused"' in shown.stdout

    ses.refusals.clear()
    service.edit(kept, Person(KIM.name, KIM.email, "010-0000-0000"))
    sns.handle(event("registration.changed", registration_id=kept.registration_id), None)
    assert ses.recipients == [KIM.email]
    assert fresh(registration).mail_refused is None


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal("InternalFailure", status=500),
        Refusal("MessageRejected", "Email address is not verified."),
    ],
)
def test_a_mail_that_fails_again_and_again_is_given_up(
    app: Flask, ses: FakeSes, time: Time, refusal: Refusal
) -> None:
    """Nine times, each after twice the pause, in some 21 hours."""
    ses.refusals[KIM.email] = refusal
    registration = cast.sign_up(cast.make_conference(), KIM)
    start = time.now
    sns.handle(confirmed(registration), None)
    while due_at := fresh(registration).due_at:
        time.now = int(due_at)
        due()
    assert ses.calls == 9
    assert 21 * HOUR < time.now - start < 22 * HOUR
    assert fresh(registration).mail_refused == "confirmed"


def run(cloud: EphemeralCloud, *words: str) -> subprocess.Popen[str]:
    environ = {
        **cloud.environ,
        "PATH": os.defpath,
        "LANYARD_STAGE": "local",
        "AWS_ENDPOINT_URL_SES": os.environ["AWS_ENDPOINT_URL_SES"],
    }
    command = [sys.executable, "-m", "tests.mail.pay", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environ, text=True, stdin=pipe, stdout=pipe)


def begin(*payers: subprocess.Popen[str]) -> None:
    """Let them begin, once all are ready."""
    for payer in payers:
        assert payer.stdout
        assert payer.stdout.readline() == "ready\n"
    for payer in payers:
        assert payer.stdin
        payer.stdin.write("\n")
        payer.stdin.flush()


@pytest.mark.parametrize("words", [(), ("unguarded",)], ids=["guarded", "unguarded"])
def test_two_processes_keep_the_rate_together(
    app: Flask, ses: FakeSes, cloud: EphemeralCloud, words: tuple[str, ...]
) -> None:
    """One pays what is owed, the other leaves it; without that rule they pass the rate."""
    ses.rate, ses.burst = 2, 1
    everybody = signed_up(10)
    payers = [run(cloud, *words) for _ in range(2)]
    begin(*payers)
    paid = sorted(int(payer.communicate()[0]) for payer in payers)
    assert [payer.returncode for payer in payers] == [0, 0]
    if words:
        assert ses.refused
    else:
        assert (paid, ses.refused) == ([0, 10], [])
        assert sorted(ses.recipients) == sorted(everybody)


def test_while_one_pays_newcomers_wait(
    app: Flask, ses: FakeSes, cloud: EphemeralCloud, conference: Conference
) -> None:
    ses.rate, ses.burst = 5, 2
    for number in range(10):
        cast.sign_up(conference, cast.person(number))
    payer = run(cloud)
    begin(payer)
    with ses.changed:
        assert ses.changed.wait_for(lambda: ses.taken, timeout=20)
    newcomer = cast.sign_up(conference, KIM)
    sns.handle(confirmed(newcomer), None)
    assert KIM.email not in ses.recipients
    assert payer.communicate()[0] == "10\n"
    sns.handle(confirmed(newcomer), None)
    assert KIM.email in ses.recipients
    assert ses.refused == []
