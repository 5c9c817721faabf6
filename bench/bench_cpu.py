"""The application's own processor time for a request, and until its first page.

In this process, without a server; the emulated cloud is another process and does not count.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from harness import (
    CONFERENCE,
    ROOT,
    Figure,
    ended_by_sigterm,
    newcomer,
    p50,
    report,
    sign_up_form,
)
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

ORIGIN = "http://localhost"
REQUESTS = 200
PEOPLE = 90  # fewer than a limit on the sign-ups of one visitor may stop
FRESH = 5
FIRST_PAGE = Path(__file__).with_name("first_page.py")


def main() -> None:
    """Measure, and print."""
    with emulated_cloud() as app:
        figures = [*_pages(app), *_sign_up(app), *_fresh()]
    report("The application's own processor time", figures)


@contextmanager
def emulated_cloud() -> Iterator[Flask]:
    """The application on an emulated cloud of its own, with the demo conference."""
    os.environ.clear()
    os.environ.update(newcomer(), LANYARD_STAGE="local", PYTHONPATH=str(ROOT))
    sys.path.insert(0, str(ROOT))
    from app.local import cloud, translations

    translations.compile_outdated()
    with ended_by_sigterm(), cloud.ephemeral() as emulator:
        os.environ.update(emulator.environ)
        from app import config
        from app.local import demo, provision
        from wsgi import app

        provision.ensure(config.settings)
        demo.ensure()
        yield app


def _pages(app: Flask) -> list[Figure]:
    """The sign-up page while it is kept for some seconds, and when nothing is."""
    from app.core import cache

    def anew() -> float:
        cache.clear_all()
        return _call(app, CONFERENCE)[0]

    anew()
    kept = p50([_call(app, CONFERENCE)[0] for _ in range(REQUESTS)])
    return [
        Figure("cpu_page_ms", "sign-up page", kept, "ms", 2),
        Figure(
            "cpu_page_anew_ms", "sign-up page, read and rendered anew",
            p50([anew() for _ in range(REQUESTS)]), "ms",
        ),
    ]  # fmt: skip


def _sign_up(app: Flask) -> list[Figure]:
    """Signing up while there are seats, and the page of the pass."""
    posts, pass_pages = [], []
    for number in range(PEOPLE):
        form = sign_up_form(f"person{number}@example.com")
        spent, headers = _call(app, f"{CONFERENCE}/register", form)
        posts.append(spent)
        pass_pages.append(_call(app, urlsplit(headers["Location"]).path)[0])
    return [
        Figure("cpu_post_ms", "form, a free seat", p50(posts), "ms", 6),
        Figure("cpu_pass_page_ms", "page of the pass", p50(pass_pages), "ms"),
    ]


def _call(app: Flask, path: str, form: dict[str, str] | None = None) -> tuple[float, Headers]:
    """Milliseconds of processor time for one request, and its headers; RuntimeError if it is
    refused."""
    method = "POST" if form else "GET"
    builder = EnvironBuilder(path, method=method, data=form, headers=[("Origin", ORIGIN)])
    environ = builder.get_environ()
    begin = time.process_time()
    _, status, headers = run_wsgi_app(app, environ, buffered=True)
    spent = (time.process_time() - begin) * 1000
    if not status.startswith(("200", "303")):
        raise RuntimeError(f"{method} was answered with {status}")
    return spent, headers


def _fresh() -> list[Figure]:
    """What each new process spends, from its start; the compiled files are there."""
    runs = [_first_page() for _ in range(FRESH)]

    def middle(name: str) -> float:
        return p50([run[name] for run in runs])

    return [
        Figure("cpu_import_ms", "a fresh process, until imported", middle("imported_ms"), "ms"),
        Figure("cpu_first_page_ms", "until its first page", middle("answered_ms"), "ms"),
        Figure("modules", "modules by then", middle("modules"), ""),
    ]


def _first_page() -> dict[str, float]:
    output = subprocess.check_output([sys.executable, str(FIRST_PAGE), CONFERENCE], cwd=ROOT)
    run: dict[str, float] = json.loads(output)
    return run


if __name__ == "__main__":
    main()
