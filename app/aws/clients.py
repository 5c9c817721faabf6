"""boto3's clients, made when first used: importing boto3 is the dearest part of a cold start."""

from __future__ import annotations

from functools import cache
from typing import Any

from app import config


@cache
def client(service: str) -> Any:
    """The client of one AWS service in the deployment's region; follows AWS_ENDPOINT_URL."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        region_name=config.settings.region,
        config=Config(
            connect_timeout=3,
            read_timeout=10,
            retries={"mode": "standard", "max_attempts": 3},
            max_pool_connections=32,
        ),
    )


def forget_clients() -> None:
    """Drop all clients: a forked process must not share its parent's connections."""
    client.cache_clear()
