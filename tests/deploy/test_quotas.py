"""What the account's quotas mean, in sentences."""

from __future__ import annotations

from dataclasses import replace

from deploy import quotas
from deploy.quotas import Quotas

GROWN = Quotas(
    mails_a_day=50_000,
    mails_a_second=14,
    sandbox=False,
    sending=True,
    sender="lanyard@example.com",
    sender_verified=True,
    at_once=1000,
)
NEW = replace(
    GROWN, mails_a_day=200, mails_a_second=1, sandbox=True, sender_verified=False, at_once=10
)


def test_a_grown_account_has_nothing_to_ask_for() -> None:
    said = " ".join(quotas.sentences(GROWN))
    assert "50,000 a day, 14 a second: the mails of 500 sign-ups take 36 seconds" in said
    assert "1,000 at once, about 3,333 sign-ups a second." in said
    assert "Ask" not in said


def test_a_new_account_is_told_how_to_ask() -> None:
    said = " ".join(quotas.sentences(NEW))
    assert "take 8 minutes, and only 200 of them go out on the first day" in said
    assert "production access" in said
    assert "aws sesv2 create-email-identity --email-identity lanyard@example.com" in said
    assert "10 at once, about 33 sign-ups a second." in said
    assert "Service Quotas" in said


def test_an_account_without_a_limit_a_day_is_told_so() -> None:
    """SES says -1 then."""
    said = " ".join(quotas.sentences(replace(GROWN, mails_a_day=-1)))
    assert "Mail: any number a day, 14 a second: the mails of 500 sign-ups take 36 seconds." in said


def test_a_paused_account_is_told() -> None:
    assert "paused" in " ".join(quotas.sentences(replace(GROWN, sending=False)))
