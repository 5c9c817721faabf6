"""Mail through an SMTP server: secret on its way, and what the server's answers mean for it."""

from __future__ import annotations

import email
import email.policy
import smtplib
import socket
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from app import config
from app.aws.clients import client
from app.core import mail_server
from app.core.clock import MINUTE
from app.core.mail_server import MailServer
from app.entrypoints import schedule, sns
from app.mail import smtp as adapter
from app.mail.smtp import Smtp
from app.mail.transport import NotSent
from app.registrations import debts
from tests import cast
from tests.cast import KIM, LEE, fresh
from tests.entrypoints.test_sns import confirmed
from tests.mail import fake_smtp
from tests.mail.conftest import Time
from tests.mail.fake_smtp import HANG_UP, FakeSmtp
from tests.races.guards import at_once

PASSWORD = "open sesame"


@pytest.fixture
def settings() -> Iterator[None]:
    """Those of a laptop with a password for its SMTP server."""
    before = config.settings
    config.use(replace(before, mail_password=PASSWORD))
    yield
    config.use(before)


@pytest.fixture
def smtp(settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSmtp]:
    """A server whose certificate is trusted; as if it were elsewhere."""
    monkeypatch.setattr(mail_server, "LOOPBACK", frozenset())
    smtp = FakeSmtp()
    with fake_smtp.serve(smtp, tmp_path) as certificate:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        yield smtp


def server(smtp: FakeSmtp, scheme: str = "smtp") -> MailServer:
    return MailServer.parse(f"{scheme}://kim%40example.com@127.0.0.1:{smtp.port}?rate=100")


def mail(to: str = KIM.email) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Lanyard <lanyard@example.com>", to, "안녕하세요"
    made.set_content("가람\n.\n", cte="base64")
    return made


def failure(transport: Smtp) -> NotSent:
    with pytest.raises(NotSent) as caught:
        transport.send(mail())
    return caught.value


def test_a_mail_arrives_whole_and_secretly(smtp: FakeSmtp) -> None:
    Smtp(server(smtp)).send(mail())
    [taken] = smtp.taken
    assert (taken.sender, taken.recipient) == ("lanyard@example.com", KIM.email)
    assert (taken.tls, taken.login) == (True, f"kim@example.com:{PASSWORD}")
    read = email.message_from_bytes(taken.content, policy=email.policy.default)
    assert (read["Subject"], read.get_content()) == ("안녕하세요", "가람\n.\n")
    assert smtp.heard == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]


