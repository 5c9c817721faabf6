"""Secrets in SSM: ours, made when first needed and never changed by us, and what operators give."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from app import config
from app.aws.clients import client
from app.core.cache import TimedCache
from app.core.errors import Undecided

READS = 5  # a new parameter may not be seen at once

_given: TimedCache[str | None] = TimedCache(lambda: 300)


@cache
def secret(name: str, make: Callable[[], str]) -> str:
    """The secret kept under `name`; the first to ask makes it, everybody else reads that one."""
    path = config.settings.parameter(name)
    return _read(path) or _create(path, make())


def given(name: str) -> str | None:
    """The secret that an operator put there; a change of it is seen within 5 minutes."""
    path = config.settings.parameter(name)
    return _given.get(path, lambda: _read(path))


def _read(path: str) -> str | None:
    ssm = client("ssm")
    try:
        value: str = ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        return None
    return value


def _create(path: str, value: str) -> str:
    ssm = client("ssm")
    try:
        ssm.put_parameter(Name=path, Value=value, Type="SecureString", Overwrite=False)
    except ssm.exceptions.ParameterAlreadyExists:
        return _read_others(path)
    return value


def _read_others(path: str) -> str:
    """The secret of whoever was first. Ours must not be used: it is kept nowhere."""
    for _ in range(READS):
        value = _read(path)
        if value:
            return value
    raise Undecided
