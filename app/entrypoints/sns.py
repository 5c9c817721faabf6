"""Messages from SNS: one dispatcher, because Zappa knows one function per topic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.core import messages
from app.core.messages import Message
from app.entrypoints.context import entered
from app.entrypoints.sweep import Sweep
from app.mail import pace
from app.notifications import service as notifications
from app.registrations import news, waiting

Reaction = Callable[[Message], None]


def _pay_debts(message: Message) -> None:
    notifications.pay(message.data["registration_id"])


def _promote(message: Message) -> None:
    waiting.promote(message.data["conference_id"], message.data["type_id"])


def _send_links(message: Message) -> None:
    if pace.is_open():  # else the schedule sends them
        notifications.send_links(message.data["request"])


def _tell_news(message: Message) -> None:
    news.tell(message.data["conference_id"])


# What reacts to what. Each reaction looks at the record, so that a message that comes twice, late
# or out of order has the effect of one.
REACTIONS: dict[str, tuple[Reaction, ...]] = {
    messages.REGISTRATION_CONFIRMED: (_pay_debts,),
    messages.REGISTRATION_WAITING: (_pay_debts,),
    messages.REGISTRATION_PENDING: (_pay_debts,),
    messages.REGISTRATION_OFFERED: (_pay_debts,),
    messages.REGISTRATION_HELD: (_pay_debts,),
    messages.REGISTRATION_CHANGED: (_pay_debts,),
    messages.REGISTRATION_CANCELLED: (_pay_debts,),
    messages.REGISTRATION_REPEATED: (_pay_debts,),
    messages.CONFERENCE_CHANGED: (_tell_news,),
    messages.SEATS_CHANGED: (_promote,),
    messages.PASSES_ASKED_FOR: (_send_links,),
}


def handle(event: dict[str, Any], context: object) -> None:
    """React to the messages of one SNS event; an error makes Lambda deliver it again."""
    with entered(context):
        for record in event["Records"]:
            _react(Message.from_json(record["Sns"]["Message"]))


def _react(message: Message) -> None:
    """Let every reaction have its turn: a pass that cannot be drawn does not keep the mail."""
    sweep = Sweep()
    sweep.each(lambda reaction: reaction(message), REACTIONS[message.type])
    sweep.raise_failures()
