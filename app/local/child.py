"""Programs that live no longer than the process that started them, however that one ends."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

START_SECONDS = 60.0
STOP_SECONDS = 15.0
AGAIN_SECONDS = 1.0

# What this process holds on behalf of its children. A forked process (gunicorn's workers) must
# let go of it, or the children would outlive us for as long as it lives.
_held: set[socket.socket | IO[str]] = set()


def hold(thing: socket.socket | IO[str]) -> None:
    """Keep something open in this process alone: forked processes close their copy."""
    _held.add(thing)


def release(thing: socket.socket | IO[str]) -> None:
    """Close what was held."""
    _held.discard(thing)
    thing.close()


def _let_go() -> None:
    for thing in _held:
        thing.close()
    _held.clear()


os.register_at_fork(after_in_child=_let_go)


class ChildFailed(Exception):
    """A program did not come up."""


class Child:
    """A program in a session of its own, so that the terminal's Ctrl-C does not reach it.

    Its last argument is the number of a socket: it writes a byte there when it is ready, and
    takes the end of the stream, which is our death, for SIGTERM. One that ends although nobody
    asked it to is started again.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environ: Mapping[str, str],
        *,
        inherited: Sequence[int] = (),
        log_file: Path | None = None,
    ) -> None:
        self.name = name
        self._command = list(command)
        self._environ = dict(environ)
        self._inherited = tuple(inherited)
        self._log_file = log_file
        self._stopping = threading.Event()
        self._turn = threading.Lock()
        self._owner = os.getpid()
        self._spawn()
        threading.Thread(target=self._keep_alive, name=f"keep {name}", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process that runs the program now."""
        return self._process.pid

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Return when the program says that it is ready; raises ChildFailed otherwise."""
        self._lifeline.settimeout(seconds)
        try:
            answer = self._lifeline.recv(1)
        except TimeoutError:
            answer = b""
        if not answer:
            raise ChildFailed(self._complaint())

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask the program to end, wait for it, and kill it if it does not."""
        if os.getpid() != self._owner or self._stopping.is_set():
            return
        with self._turn:
            self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        release(self._lifeline)

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs, self._output() as output:
            self._process = subprocess.Popen(  # noqa: S603  a command of our own
                [*self._command, str(theirs.fileno())],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(*self._inherited, theirs.fileno()),
                start_new_session=True,
            )
        self._lifeline = ours
        hold(ours)

    def _output(self) -> IO[bytes]:
        if self._log_file is None:
            return os.fdopen(os.dup(2), "wb")
        return self._log_file.open("ab")

    def _keep_alive(self) -> None:
        while True:
            self._process.wait()
            if self._stopping.wait(AGAIN_SECONDS):
                return
            with self._turn:
                if not self._stopping.is_set():
                    self._respawn()

    def _respawn(self) -> None:
        log.warning("%s ended; starting it again", self.name)
        release(self._lifeline)
        self._spawn()

    def _complaint(self) -> str:
        where = f": see {self._log_file}" if self._log_file else ""
        return f"{self.name} did not start{where}"
