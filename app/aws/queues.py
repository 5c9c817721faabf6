"""SQS: the queues in which messages lie that nobody could handle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.aws.clients import client

BATCH = 10  # the most that SQS hands out at once
HIDDEN_SECONDS = 300  # so long a message is ours before others see it again


@dataclass(frozen=True)
class Letter:
    """A message in a queue."""

    queue_url: str
    receipt: str
    body: str


def depth(name: str) -> int:
    """About how many messages lie in a queue; 0 if there is no such queue."""
    url = _url(name)
    if url is None:
        return 0
    wanted = "ApproximateNumberOfMessages"
    found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[wanted])
    return int(found["Attributes"][wanted])


def take(name: str) -> Iterator[Letter]:
    """Each message that lies in a queue now. One that is not removed is seen again later."""
    url = _url(name)
    while url is not None:
        found = client("sqs").receive_message(
            QueueUrl=url, MaxNumberOfMessages=BATCH, VisibilityTimeout=HIDDEN_SECONDS
        )
        if not found.get("Messages"):
            return
        for message in found["Messages"]:
            yield Letter(url, message["ReceiptHandle"], message["Body"])


def remove(letter: Letter) -> None:
    """Take a message out of its queue for good."""
    client("sqs").delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)


def _url(name: str) -> str | None:
    sqs = client("sqs")
    try:
        url: str = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        return None
    return url
