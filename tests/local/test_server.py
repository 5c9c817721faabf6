"""The servers as they are started by hand: what they own ends with them, in every way of ending."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from app.config import Settings
from app.local.venv import ROOT
from tests.local.conftest import Until, family, is_alive
from tests.ports import free_port

GUNICORN = ["gunicorn", "wsgi:app"]
FLASK_RUN = ["flask", "--app", "wsgi", "run"]
# gunicorn, its two processes, the cloud and the worker
GUNICORN_PROCESSES = 5


@dataclass
class Server:
    """A running server, the terminal that it was started from, and all of its processes."""

    process: subprocess.Popen[str]
    port: int
    output: Path
    processes: set[int]

    def get(self, path: str) -> int:
        return self.read(path)[0]

    def read(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port)) as connection:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def type_ctrl_c(self) -> None:
        """What a terminal does: all processes of the session in front get the signal."""
        os.killpg(self.process.pid, signal.SIGINT)

    def processes_of(self, words: str) -> set[int]:
        """Those of the family whose command line holds the words."""
        return {pid for pid in family(self.process.pid) if words in command_line(pid)}


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def environ(folder: Path, port: int | str) -> dict[str, str]:
    """An environment without a cloud, as a newcomer has it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    kept.pop("LANYARD_STAGE", None)
    return kept | {
        "LANYARD_DATA": str(folder),
        "PORT": str(port),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path, until: Until) -> Iterator[Start]:
    """Start a server and wait until it serves; it is stopped after the test at the latest."""
    running: list[Server] = []

    def started(command: list[str], folder: str = "data", port: int = 0) -> Server:
        port = port or free_port()
        output = tmp_path / f"output-{len(running)}"
        with output.open("w") as terminal:
            process = launch(command, tmp_path / folder, port, terminal)
        server = Server(process, port, output, set())
        running.append(server)
        until(lambda: answers(server), "a page", seconds=60)
        server.processes = family(process.pid)
        return server

    yield started
    for server in running:
        if server.process.poll() is None:
            server.process.terminate()
        server.process.wait(timeout=30)


def launch(
    command: list[str], folder: Path, port: int | str, terminal: IO[str]
) -> subprocess.Popen[str]:
    program = str(Path(sys.executable).with_name(command[0]))
    return subprocess.Popen(
        [program, *command[1:]],
        cwd=ROOT,
        env=environ(folder, port),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
        text=True,
        start_new_session=True,
    )


def answers(server: Server) -> bool:
    assert server.process.poll() is None, server.output.read_text()
    with contextlib.suppress(OSError):
        return server.get("/healthz") == http.HTTPStatus.OK
    return False


def all_gone(server: Server) -> bool:
    return not any(is_alive(pid) for pid in server.processes)


def test_make_runs_server_serves_the_demo_and_ctrl_c_leaves_nothing(
    start: Start, until: Until
) -> None:
    server = start(GUNICORN)
    until(lambda: len(family(server.process.pid)) == GUNICORN_PROCESSES, "all processes")
    server.processes = family(server.process.pid)
    assert server.get("/c/demo") == http.HTTPStatus.OK
    server.type_ctrl_c()
    assert server.process.wait(timeout=30) == 0
    assert all_gone(server)  # at once: the server has waited for them
    output = server.output.read_text()
    assert f"http://127.0.0.1:{server.port}/c/demo" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_nothing_outlives_gunicorn(start: Start, until: Until, number: int) -> None:
    server = start(GUNICORN)
    until(lambda: len(family(server.process.pid)) == GUNICORN_PROCESSES, "all processes")
    server.processes = family(server.process.pid)
    server.process.send_signal(number)
    server.process.wait(timeout=30)
    until(lambda: all_gone(server), "the end of all processes")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_flask_run(start: Start, until: Until, number: int) -> None:
    server = start([*FLASK_RUN, "--port", str(port := free_port())], port=port)
    until(lambda: len(family(server.process.pid)) == 3, "the cloud and the worker")
    server.processes = family(server.process.pid)
    server.process.send_signal(number)
    server.process.wait(timeout=30)
    until(lambda: all_gone(server), "the end of all processes")


def test_flask_run_tells_its_address_but_no_requests(start: Start) -> None:
    server = start([*FLASK_RUN, "--port", str(port := free_port())], port=port)
    server.get("/passes/a-secret")
    server.get("/c/demo?name=somebody")
    server.type_ctrl_c()
    server.process.wait(timeout=30)
    output = server.output.read_text()
    assert f"Running on http://127.0.0.1:{port}" in output
    assert f"http://127.0.0.1:{port}/c/demo" in output
    assert "a-secret" not in output
    assert "somebody" not in output
    assert "GET" not in output


def test_gunicorn_tells_no_requests(start: Start) -> None:
    server = start(GUNICORN)
    server.get("/passes/a-secret")
    with socket.create_connection(("127.0.0.1", server.port)) as broken:
        broken.sendall(b"GET /passes/a-secret nonsense\r\n\r\n")
        assert broken.recv(1000).startswith(b"HTTP/1.1 400")
    server.type_ctrl_c()
    server.process.wait(timeout=30)
    assert "a-secret" not in server.output.read_text()


