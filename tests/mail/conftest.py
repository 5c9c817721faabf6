"""A SES with limits, and a time that passes when somebody waits."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from app.aws import clients
from app.core import clock
from app.core.clock import SECOND
from app.passes import service as passes
from tests.mail import fake_ses
from tests.mail.fake_ses import FakeSes

SES_URL = "AWS_ENDPOINT_URL_SES"


@pytest.fixture
def ses(cloud: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSes]:
    """SES with a rate of 14 a second, in place of the emulated one."""
    monkeypatch.setattr(passes, "_draw", lambda *_: b"image")
    ses = FakeSes()
    with fake_ses.serve(ses) as address:
        os.environ[SES_URL] = address
        clients.forget_clients()
        yield ses
        del os.environ[SES_URL]
        clients.forget_clients()


class Time:
    """Now, in milliseconds."""

    def __init__(self) -> None:
        self.now = clock.now_ms()

    def pass_(self, ms: int) -> None:
        """Let it pass."""
        self.now += ms


@pytest.fixture
def time(cloud: object) -> Time:
    """A time that stands still, but for those who wait and those who let it pass."""
    time = Time()
    clock.set_source(lambda: time.now, lambda seconds: time.pass_(round(seconds * SECOND)))
    return time
