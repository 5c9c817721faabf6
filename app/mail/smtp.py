"""Mail through an SMTP server."""

from __future__ import annotations

import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from functools import cached_property

from app import config
from app.aws import parameters
from app.core.clock import MINUTE
from app.core.mail_server import MailServer
from app.mail.transport import NotSent, recipient

PASSWORD = "smtp-password"  # noqa: S105  the parameter's name
TIMEOUT_SECONDS = 10
PAUSE = MINUTE
QUOTA_PAUSE = 10 * MINUTE
# Said of one mail, meant for all (RFC 5321; 454 is SES's throttling): not now, too busy.
BUSY = (421, 452, 454)
# RFC 3463: congestion. Gmail says it with 550 when the day's limit is reached.
CONGESTED = "5.4.5"

_Answered = smtplib.SMTPResponseException


class _Line(threading.local):
    """The connection of a thread. If two spoke into one, the mail of one person would go to the
    address of another."""

    kept: smtplib.SMTP | None = None
    is_for_a_batch = False


class Smtp:
    """One server. A mail has a connection of its own, so that many functions at once do not hold
    many idle ones; mails of a batch share one, those of two threads never."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._line = _Line()

    def send(self, mail: EmailMessage) -> None:
        """Hand over one mail; raises NotSent."""
        try:
            self._line.kept = self._line.kept or self._connect()
            self._line.kept.send_message(mail, config.settings.mail_sender, [recipient(mail)])
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            raise _not_sent(error) from None
        if not self._line.is_for_a_batch:
            self._hang_up()

    def rate(self) -> float:
        """What the settings say."""
        return self._server.rate

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep the connection from mail to mail; after a failure the next mail makes a new one."""
        self._line.is_for_a_batch = True
        try:
            yield
        finally:
            self._line.is_for_a_batch = False
            self._hang_up()

    def _connect(self) -> smtplib.SMTP:
        server, name = self._server, config.settings.mail_sender.rpartition("@")[2]
        if server.tls:
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, name, timeout=TIMEOUT_SECONDS, context=self._trust
            )
        else:
            line = smtplib.SMTP(server.host, server.port, name, timeout=TIMEOUT_SECONDS)
        try:
            self._introduce(line)
        except BaseException:
            line.close()
            raise
        return line

    def _introduce(self, line: smtplib.SMTP) -> None:
        """Make sure that nobody listens, then say who we are."""
        if not (self._server.tls or self._server.is_here):
            line.starttls(context=self._trust)  # raises if the server has none
        if self._server.user:
            line.login(self._server.user, _password())

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def _hang_up(self) -> None:
        line, self._line.kept = self._line.kept, None
        if line:
            # The mail's fate is known: a server that does not say goodbye does not change it.
            with suppress(smtplib.SMTPException, OSError):
                line.quit()
            line.close()


def _password() -> str:
    """The server's password: on a laptop from the environment, else from SSM; raises NotSent."""
    settings = config.settings
    password = settings.mail_password if settings.is_local else parameters.given(PASSWORD)
    if not password:
        raise NotSent("the SMTP server's password is not set", pause=PAUSE)
    return password


def _not_sent(error: smtplib.SMTPException | OSError) -> NotSent:
    """What an error means. What is said about the recipient or the content concerns the mail; all
    else (connection, certificate, password, sender) would keep every other mail, too. The server's
    words may hold the address: they are not told."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, words)] = error.recipients.values()
        return _refused(code, str(words))
    if isinstance(error, smtplib.SMTPDataError):
        return _refused(error.smtp_code, str(error.smtp_error))
    return NotSent(_named(error), pause=PAUSE)


def _refused(code: int, words: str) -> NotSent:
    if CONGESTED in words:
        return NotSent(f"SMTP {code}: the day's limit is reached", pause=QUOTA_PAUSE)
    return NotSent(f"SMTP {code}", permanent=code >= 500, pause=PAUSE if code in BUSY else 0)


def _named(error: Exception) -> str:
    name = type(error).__name__
    return f"{name} {error.smtp_code}" if isinstance(error, _Answered) else name
