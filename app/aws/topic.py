"""Publishing messages to SNS."""

from __future__ import annotations

import logging

from app import config
from app.aws.clients import client
from app.core.messages import Message

log = logging.getLogger(__name__)


def publish(type_: str, **ids: int | str) -> None:
    """Tell the others a fact. A topic out of reach is logged, not raised: the record says what
    is owed, and the schedule finds it there."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client("sns").publish(
            TopicArn=config.settings.topic_arn, Message=Message(type_, ids).to_json()
        )
    except (BotoCoreError, ClientError) as error:
        log.warning("message %s not published: %s", type_, type(error).__name__)
