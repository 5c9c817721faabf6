"""Ports for servers that tests start."""

from __future__ import annotations

import random
import socket

# Below those from which the system takes one for each outgoing connection, 32,768 and more: such a
# one may be gone before the server asks for it.
PORTS = range(20_000, 32_000)
TRIES = 100


def free_port() -> int:
    """A port that nobody uses. Raises RuntimeError if none was found."""
    for port in random.SystemRandom().sample(PORTS, TRIES):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise RuntimeError("no free port")
