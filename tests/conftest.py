"""An emulated AWS for each test process, emptied for each test that asks for it."""

from __future__ import annotations

import os
import signal

os.environ.pop("AWS_ENDPOINT_URL", None)
os.environ["LANYARD_STAGE"] = "local"  # read when app.config is imported below

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app import config
from app.aws import clients, parameters, tables
from app.conferences.rules import Conference
from app.core import cache, clock
from app.local import cloud as local_cloud
from app.local import provision
from tests import cast, rendered
from tests.infra import tables as deployed_tables
from tests.pages import ORIGIN, PageClient


def pytest_configure(config: pytest.Config) -> None:
    """A shell that starts us in the background has us ignore Ctrl-C; then all that we start would
    ignore it, too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(rendered)


@pytest.fixture(scope="session")
def emulator() -> Iterator[local_cloud.EphemeralCloud]:
    """One emulated AWS for this process."""
    with local_cloud.ephemeral() as emulator:
        os.environ.update(emulator.environ)
        clients.forget_clients()
        tables.forget_connections()
        yield emulator


@pytest.fixture
def cloud(emulator: local_cloud.EphemeralCloud) -> Iterator[local_cloud.EphemeralCloud]:
    """The emulated AWS with everything Lanyard needs, and nothing in it; its tables are those of
    infra/base.yaml."""
    config.use(replace(config.settings, public_url=ORIGIN))
    emulator.reset()
    parameters.secret.cache_clear()
    cache.clear_all()
    deployed_tables.create(config.settings.stage)
    provision.ensure(config.settings)
    yield emulator
    clock.set_source(None)


@pytest.fixture(scope="session")
def app(emulator: local_cloud.EphemeralCloud) -> Flask:
    """The app as it is served."""
    from wsgi import app

    app.testing = True
    app.test_client_class = PageClient
    return app


@pytest.fixture
def client(app: Flask, cloud: local_cloud.EphemeralCloud) -> PageClient:
    """A browser without a script, at an empty Lanyard."""
    browser = app.test_client()
    assert isinstance(browser, PageClient)
    return browser


@pytest.fixture
def conference(cloud: local_cloud.EphemeralCloud) -> Conference:
    """An open conference: 20 full passes, 2 places in the workshop."""
    return cast.make_conference()
