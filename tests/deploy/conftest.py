"""The emulated account that deployments are tried in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.local import cloud as local_cloud


@pytest.fixture(scope="module")
def account(request: pytest.FixtureRequest) -> Iterator[local_cloud.EphemeralCloud]:
    """One that knows the `SERVICES` of the module."""
    with local_cloud.ephemeral(services=request.module.SERVICES) as emulator:
        yield emulator
