"""Races are run twice: on the plain cloud, and with conflicts that it never has by itself."""

from __future__ import annotations

import pytest

from tests.faults import faults
from tests.faults.conftest import injector, microburst
from tests.faults.injector import Injector

__all__ = ["injector", "microburst"]  # fixtures

CONFLICTS = 0.3


@pytest.fixture(params=["plain", "with conflicts"])
def anyhow(request: pytest.FixtureRequest) -> None:
    """The cloud as it is, and the cloud through a proxy that makes conflicts."""
    if request.param != "plain":
        proxy: Injector = request.getfixturevalue("injector")
        proxy.inject(*faults.conflicting(CONFLICTS))
