"""What registrations offer to the domains that build on them."""

from __future__ import annotations

from app.registrations.changing import cancel, edit, reissue
from app.registrations.locks import mail_link_again
from app.registrations.records import by_secret, find, listed, of_address, person_of
from app.registrations.signing_up import Attempt, Found, Outcome, register, require_open

__all__ = [
    "Attempt",
    "Found",
    "Outcome",
    "by_secret",
    "cancel",
    "edit",
    "find",
    "listed",
    "mail_link_again",
    "of_address",
    "person_of",
    "register",
    "reissue",
    "require_open",
]
