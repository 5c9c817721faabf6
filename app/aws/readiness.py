"""Whether what a request needs can be reached."""

from __future__ import annotations

import logging
from collections.abc import Callable

from app import config
from app.aws.clients import client

log = logging.getLogger(__name__)


def check() -> dict[str, bool]:
    """Each service, and whether it answers this deployment's role."""
    return {name: _answers(name, ask) for name, ask in _QUESTIONS.items()}


def _tables() -> None:
    table = config.settings.table("slugs")
    client("dynamodb").get_item(TableName=table, Key={"slug": {"S": "-"}})


def _bucket() -> None:
    client("s3").head_bucket(Bucket=config.settings.derived_bucket)


def _topic() -> None:
    client("sns").get_topic_attributes(TopicArn=config.settings.topic_arn)


_QUESTIONS: dict[str, Callable[[], None]] = {
    "dynamodb": _tables,
    "s3": _bucket,
    "sns": _topic,
}


def _answers(name: str, ask: Callable[[], None]) -> bool:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        ask()
    except (BotoCoreError, ClientError) as error:
        log.warning("%s does not answer: %s", name, type(error).__name__)
        return False
    return True
