"""Runs microburst, which answers some requests of the app with faults, in front of the cloud.

Arguments: the cloud's address, the seed of chance. Prints the port on which it answers as soon as
it does, and ends with its input.
"""

from __future__ import annotations

import asyncio
import random
import socket
import sys

from aiohttp import web
from microburst.app import make_app
from microburst.core.pipeline import Microburst
from microburst.detection import host

# The app calls the cloud by its number. To find a service in that, microburst would read the
# models of all services there are at the first request, for several seconds.
host._endpoint_prefix_map = dict


async def serve(upstream: str) -> None:
    """Answer until the input ends."""
    runner = web.AppRunner(make_app(Microburst(upstream)), access_log=None, shutdown_timeout=0)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0), backlog=socket.SOMAXCONN) as listener:
        await web.SockSite(runner, listener).start()
        print(listener.getsockname()[1], flush=True)  # noqa: T201  for the process that waits
        await asyncio.to_thread(sys.stdin.read)
        await runner.cleanup()


if __name__ == "__main__":
    random.seed(int(sys.argv[2]))
    asyncio.run(serve(sys.argv[1]))
