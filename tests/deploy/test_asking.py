"""Real requests, also to the names of an emulated AWS."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from deploy import asking


class Named(BaseHTTPRequestHandler):
    """A server that answers to one name alone, as CloudFront does."""

    name = "abc123.cloudfront.localhost"

    def do_GET(self) -> None:
        """Answer who knows the name and the path."""
        name = self.headers["Host"].partition(":")[0]
        self.send_response(200 if (name, self.path) == (self.name, "/readyz?x=1") else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """Where it serves."""
    with HTTPServer(("127.0.0.1", 0), Named) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_an_emulators_name_leads_to_this_machine(port: int) -> None:
    asking.until_well(f"http://{Named.name}:{port}/readyz?x=1")


def test_and_to_nobody_elses_site_there(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "TRIES", 1)
    with pytest.raises(asking.NoAnswer, match="404"):
        asking.until_well(f"http://other.cloudfront.localhost:{port}/readyz?x=1")
