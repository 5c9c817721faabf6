"""Many people at once, each a browser as cheap as can be: they share the machine with the app."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from urllib.parse import urlencode

from harness import sign_up_form

PATIENCE_SECONDS = 60.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LOCATION = re.compile(
    rb"\r\nlocation: *(?:http://[^/]*)?(/passes/([^/?\r]+)[^\r]*)", re.IGNORECASE
)
# The page of a pass names the state in the class of its main part.
_STATE = re.compile(rb"lan-mine--(\w+)")


@dataclass
class Visit:
    """One person's way: the moments (time.monotonic) of opening the page, sending the form, its
    answer, and the page of the pass; what they were told; and what went wrong, if anything."""

    email: str
    opened: float = 0
    sent: float = 0
    answered: float = 0
    seen: float = 0
    secret: str = ""
    told: str = ""
    error: str = ""


def send_in(
    port: int, page: str, people: int, clients: int, progress: Callable[[int], object]
) -> list[Visit]:
    """Have all sign up, `clients` at a time, each by a connection of their own; `progress` is told
    how many are done, some times a second."""
    visits = [Visit(f"person{number}@example.com") for number in range(people)]
    turns, done = iter(visits), _Counter()
    with ThreadPoolExecutor(clients) as pool:
        crowd = {pool.submit(_come, port, page, turns, done) for _ in range(clients)}
        while wait(crowd, timeout=0.2).not_done:
            progress(done.value)
    for client in crowd:
        client.result()
    progress(done.value)
    return visits


class _Counter:
    def __init__(self) -> None:
        self.value = 0
        self._lock = threading.Lock()

    def up(self) -> None:
        with self._lock:
            self.value += 1


def _come(port: int, page: str, turns: Iterator[Visit], done: _Counter) -> None:
    for visit in turns:  # a list's iterator gives each item once, to whichever thread
        try:
            _sign_up(port, page, visit)
        except (OSError, _Refused) as error:
            visit.error = str(error) or type(error).__name__
        done.up()


class _Refused(Exception):
    """An answer that was not the wanted one."""


def _sign_up(port: int, page: str, visit: Visit) -> None:
    visit.opened = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
        _ask(connection, _get(port, f"{page}?lang=en"), 200)
        post = _post(port, f"{page}/register?lang=en", visit.email)
        visit.sent = time.monotonic()
        head, _ = _ask(connection, post, 303)
        visit.answered = time.monotonic()
        location = _LOCATION.search(head)
        if location is None:
            raise _Refused("no pass link")
        visit.secret = location[2].decode()
        _, body = _ask(connection, _get(port, location[1].decode()), 200)
        state = _STATE.search(body)
        visit.told = state[1].decode() if state else ""
        visit.seen = time.monotonic()


def _get(port: int, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def _post(port: int, path: str, email: str) -> bytes:
    body = urlencode(sign_up_form(email))
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        f"{body}"
    ).encode()


def _ask(connection: socket.socket, request: bytes, wanted: int) -> tuple[bytes, bytes]:
    """Head and body of the answer; raises _Refused if its status is another one."""
    connection.sendall(request)
    answer = _read(connection)
    while b"\r\n\r\n" not in answer:
        answer += _read(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    while length and len(body) < int(length[1]):
        body += _read(connection)
    status = head[9:12].decode()
    if status != str(wanted):
        raise _Refused(f"answered with {status} instead of {wanted}")
    return head, body


def _read(connection: socket.socket) -> bytes:
    some = connection.recv(1 << 17)
    if not some:
        raise _Refused("the connection was closed")
    return some
