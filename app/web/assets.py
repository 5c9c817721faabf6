"""Static files under addresses that carry the hash of their content, to be kept for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from flask import Flask, Response, abort, current_app, request

from app.web.headers import immutable

SERVED = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Assets:
    """The static folder, read once: paths as templates name them, addresses as browsers ask."""

    def __init__(self, folder: Path) -> None:
        """Read and hash every file that is served."""
        files = sorted(path for path in folder.rglob("*") if path.suffix in SERVED)
        self._addresses = {
            path.relative_to(folder).as_posix(): _address(path, folder) for path in files
        }
        self._files = {self._addresses[path.relative_to(folder).as_posix()]: path for path in files}

    def address(self, path: str) -> str:
        """Return `css/lanyard.0123456789.css` for `css/lanyard.css`; KeyError if absent."""
        return self._addresses[path]

    def everything(self) -> Iterator[tuple[str, Path]]:
        """Return each address and the file behind it."""
        return iter(self._files.items())

    def file(self, address: str) -> Path | None:
        """Return the file behind an address, None if there is none by that name and content."""
        return self._files.get(address)


def _address(path: Path, folder: Path) -> str:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
    name = PurePosixPath(path.relative_to(folder).as_posix())
    return str(name.with_suffix(f".{digest}{name.suffix}"))


def install(app: Flask, folder: Path) -> None:
    """Serve `folder` under /static. While debugging, changed files are seen without a restart."""
    app.extensions["assets"] = Assets(folder)
    app.add_url_rule("/static/<path:address>", "static", serve)
    if app.debug:

        @app.before_request
        def read_again() -> None:
            if request.endpoint != "static":
                app.extensions["assets"] = Assets(folder)


def assets() -> Assets:
    """Return the files of the running app."""
    found: Assets = current_app.extensions["assets"]
    return found


def url(path: str) -> str:
    """Return the address of a static file for a page, below the stage prefix if there is one."""
    return f"{request.script_root}/static/{assets().address(path)}"


def serve(address: str) -> Response:
    """Return the file for ever; 404 for any other content or name."""
    path = assets().file(address)
    if path is None:
        abort(404)
    return immutable(Response(path.read_bytes(), mimetype=SERVED[path.suffix]))
