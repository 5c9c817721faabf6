"""Mail through SES, at the rate of the account."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from email.message import EmailMessage
from typing import TYPE_CHECKING

from app import config
from app.aws.clients import client
from app.core.cache import TimedCache
from app.core.clock import MINUTE, SECOND
from app.mail.transport import NotSent, as_sent, recipient

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

SANDBOX_RATE = 1.0  # mails a second: what every account may send
# https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html
THROTTLED = ("Throttling", "ThrottlingException")
RATE_PAUSE = SECOND
QUOTA_PAUSE = 10 * MINUTE  # the quota is that of the last 24 hours: it comes back bit by bit
PAUSED = "AccountSendingPausedException"
REFUSED = ("MessageRejected", "InvalidParameterValue")

_rates: TimedCache[float] = TimedCache(lambda: 300)

log = logging.getLogger(__name__)


class Ses:
    """Amazon's mail service."""

    def send(self, mail: EmailMessage) -> None:
        """Hand over one mail; raises NotSent. The SDK does not try again: the record does."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            client("ses").send_raw_email(
                Source=config.settings.mail_sender,
                Destinations=[recipient(mail)],
                RawMessage={"Data": as_sent(mail)},
            )
        except ClientError as error:
            raise _not_sent(error) from None
        except BotoCoreError as error:
            raise NotSent(type(error).__name__) from None

    def rate(self) -> float:
        """The account's, asked for every 5 minutes at most; the sandbox's if SES does not tell."""
        return _rates.get("rate", _ask) or SANDBOX_RATE

    def together(self) -> AbstractContextManager[None]:
        """Nothing to share: the client keeps its connections."""
        return nullcontext()


def _ask() -> float:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return float(client("ses").get_send_quota()["MaxSendRate"])
    except (BotoCoreError, ClientError) as error:
        log.warning("SES does not tell the account's rate: %s", type(error).__name__)
        return SANDBOX_RATE


def _not_sent(error: ClientError) -> NotSent:
    """What an error of SES means. Its message may hold the address: it is read, not told."""
    told = error.response["Error"]
    code, message = told["Code"], told.get("Message") or ""
    if code in THROTTLED and "quota" in message:
        return NotSent(f"{code}: the day's quota is used up", pause=QUOTA_PAUSE)
    if code in THROTTLED:
        return NotSent(f"{code}: too fast", pause=RATE_PAUSE)
    if code == PAUSED:
        return NotSent(code, pause=QUOTA_PAUSE)
    # In the sandbox recipients have to be verified; so has the sender, always. Both can be mended.
    unverified = "not verified" in message
    return NotSent(code, permanent=code in REFUSED and not unverified)
