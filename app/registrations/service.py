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
    was_given_away,
)
from app.registrations.consent import agree
from app.registrations.consent import is_missing as consent_is_missing
from app.registrations.debts import mail_link_again
from app.registrations.holding import accept, confirm_address, run_out
from app.registrations.records import by_secret, find, listed, of_address, person_of, standing
from app.registrations.signing_up import Attempt, Found, Outcome, register, require_open

__all__ = [
    "Attempt",
    "Found",
    "Outcome",
    "accept",
    "agree",
    "approve",
    "by_secret",
    "cancel",
    "change_type",
    "confirm_address",
    "consent_is_missing",
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
    "run_out",
    "standing",
    "transfer",
    "was_given_away",
]
