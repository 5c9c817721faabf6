"""Threads that come first together find one connection; nobody is turned away for coming early."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial

import pytest
from pynamodb.connection import Connection

from app.aws import tables
from app.aws.clients import client, forget_clients
from app.registrations.models import Registration
from tests.races.guards import SECONDS, at_once

MANY, ROUNDS = 8, 20


@pytest.fixture
def hasty(cloud: object) -> Iterator[None]:
    """Threads that give way to each other all the time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.fixture
def nothing_made(cloud: object) -> Iterator[None]:
    """A process that has not spoken to AWS yet."""
    tables.forget_connections()
    yield
    tables.forget_connections()


def connection() -> Connection:
    return Registration._get_connection().connection


def test_they_share_one(hasty: None) -> None:
    for _ in range(ROUNDS):
        tables.forget_connections()
        assert len(set(at_once(*[connection] * MANY))) == 1


def test_without_the_guard_one_of_them_fails(
    nothing_made: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2)
    real = Connection.add_meta_table

    def meeting(self: Connection, *args: object) -> None:
        both.wait(SECONDS)
        real(self, *args)  # type: ignore[arg-type]

    tables._connect()
    monkeypatch.setattr(tables, "making", nullcontext())
    monkeypatch.setattr(Connection, "add_meta_table", meeting)
    with pytest.raises(ValueError, match="already added"):
        at_once(connection, connection)


def test_they_share_one_client(hasty: None) -> None:
    for _ in range(ROUNDS):
        forget_clients()
        assert len(set(at_once(*[partial(client, "sns")] * MANY))) == 1
