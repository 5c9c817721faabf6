"""E-mail addresses, normalised the one way in which they are kept and compared."""

from __future__ import annotations

from enum import Enum, auto

from app.core import text

LENGTH = 254  # RFC 5321, 4.5.3.1.3 less the angle brackets


class Wrong(Enum):
    """What is wrong with an address."""

    MISSING = auto()
    TOO_LONG = auto()
    INCOMPLETE = auto()
    NOT_ASCII = auto()  # before the @: SES cannot send to it
    IMPOSSIBLE = auto()


class NotAnAddress(ValueError):
    """The text is no address that mail can be sent to; `wrong` says why."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.name)
        self.wrong = wrong


def normalise(typed: str) -> str:
    """NFKC, trimmed, in lower case, the domain in IDNA; raises NotAnAddress. No dot or plus is
    stripped: they may be another person's."""
    from email_validator import EmailNotValidError, validate_email

    plain = text.clean_digits(text.without_format_signs(typed)).lower()
    if not plain:
        raise NotAnAddress(Wrong.MISSING)
    if len(plain) > LENGTH:
        raise NotAnAddress(Wrong.TOO_LONG)
    try:
        valid = validate_email(plain, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise NotAnAddress(_what_is_wrong(plain)) from None
    if "=?" in valid.local_part:  # a mail program would read an encoded word (RFC 2047) in it
        raise NotAnAddress(Wrong.IMPOSSIBLE)
    return f"{valid.local_part}@{valid.ascii_domain}".lower()


def _what_is_wrong(plain: str) -> Wrong:
    local, at, domain = plain.rpartition("@")
    if at and local and not local.isascii():
        return Wrong.NOT_ASCII
    if not at or not local or "." not in domain.strip("."):
        return Wrong.INCOMPLETE
    return Wrong.IMPOSSIBLE
