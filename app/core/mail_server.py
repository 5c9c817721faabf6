"""An SMTP server, as the setting MAIL_URL names it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

FORM = "smtp[s]://user@host:port?rate=5"
PORTS = {"smtp": 587, "smtps": 465}
RATE = 5.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class MailServer(NamedTuple):
    """Where mail is handed over: in TLS from the first byte (`tls`), else after STARTTLS, which
    only a server on this machine may lack. `rate` is in mails a second; without `user` there is
    no password."""

    host: str
    port: int
    user: str
    tls: bool
    rate: float

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        return self.host in LOOPBACK

    @classmethod
    def parse(cls, url: str) -> MailServer:
        """Read it; raises ValueError, in a sentence that does not repeat it."""
        try:
            return cls._parse(url)
        except ValueError as error:
            raise ValueError(f"MAIL_URL is not of the form {FORM}: {error}.") from None

    @classmethod
    def _parse(cls, url: str) -> MailServer:
        parts = urlsplit(url)
        if parts.scheme not in PORTS:
            raise ValueError("it begins with smtp:// or smtps://")
        if parts.password is not None:
            raise ValueError("the password stands elsewhere (docs/operators.md)")
        if not parts.hostname or parts.path.strip("/") or parts.fragment:
            raise ValueError("a host is missing, or something follows it")
        return cls(
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            tls=parts.scheme == "smtps",
            rate=_rate(parts.query),
        )


def _rate(query: str) -> float:
    given = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
    rate = float(given.pop("rate", RATE))
    if given or not 0 < rate < 1000:  # NaN is neither
        raise ValueError("only a rate, in mails a second, may follow the question mark")
    return rate
