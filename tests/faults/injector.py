"""microburst between this process's app and the emulated AWS."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults.faults import Rule

RUNNER = Path(__file__).with_name("microburst_run.py")
RULES, FIRED = "/_microburst/rules", "/_microburst/fired"
MOST_COUNTED = 2_000  # of the last faults; microburst forgets older ones


class Injector:
    """A running microburst; without rules it changes nothing."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._port = port

    def inject(self, *rules: Rule) -> None:
        """Apply these rules from now on, in place of those before."""
        self._ask("POST", RULES, list(rules))

    def stop(self) -> None:
        """Let everything through."""
        self.inject()

    def forget(self) -> None:
        """Let everything through, and count from nothing."""
        self.stop()
        self._ask("DELETE", FIRED)

    def injected(self) -> Counter[tuple[str, str]]:
        """How many requests met each fault, by service and what it was."""
        fired: list[dict[str, str]] = self._ask("GET", f"{FIRED}?limit={MOST_COUNTED}")
        assert len(fired) < MOST_COUNTED, "more faults than are counted"
        return Counter((one["service"], one["action"]) for one in fired)

    def replies_lost(self, service: str) -> int:
        """How many requests to a service were done without an answer."""
        counted = self.injected().items()
        return sum(n for (of, action), n in counted if of == service and "abort" in action)

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body))
            answer = connection.getresponse()
            content = json.load(answer)
        assert answer.status == http.HTTPStatus.OK, content
        return content


@contextlib.contextmanager
def running(upstream: str, seed: int = 5) -> Iterator[Injector]:
    """A microburst in front of the cloud at that address."""
    with subprocess.Popen(
        [sys.executable, str(RUNNER), upstream, str(seed)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        yield Injector(int(process.stdout.readline()))
        process.stdin.close()
