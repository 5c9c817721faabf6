"""boto3's clients, made when first used: importing boto3 is the dearest part of a cold start."""

from __future__ import annotations

from functools import cache
from threading import RLock
from typing import Any

from app import config

# A mail that was not taken stays owed on its record, and is not throttled three times over.
RETRIES = {"ses": 0}

# Held while something is made that all threads use: botocore's session makes one client at a
# time, and PynamoDB refuses a table that two threads add to a connection.
making = RLock()


@cache
def session() -> Any:
    """botocore's session, one for boto3 and PynamoDB: its models are large."""
    import botocore.session

    return botocore.session.get_session()


@cache
def _boto3() -> Any:
    import boto3

    return boto3.Session(botocore_session=session())


_clients: dict[str, Any] = {}


def client(service: str) -> Any:
    """The client of one AWS service in the deployment's region; follows AWS_ENDPOINT_URL."""
    with making:
        if service not in _clients:
            _clients[service] = _make(service)
        return _clients[service]


def _make(service: str) -> Any:
    from botocore.config import Config

    return _boto3().client(
        service,
        region_name=config.settings.region,
        config=Config(
            connect_timeout=3,
            read_timeout=10,
            retries={"mode": "standard", "max_attempts": RETRIES.get(service, 3)},
            max_pool_connections=32,
        ),
    )


def disconnect() -> None:
    """Close the clients' connections before a fork: two processes cannot use the same one.

    A client that is used again opens new ones.
    """
    for made in _clients.values():
        made.close()


def forget_clients() -> None:
    """Drop all clients, so that the next ones follow the present settings (in tests)."""
    _clients.clear()
    for made in (_boto3, session):
        made.cache_clear()