def test_gunicorn_does_not_believe_a_client_where_the_app_is(start: Start) -> None:
    server = start(GUNICORN)
    page = server.read("/c/demo")
    for headers in (
        {"SCRIPT_NAME": "/c"},  # links would begin with it, and the rest be looked up
        {"SCRIPT_NAME": "/evil"},
        {"PATH_INFO": "/my"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Host": "page.example.com", "X-Forwarded-Prefix": "/evil"},
    ):
        assert server.read("/c/demo", headers) == page, headers


def test_reloading_keeps_the_cloud_and_renews_the_worker(start: Start, until: Until) -> None:
    port = free_port()
    server = start([*FLASK_RUN, "--debug", "--port", str(port)], port=port)
    until(lambda: server.processes_of("app.local.worker"), "the worker")
    [before] = server.processes_of("app.local.worker")
    cloud = min(server.processes_of("ministack_run"))  # beside it, snapshots come and go
    (ROOT / "wsgi.py").touch()

    def renewed() -> bool:
        workers = server.processes_of("app.local.worker")
        return len(workers) == 1 and before not in workers

    until(renewed, "another worker", seconds=30)
    until(lambda: answers(server), "a page")
    assert not is_alive(before)
    assert min(server.processes_of("ministack_run")) == cloud
    server.processes = family(server.process.pid)
    server.type_ctrl_c()
    server.process.wait(timeout=30)
    until(lambda: all_gone(server), "the end of all processes")


def test_a_second_server_on_the_folder_is_refused(start: Start, tmp_path: Path) -> None:
    first = start(GUNICORN)
    for command in (GUNICORN, [*FLASK_RUN, "--port", str(free_port())]):
        code, output = run(command, tmp_path / "data", free_port())
        assert code == 1
        [sentence] = output.strip().splitlines()
        assert str(tmp_path / "data") in sentence
        assert "LANYARD_DATA" in sentence
    assert first.get("/c/demo") == http.HTTPStatus.OK


def run(command: list[str], folder: Path, port: int | str) -> tuple[int, str]:
    """Run to the end; the exit code and all that was printed."""
    output = folder.with_name("output-of-a-command")
    with output.open("w") as terminal:
        process = launch(command, folder, port, terminal)
        code = process.wait(timeout=60)
    return code, output.read_text()


def test_a_taken_port_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for command in (GUNICORN, [*FLASK_RUN, "--port", str(port)]):
            code, output = run(command, tmp_path / "data", port)
            assert code == 1
            [sentence] = output.strip().splitlines()
            assert sentence.startswith(f"Port {port} is taken")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1"])
@pytest.mark.parametrize("command", [GUNICORN, FLASK_RUN])
def test_a_port_that_is_none_is_told_in_a_sentence(
    tmp_path: Path, command: list[str], port: str
) -> None:
    code, output = run(command, tmp_path / "data", port)
    assert code == 1
    assert output.strip() == f"PORT is '{port}', but a port is a number from 1 to 65535."


def test_a_folder_that_cannot_be_one_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    code, output = run(GUNICORN, tmp_path / "data", free_port())
    assert code == 1
    [sentence] = output.strip().splitlines()
    assert str(tmp_path / "data") in sentence


def test_a_command_sees_what_the_server_has(start: Start, tmp_path: Path) -> None:
    server = start(GUNICORN)
    code, output = run(LIST, tmp_path / "data", free_port())
    assert (code, slugs(output)) == (0, ["demo"])
    assert server.get("/c/demo") == http.HTTPStatus.OK  # the cloud is still there


LIST = ["flask", "--app", "wsgi", "conference", "list", "--json"]


def slugs(output: str) -> list[str]:
    return [row["slug"] for row in json.loads(output)]


def test_a_command_alone_leaves_no_process(tmp_path: Path) -> None:
    code, output = run(LIST, tmp_path / "data", free_port())
    assert (code, slugs(output)) == (0, [])
    assert not [pid for pid in family(1) if str(tmp_path) in command_line(pid)]


@pytest.mark.parametrize("words", [["routes"], ["--help"]])
def test_commands_that_need_no_records_start_no_cloud(tmp_path: Path, words: list[str]) -> None:
    code, _ = run(["flask", "--app", "wsgi", *words], tmp_path / "data", free_port())
    assert code == 0
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("words", ["ministack_run", "worker"])
def test_what_is_killed_comes_again(start: Start, until: Until, words: str) -> None:
    port = free_port()
    server = start([*FLASK_RUN, "--port", str(port)], port=port)
    until(lambda: server.processes_of(words), "the process")
    [killed] = server.processes_of(words)
    os.kill(killed, signal.SIGKILL)
    until(lambda: server.processes_of(words) - {killed}, "another one")
    until(lambda: server.get("/c/demo") == http.HTTPStatus.OK, "the demo conference")
    assert re.search("ended; starting it again", server.output.read_text())


def test_data_survive_a_restart(start: Start, tmp_path: Path) -> None:
    first = start(GUNICORN)
    times = ["--starts", "2030-10-17 10:00", "--ends", "2030-10-17 18:00"]
    times += ["--opens", "2030-09-01 10:00", "--closes", "2030-10-01 10:00"]
    create = ["conference", "create", "kept", *times, "--contact", "desk@example.com"]
    create += ["--name-en", "Kept", "--name-ko", "남는 것"]
    assert run(["flask", "--app", "wsgi", *create], tmp_path / "data", first.port)[0] == 0
    first.type_ctrl_c()
    first.process.wait(timeout=30)
    start(GUNICORN)
    code, output = run(LIST, tmp_path / "data", free_port())
    assert (code, sorted(slugs(output))) == (0, ["demo", "kept"])


def test_each_folder_has_its_own_cloud(start: Start, settings: Settings) -> None:
    first, second = start(GUNICORN, folder="one"), start(GUNICORN, folder="two")
    assert first.get("/c/demo") == second.get("/c/demo") == http.HTTPStatus.OK
