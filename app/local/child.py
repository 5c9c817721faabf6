"""Programs that live no longer than the process that started them, however that one ends."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, NoReturn

log = logging.getLogger(__name__)

START_SECONDS = 60.0
STOP_SECONDS = 15.0
AGAIN_SECONDS = 1.0
# What they write holds keys and mails: it is for this user alone.
UMASK = 0o077

# Starts a process that gets this end of the lifeline: its number, and how to wait for its end.
Launch = Callable[[socket.socket], tuple[int, Callable[[], object]]]

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

# A process forked while another thread starts a program would inherit the pipe on which that
# start waits, and it would wait for as long as the fork lives: one at a time.
_starting = threading.RLock()
os.register_at_fork(
    before=_starting.acquire, after_in_parent=_starting.release, after_in_child=_starting.release
)


class ChildFailed(Exception):
    """A program did not come up."""


class Child:
    """A program in a session of its own, so that the terminal's Ctrl-C does not reach it.

    It has one end of a socket, its lifeline: it writes a byte there when it is ready, and takes
    the end of the stream, which is our death, for SIGTERM; for us the end of the stream is its
    death. One that ends although nobody asked it to is started again.
    """

    def __init__(self, name: str, launch: Launch) -> None:
        self.name = name
        self._launch = launch
        self._news: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._turn = threading.Lock()
        self._owner = os.getpid()
        self._start()
        threading.Thread(target=self._keep, name=f"keep {name}", daemon=True).start()

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Return when the program says that it is ready; raises ChildFailed otherwise."""
        try:
            is_ready = self._news.get(timeout=seconds)
        except queue.Empty:
            is_ready = False
        if not is_ready:
            raise ChildFailed(f"{self.name} did not start")

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask the program to end, wait for it, and kill it if it does not."""
        if os.getpid() != self._owner or self._stopping.is_set():
            return
        with self._turn:
            self._stopping.set()
        self._signal(signal.SIGTERM)
        if not self._ended.wait(seconds):
            self._signal(signal.SIGKILL)
            self._ended.wait()

    def _start(self) -> None:
        self._lifeline, theirs = socket.socketpair()
        hold(self._lifeline)
        with theirs:
            self._pid, self._reap = self._launch(theirs)

    def _keep(self) -> None:
        """Watch the program, in a thread of its own, and start it again as often as it ends."""
        while True:
            while self._lifeline.recv(1):
                self._news.put(True)
            self._news.put(False)
            self._reap()
            release(self._lifeline)
            if self._stopping.wait(AGAIN_SECONDS) or not self._start_again():
                self._ended.set()
                return

    def _start_again(self) -> bool:
        with self._turn:
            if self._stopping.is_set():
                return False
            log.warning("%s ended; starting it again", self.name)
            self._start()
            return True

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, number)


def command(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    *,
    inherited: Sequence[int] = (),
    log_file: Path | None = None,
) -> Launch:
    """Runs a program whose last argument is the number of its lifeline.

    What it prints goes to the file, or to where our own errors go.
    """

    def launch(theirs: socket.socket) -> tuple[int, Callable[[], object]]:
        with _starting, _output(log_file) as output:
            process = subprocess.Popen(  # noqa: S603  a command of our own
                [*arguments, str(theirs.fileno())],
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(*inherited, theirs.fileno()),
                start_new_session=True,
                umask=UMASK,
            )
        return process.pid, process.wait

    return launch


def fork(function: Callable[[int], object]) -> Launch:
    """Runs a function, given the number of its lifeline, in a copy of this process: what is
    loaded here takes no memory a second time."""

    def launch(theirs: socket.socket) -> tuple[int, Callable[[], object]]:
        pid = os.fork()
        if pid == 0:
            _become(function, theirs)
        return pid, lambda: _wait(pid)

    return launch


def _become(function: Callable[[int], object], theirs: socket.socket) -> NoReturn:
    """The forked process: nothing of what was to happen at the end of this one may happen there."""
    status = 1
    try:
        os.setsid()
        os.umask(UMASK)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        function(theirs.fileno())
        status = 0
    except SystemExit:
        status = 0
    except BaseException:  # noqa: BLE001  whatever it is, nobody else would tell of it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _wait(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):  # gunicorn waits for all children
        os.waitpid(pid, 0)


def _output(log_file: Path | None) -> IO[bytes]:
    return log_file.open("ab") if log_file else os.fdopen(os.dup(2), "wb")