def test_secret_from_the_first_byte(
    settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    smtp = FakeSmtp()
    with fake_smtp.serve(smtp, tmp_path, tls=True) as certificate:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        Smtp(server(smtp, "smtps")).send(mail())
    assert smtp.taken[0].tls
    assert "STARTTLS" not in smtp.heard


def test_a_server_that_cannot_keep_a_secret_is_told_nothing(smtp: FakeSmtp) -> None:
    smtp.starttls = False
    assert failure(Smtp(server(smtp))).pause == MINUTE
    assert not {"AUTH", "MAIL"} & set(smtp.heard)


def test_a_server_that_nobody_vouches_for_is_told_nothing(
    smtp: FakeSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert str(failure(Smtp(server(smtp)))) == "SSLCertVerificationError"
    assert not {"AUTH", "MAIL"} & set(smtp.heard)


def test_on_this_machine_nothing_need_be_secret(
    smtp: FakeSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    smtp.starttls = False
    Smtp(MailServer.parse(f"smtp://127.0.0.1:{smtp.port}")).send(mail())
    assert not smtp.taken[0].tls
    assert "AUTH" not in smtp.heard  # nobody to log in


@pytest.mark.parametrize(
    ("command", "reply", "permanent", "pause"),
    [
        ("RCPT", "550 5.1.1 no such user", True, 0),
        ("RCPT", "450 4.2.1 later", False, 0),
        (".", "554 5.7.1 spam", True, 0),
        (".", "451 4.3.0 later", False, 0),
        (".", "421 4.7.0 too many", False, MINUTE),
        (".", "454 Throttling failure: Maximum sending rate exceeded", False, MINUTE),
        ("RCPT", "452 4.5.3 too many", False, MINUTE),
        (".", "550 5.4.5 Daily user sending limit exceeded", False, 10 * MINUTE),
        ("MAIL", "550 5.7.1 not your address", False, MINUTE),
        ("AUTH", "535 5.7.8 wrong password", False, MINUTE),
        ("STARTTLS", "454 4.7.0 no certificate", False, MINUTE),
        ("connect", "554 5.7.1 go away", False, MINUTE),
        ("DATA", HANG_UP, False, MINUTE),
    ],
)
def test_what_an_answer_means(
    smtp: FakeSmtp, command: str, reply: str, permanent: bool, pause: int
) -> None:
    smtp.replies[command] = reply
    found = failure(Smtp(server(smtp)))
    assert (found.permanent, found.pause) == (permanent, pause)
    assert KIM.email not in str(found)
    assert smtp.taken == []


def test_a_goodbye_that_fails_does_not_send_twice(smtp: FakeSmtp) -> None:
    smtp.replies["QUIT"] = HANG_UP
    Smtp(server(smtp)).send(mail())
    assert len(smtp.taken) == 1


def test_a_server_that_is_not_there(smtp: FakeSmtp) -> None:
    nowhere = server(smtp)._replace(port=1)
    assert failure(Smtp(nowhere)).pause == MINUTE


def test_a_server_that_says_nothing(smtp: FakeSmtp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = failure(Smtp(server(smtp)._replace(port=silent.getsockname()[1])))
    assert (str(found), found.pause) == ("SMTPServerDisconnected", MINUTE)


def test_without_a_password_nothing_is_tried(
    smtp: FakeSmtp, cloud: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.use(replace(config.settings, mail_password=""))
    assert "password" in str(failure(Smtp(server(smtp))))
    assert "AUTH" not in smtp.heard


def test_in_the_cloud_the_password_stands_in_ssm(smtp: FakeSmtp, cloud: object) -> None:
    config.use(replace(config.settings, stage="prod", mail_password="not this one"))
    client("ssm").put_parameter(
        Name="/lanyard/prod/smtp-password", Value="from SSM", Type="SecureString"
    )
    Smtp(server(smtp)).send(mail())
    assert smtp.taken[0].login == "kim@example.com:from SSM"


def test_a_batch_shares_a_connection_until_it_fails(smtp: FakeSmtp) -> None:
    transport = Smtp(server(smtp))
    with transport.together():
        for _ in range(3):
            transport.send(mail())
        smtp.replies["RCPT"] = "550 no such user"
        assert failure(transport).permanent
        del smtp.replies["RCPT"]
        transport.send(mail())
    transport.send(mail())
    assert [one.connection for one in smtp.taken] == [1, 1, 1, 2, 3]
    assert smtp.heard.count("QUIT") == 3


def test_threads_do_not_mix_up_their_mails(smtp: FakeSmtp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the address of one and its content another thread sends its own."""
    transport, send_content = Smtp(server(smtp)), smtplib.SMTP.data

    def interrupted(line: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
        monkeypatch.setattr(smtplib.SMTP, "data", send_content)
        at_once(partial(transport.send, mail(LEE.email)))
        return send_content(line, content)

    monkeypatch.setattr(smtplib.SMTP, "data", interrupted)
    with transport.together():
        transport.send(mail(KIM.email))
    assert [(one.recipient, one.connection) for one in smtp.taken] == [
        (LEE.email, 2),
        (KIM.email, 1),
    ]
    for one in smtp.taken:
        assert f"To: {one.recipient}" in one.content.decode()


def test_the_settings_choose_it(app: Flask, smtp: FakeSmtp, cloud: object, time: Time) -> None:
    """A message and the schedule send through it; while it is away, all stays owed."""
    config.use(replace(config.settings, mail_server=server(smtp)))
    conference = cast.make_conference()
    kim, lee = (cast.sign_up(conference, who) for who in (KIM, LEE))
    sns.handle(confirmed(kim), None)
    smtp.replies["connect"] = "421 closing"
    sns.handle(confirmed(lee), None)
    assert [one.recipient for one in smtp.taken] == [KIM.email]
    assert debts.owes_anything(fresh(lee))

    time.pass_(2 * MINUTE)
    assert schedule.every_five_minutes({}, None)["mails"] == 0
    smtp.replies.clear()
    time.pass_(5 * MINUTE)
    assert schedule.every_five_minutes({}, None)["mails"] == 1
    assert [one.recipient for one in smtp.taken] == [KIM.email, LEE.email]
