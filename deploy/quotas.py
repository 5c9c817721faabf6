"""What the account lets Lanyard do at once and in a day, and what that means for a conference."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import ClientError

from deploy.live import Live

# Of the function's time, all that one sign-up takes: page, form, pass page, image and mail.
SECONDS_A_SIGN_UP = 0.3
USUAL = 1000  # Lambda's functions at once
UNLIMITED = -1  # SES's mails a day


@dataclass(frozen=True)
class Quotas:
    """Mails a day and a second, whether only to verified addresses, whether the sender is one;
    functions at once."""

    mails_a_day: float
    mails_a_second: float
    sandbox: bool
    sending: bool
    sender: str
    sender_verified: bool
    at_once: int


def tell(live: Live) -> list[str]:
    """What the account's quotas are and mean, in sentences; raises ClientError."""
    return sentences(read(live))


def read(live: Live) -> Quotas:
    """The account's quotas as they are now."""
    mail = live.aws.client("sesv2").get_account()
    sender = live.settings["environment_variables"]["LANYARD_MAIL_SENDER"]
    limits = live.aws.client("lambda").get_account_settings()["AccountLimit"]
    return Quotas(
        mails_a_day=mail["SendQuota"]["Max24HourSend"],
        mails_a_second=mail["SendQuota"]["MaxSendRate"],
        sandbox=not mail["ProductionAccessEnabled"],
        sending=mail["SendingEnabled"],
        sender=sender,
        sender_verified=any(_is_verified(live, one) for one in (sender, sender.partition("@")[2])),
        at_once=limits["UnreservedConcurrentExecutions"],
    )


def _is_verified(live: Live, identity: str) -> bool:
    try:
        found = live.aws.client("sesv2").get_email_identity(EmailIdentity=identity)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NotFoundException":
            return False
        raise
    return bool(found["VerifiedForSendingStatus"])


def sentences(quotas: Quotas) -> list[str]:
    """Each quota, what it means, and how to ask for more where that is worth it."""
    return [*_of_mail(quotas), _of_functions(quotas)]


def _of_mail(quotas: Quotas) -> list[str]:
    limited = quotas.mails_a_day != UNLIMITED
    a_day = f"{quotas.mails_a_day:,.0f}" if limited else "any number"
    rate = (
        f"Mail: {a_day} a day, {quotas.mails_a_second:g} a second: the mails of "
        f"500 sign-ups take {_duration(500 / quotas.mails_a_second)}"
    )
    if limited and quotas.mails_a_day < 500:
        rate += f", and only {a_day} of them go out on the first day"
    lines = [f"{rate}. What is over waits, and nothing is lost."]
    if quotas.sandbox:
        lines.append(
            "Mail: the account is in SES's sandbox and reaches verified addresses alone. Ask for "
            "production access: SES console, Account dashboard, Request production access."
        )
    if not quotas.sending:
        lines.append("Mail: SES has paused the account's sending: see its Account dashboard.")
    if not quotas.sender_verified:
        lines.append(
            f"Mail: {quotas.sender} is not verified, so none goes out: `aws sesv2 "
            f"create-email-identity --email-identity {quotas.sender}`, then press the link in the "
            "mail that comes."
        )
    return lines


def _of_functions(quotas: Quotas) -> str:
    rate = quotas.at_once / SECONDS_A_SIGN_UP
    line = f"Functions: {quotas.at_once:,} at once, about {rate:,.0f} sign-ups a second."
    if quotas.at_once >= USUAL:
        return line
    return (
        f"{line} Who comes at the same moment beyond that is asked to try again. Ask for "
        f"{USUAL:,}: Service Quotas console, AWS Lambda, Concurrent executions."
    )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
