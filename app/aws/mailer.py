"""Sending mail through SES."""

from __future__ import annotations

from email.message import EmailMessage

from app import config
from app.aws.clients import client


class NotSent(Exception):
    """SES did not take the mail; `permanent` says that trying again will not help."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


def send(mail: EmailMessage) -> None:
    """Hand one mail to SES; raises NotSent."""
    from botocore.exceptions import BotoCoreError, ClientError

    [address] = mail["To"].addresses  # exactly one, as the envelope says it again
    try:
        client("ses").send_raw_email(
            Source=config.settings.mail_sender,
            Destinations=[address.addr_spec],
            RawMessage={"Data": mail.as_bytes()},
        )
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise NotSent(
            code, permanent=code in ("MessageRejected", "InvalidParameterValue")
        ) from None
    except BotoCoreError as error:
        raise NotSent(type(error).__name__, permanent=False) from None
