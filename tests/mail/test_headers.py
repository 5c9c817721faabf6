"""Headers are read as they were meant, by a parser that is not Python's."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage

import fast_mail_parser
import pytest

from app.mail import headers
from app.mail.transport import as_sent

NAME = "새 참가증: 가람강 유역 개발자 공동체 연합 국제 학술 콘퍼런스와 Donau 데이터와 하루, 🎉 x"


@pytest.mark.parametrize("begin", range(12))
def test_text_of_any_length_keeps_its_blanks(begin: int) -> None:
    for end in range(begin + 2, len(NAME) + 1):
        text = NAME[begin:end].strip()
        mail = EmailMessage(headers.POLICY)
        mail["Subject"] = text
        mail["From"] = Address(text, addr_spec="mail@example.com")
        mail["To"] = "somebody@example.com"
        raw = as_sent(mail)
        read = fast_mail_parser.parse_email(raw)
        assert read.from_
        assert (read.subject, read.from_.display_name) == (text, text)
        assert read.from_.address == "mail@example.com"
        assert max(map(len, re.findall(rb"=\?.*?\?=", raw)), default=0) <= 75
        assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_a_long_link_stays_one() -> None:
    link = f"<https://{'a' * 60}.example.com/stage/passes/{'b' * 28}/cancel?lang=ko>"
    mail = EmailMessage(headers.POLICY)
    mail[headers.UNSUBSCRIBE] = link
    assert f"List-Unsubscribe: {link}\r\n".encode() in as_sent(mail)
