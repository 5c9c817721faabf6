"""What a fresh process has spent until its first page, printed as JSON: see bench_cpu.py."""

from __future__ import annotations

import io
import json
import sys
import time
from typing import Any

from wsgi import app


def main() -> None:
    """Answer one request, whose path is the argument; RuntimeError if it is refused."""
    imported = time.process_time()
    status = _ask(sys.argv[1])
    answered = time.process_time()
    if status != "200 OK":
        raise RuntimeError(status)
    spent = {"imported_ms": imported * 1000, "answered_ms": answered * 1000}
    print(json.dumps({**spent, "modules": len(sys.modules)}))


def _ask(path: str) -> str:
    """The status of one request. By hand: a test client would be imported, and count."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    statuses: list[str] = []

    def start_response(status: str, *_: object) -> Any:
        statuses.append(status)

    b"".join(app(environ, start_response))
    return statuses[0]


if __name__ == "__main__":
    main()
