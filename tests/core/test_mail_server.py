"""The setting MAIL_URL."""

from __future__ import annotations

import pytest

from app.config import Settings
from app.core.mail_server import MailServer


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", MailServer("mail.example.com", 587, "", False, 5)),
        ("smtps://kim@mail.example.com", MailServer("mail.example.com", 465, "kim", True, 5)),
        ("smtp://kim%40example.com@m.example.com:25/?rate=0.5",
         MailServer("m.example.com", 25, "kim@example.com", False, 0.5)),
        ("smtp://[::1]:1025", MailServer("::1", 1025, "", False, 5)),
    ],
)  # fmt: skip
def test_a_server(url: str, server: MailServer) -> None:
    assert MailServer.parse(url) == server
    assert server.is_here == (server.host == "::1")


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://kim:open-sesame@mail.example.com",
        "smtp://kim:@mail.example.com",
        "smtp://mail.example.com:port",
        "smtp://mail.example.com/inbox",
        "smtp://mail.example.com?rate=0",
        "smtp://mail.example.com?rate=nan",
        "smtp://mail.example.com?rate=fast",
        "smtp://mail.example.com?rate",
        "smtp://mail.example.com?speed=5",
    ],
)
def test_what_is_no_server_is_said(url: str) -> None:
    with pytest.raises(ValueError, match=r"^MAIL_URL is not of the form .*\.$") as refusal:
        Settings.from_environ({"MAIL_URL": url})
    assert "sesame" not in str(refusal.value)


def test_the_password_is_not_shown() -> None:
    settings = Settings.from_environ({"MAIL_PASSWORD": "open sesame"})
    assert settings.mail_password == "open sesame"
    assert "sesame" not in repr(settings)
