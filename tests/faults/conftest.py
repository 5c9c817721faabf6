"""A microburst for each test process, through which the app speaks where a test asks for it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from app.aws import clients, tables
from app.local.cloud import EphemeralCloud
from tests.faults import injector as injectors
from tests.faults.injector import Injector


@pytest.fixture(scope="session")
def microburst(emulator: EphemeralCloud) -> Iterator[Injector]:
    """One microburst in front of the process's emulated AWS."""
    with injectors.running(emulator.endpoint.url) as injector:
        yield injector


@pytest.fixture
def injector(cloud: EphemeralCloud, microburst: Injector) -> Iterator[Injector]:
    """The app speaks to an empty cloud through it; no fault is injected yet."""
    microburst.forget()
    _speak_to(microburst.url)
    yield microburst
    _speak_to(cloud.endpoint.url)


def _speak_to(url: str) -> None:
    os.environ["AWS_ENDPOINT_URL"] = url
    clients.forget_clients()
    tables.forget_connections()
