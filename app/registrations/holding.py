"""Seats that are held for a time: an offer to be accepted, an address to be confirmed."""

from __future__ import annotations

from app.core.clock import now_ms
from app.core.errors import ChangedMeanwhile, TimeIsUp
from app.registrations import debts, records, rules
from app.registrations.changing import make
from app.registrations.models import Registration
from app.registrations.rules import Mail, Move, State


def accept(registration: Registration) -> Registration:
    """Take the seat that is offered. Raises NotMovable, TimeIsUp, ChangedMeanwhile."""
    return _in_time(registration, Move.ACCEPT)


def confirm_address(registration: Registration) -> Registration:
    """Make the seat final: the mail with the link has come to its owner. Raises NotMovable,
    TimeIsUp, ChangedMeanwhile."""
    return _in_time(registration, Move.CONFIRM)


def _in_time(registration: Registration, move: Move) -> Registration:
    rules.after(State(registration.state), move)
    if is_up(registration):
        run_out(int(registration.registration_id))
        raise TimeIsUp
    return make(registration, move, Mail.CONFIRMED)


def run_out(registration_id: int) -> bool:
    """Give the seat to the next in line if its time is up; False if it is not, or if the seat was
    accepted or given up at the last moment."""
    registration = records.find(registration_id)
    if registration is None or not is_up(registration):
        return False
    # An address that nobody has confirmed may be a stranger's: no more mail.
    mail = Mail.RUN_OUT if registration.state == State.OFFERED else None
    try:
        make(registration, Move.RUN_OUT, mail)
    except ChangedMeanwhile:
        return False
    return True


def is_up(registration: Registration) -> bool:
    """Whether it holds a seat for a time, and that has run out."""
    return rules.is_up(State(registration.state), debts.seat_until(registration), now_ms())
