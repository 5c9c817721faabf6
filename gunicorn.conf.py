"""How `make run` serves: two processes, and the embedded cloud where none is configured."""

from __future__ import annotations

import signal
from typing import Any

from app.config import settings
from app.local import server

bind = f"127.0.0.1:{settings.port}"
workers = 2
worker_class = "gthread"
threads = 8
graceful_timeout = 2
# The application is made once, and its memory shared; it starts the embedded cloud.
preload_app = True
server.under_gunicorn()

# No proxy stands in front: a client's word on the scheme, or on where the app is mounted (it may
# send SCRIPT_NAME as a header), is not believed.
forwarded_allow_ips = ""
forwarder_headers = ""

# No access log, and no errors of single requests: paths hold the secrets of passes.
accesslog = None
loglevel = "warning"
# A socket in the home directory by which the server could be managed: not wanted.
control_socket_disable = True


def when_ready(arbiter: Any) -> None:
    """End, instead of reloading, when the terminal is closed; get ready for the two processes."""
    signal.signal(signal.SIGHUP, lambda _number, frame: arbiter.signal(signal.SIGTERM, frame))
    if settings.is_local:
        server.before_forking(arbiter.app.wsgi())
