"""What registrations offer to the domains that build on them."""

from __future__ import annotations

from app.registrations.changing import (
    approve,
    cancel,
    change_type,
    decline,
    edit,
    reissue,
    transfer,
)
from app.registrations.debts import mail_link_again
from app.registrations.records import by_secret, find, listed, of_address, person_of
from app.registrations.signing_up import Attempt, Found, Outcome, register, require_open

__all__ = [
    "Attempt",
    "Found",
    "Outcome",
    "approve",
    "by_secret",
    "cancel",
    "change_type",
    "decline",
    "edit",
    "find",
    "listed",
    "mail_link_again",
    "of_address",
    "person_of",
    "register",
    "reissue",
    "require_open",
    "transfer",
]
