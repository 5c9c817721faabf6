"""What a process needs of the embedded cloud: a server owns it, other commands join it."""

from __future__ import annotations

import atexit
import dataclasses
import errno
import gc
import importlib
import importlib.util
import logging
import os
import socket
import sys
from typing import NoReturn

import click
from flask import Flask
from flask.helpers import get_debug_flag

from app import config
from app.aws import clients, tables
from app.config import LOCAL, Settings
from app.local import cloud, provision, translations, venv, worker
from app.local.child import Child, command, fork

# Commands that work without records: no cloud is started for them.
WITHOUT_CLOUD = {"routes", "--help", "--version"}

# What the serving processes use sooner or later.
LOADED_LATER = (
    "PIL.Image",
    "PIL.ImageDraw",
    "PIL.ImageFont",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.serialization",
    "email_validator",
    "icalendar",
    "segno",
)
WARM_PATHS = ("/", "/c/demo?lang=ko", "/c/demo?lang=en", "/my")

_gunicorn = False


def under_gunicorn() -> None:
    """Called by gunicorn.conf.py: the application that is made next is served from here."""
    global _gunicorn  # noqa: PLW0603  said once, before the application is made
    _gunicorn = True


def boot(settings: Settings) -> Settings:
    """See to it that this process has a cloud; the settings it then works with.

    Ends the process with one sentence where that cannot be.
    """
    if "AWS_ENDPOINT_URL" in os.environ:
        return _inside(settings)
    context = click.get_current_context(silent=True)
    try:
        if _gunicorn:
            return _serve(settings, reloading=False)
        if context and context.info_name == "run":
            return _serve(_as_asked(settings, context), reloading=_reloads(context))
        if not WITHOUT_CLOUD.intersection(sys.argv[1:]):
            _use(cloud.join(settings), settings)
    except (cloud.FolderInUse, cloud.CloudFailed) as error:
        _give_up(str(error))
    return settings


def announce(settings: Settings) -> None:
    """Tell where the application is."""
    click.echo(
        f"Lanyard is running at {settings.public_url}/ (Ctrl-C stops it)\n"
        f"  a conference to try:  {settings.public_url}/c/demo\n"
        f"  mail that it sent:    {settings.public_url}/dev/outbox",
        err=True,
    )


def _inside(settings: Settings) -> Settings:
    """A cloud is there already. The process that flask's reloader starts again and again has a
    worker of its own, which therefore runs the same code."""
    if settings.is_local and os.environ.get("WERKZEUG_RUN_MAIN") == "true":
        quiet_requests()
        _start_worker()
    return settings


def _serve(settings: Settings, *, reloading: bool) -> Settings:
    _refuse_taken_port(settings.port)
    translations.compile_outdated()
    quiet_requests()
    running = cloud.start(settings)
    _use(running, settings)
    _demonstrate()
    running.save()
    if not (_gunicorn or reloading):
        _start_worker()
    if not _gunicorn:
        announce(settings)
    return settings


def before_forking(app: Flask) -> None:
    """Called by gunicorn.conf.py when the application is about to be served: the forks get a
    process that has loaded, once for all of them, what they would load each."""
    os.register_at_fork(before=_disconnect)
    for module in LOADED_LATER:
        importlib.import_module(module)
    for service in cloud.SERVICES:
        clients.client(service)
    for path in WARM_PATHS:
        app.test_client().get(path)
    gc.collect()
    gc.freeze()  # or the forks' collectors would write to, and so copy, all that is shared
    atexit.register(Child("The worker", fork(worker.run)).stop)
    announce(config.settings)


def _use(running: cloud.Cloud, settings: Settings) -> None:
    """Let this process, and all that it starts, work on that cloud."""
    atexit.register(running.stop)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        cloud.environ_for(running.endpoint, settings.region),
        LANYARD_STAGE=LOCAL,
        LANYARD_DATA=str(settings.data_dir),
        PORT=str(settings.port),
        PUBLIC_URL=settings.public_url,
    )
    config.use(settings)
    if running.owned:
        provision.ensure(settings)


def _start_worker() -> None:
    arguments = [sys.executable, "-m", "app.local.worker"]
    environ = {**os.environ, "PYTHONPATH": str(venv.ROOT)}
    atexit.register(Child("The worker", command(arguments, environ)).stop)


def _demonstrate() -> None:
    """A new folder of data gets a conference to look at."""
    if importlib.util.find_spec("app.local.demo"):
        importlib.import_module("app.local.demo").ensure()


def _as_asked(settings: Settings, context: click.Context) -> Settings:
    """`flask run` has a port and an address of its own, which links have to lead to."""
    port: int = context.params["port"]
    if os.environ.get("PUBLIC_URL"):
        return dataclasses.replace(settings, port=port)
    return dataclasses.replace(settings, port=port, public_url=f"http://127.0.0.1:{port}")


def _reloads(context: click.Context) -> bool:
    asked = context.params["reload"]
    return get_debug_flag() if asked is None else bool(asked)


def _refuse_taken_port(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else "may not be used here"
        _give_up(f"Port {port} {why}: choose another one with PORT.")


def _disconnect() -> None:
    clients.disconnect()
    tables.disconnect()


def quiet_requests() -> None:
    """Keep the paths of requests out of the servers' logs: a pass's address is a secret."""
    for name in ("werkzeug", "gunicorn.error"):
        logging.getLogger(name).addFilter(_without_path)


def _without_path(record: logging.LogRecord) -> bool:
    # gunicorn.workers.base.Worker.handle_error names the address, or quotes a broken request.
    if str(record.msg).startswith("Error handling request"):
        record.msg, record.args = "Error handling a request", ()
    # werkzeug.serving.WSGIRequestHandler.log begins each line with "<address> - - [<time>]".
    text = record.getMessage()
    return " - - [" not in text and not text.startswith("Invalid request from")


def _give_up(sentence: str) -> NoReturn:
    raise SystemExit(sentence)
