"""SES as a rate, a quota and a list of what it took: a server on loopback that the SDK calls.

The emulated SES knows no limits. This one takes the rate in any second, and `burst` more: AWS lets
short ones pass, and two processes on a busy machine are not punctual.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs

from app.core.clock import DAY, SECOND, now_ms

XMLNS = 'xmlns="http://ses.amazonaws.com/doc/2010-12-01/"'


class Refusal(NamedTuple):
    """An error as SES words it."""

    code: str
    message: str = ""
    status: int = 400


TOO_FAST = Refusal("Throttling", "Maximum sending rate exceeded.")
NO_MORE_TODAY = Refusal("Throttling", "Daily message quota exceeded.")


@dataclass
class FakeSes:
    """`taken` are the moments (ms UTC) and recipients of the mails; `refused` recipients only."""

    rate: float = 14
    quota: int = 50_000
    burst: int = 0
    refusals: dict[str, Refusal] = field(default_factory=dict)
    taken: list[tuple[int, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def calls(self) -> int:
        """How often a mail was handed over, taken or not."""
        return len(self.taken) + len(self.refused)

    @property
    def recipients(self) -> list[str]:
        """Who got a mail, in order."""
        return [to for _, to in self.taken]

    def most_in_a_second(self) -> int:
        """How many mails were taken in the fullest second."""
        moments = [at for at, _ in self.taken]
        return max(sum(at <= other < at + SECOND for other in moments) for at in moments)

    def answer(self, request: dict[str, list[str]]) -> tuple[int, str]:
        """Status and body for one call."""
        if request["Action"] == ["GetSendQuota"]:
            return 200, _result("GetSendQuota", f"<MaxSendRate>{self.rate}</MaxSendRate>")
        with self.changed:
            [to] = request["Destinations.member.1"]
            refusal = self._judge(to)
            if refusal:
                self.refused.append(to)
            else:
                self.taken.append((now_ms(), to))
            self.changed.notify_all()
        if refusal:
            return refusal.status, _error(refusal)
        return 200, _result("SendRawEmail", "<MessageId>1</MessageId>")

    def _judge(self, to: str) -> Refusal | None:
        def since(span: int) -> int:
            return sum(at > now_ms() - span for at, _ in self.taken)

        if since(DAY) >= self.quota:
            return NO_MORE_TODAY
        if since(SECOND) >= self.rate + self.burst:
            return TOO_FAST
        return self.refusals.get(to)


def _result(action: str, content: str) -> str:
    result = f"<{action}Result>{content}</{action}Result>"
    return f"<{action}Response {XMLNS}>{result}</{action}Response>"


def _error(refusal: Refusal) -> str:
    told = f"<Code>{refusal.code}</Code><Message>{refusal.message}</Message>"
    return f"<ErrorResponse {XMLNS}><Error>{told}</Error></ErrorResponse>"


@contextmanager
def serve(ses: FakeSes) -> Iterator[str]:
    """Its address, for as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, answer = ses.answer(parse_qs(body))
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
