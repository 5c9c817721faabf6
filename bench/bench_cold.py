"""The package under AWS's own runtime pieces: cold starts beside a hello-world Flask, then warm.

Processor time of the process that runs the code, from its start: it does not depend on what else
this machine does. Linux only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import ROOT, Figure, ended_by_sigterm, newcomer, p50, report, sign_up_form

if TYPE_CHECKING:
    from deploy.runtime import Function

STARTS = 7
REQUESTS = 100
PEOPLE = 50
PAGE = "/c/demo?lang=ko"
TICKS = os.sysconf("SC_CLK_TCK")
FLASK = ("flask", "blinker", "click", "itsdangerous", "jinja2", "markupsafe", "werkzeug")
EARLY = {"INSTANTIATE_LAMBDA_HANDLER_ON_IMPORT": "1"}

HELLO = """from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello():
    return "Hello, world"
"""


@dataclass(frozen=True)
class Package:
    """An unpacked package, how it is started, and what it is asked first."""

    task: Path
    environ: Mapping[str, str]
    path: str
    handler: str = "zappa.handler.lambda_handler"


def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="lanyard-bench-") as name, cloud() as environ:
        folder = Path(name)
        ours, archive = lanyard(folder / "lanyard", environ)
        trimmed = hello_trimmed(folder / "trimmed")
        default = hello_default(folder / "default")
        colds = {each: cold(package, folder) for each, package in
                 (("ours", ours), ("trimmed", trimmed), ("default", default))}  # fmt: skip
        figures = [*_cold(colds), *_warm(ours, folder)]
        size = Figure("package_mb", "package", archive.stat().st_size / 1e6, "MB", 32)
    report("In Lambda's runtime", [size, *figures])


@contextmanager
def cloud() -> Iterator[dict[str, str]]:
    """An emulated cloud with the demo conference, for the stage `dev`; how it is reached."""
    os.environ.clear()
    os.environ.update(newcomer(), LANYARD_STAGE="dev")
    sys.path.insert(0, str(ROOT))
    from app.local import cloud

    with ended_by_sigterm(), cloud.ephemeral() as emulator:
        os.environ.update(emulator.environ)
        from app import config
        from app.local import demo, provision

        provision.ensure(config.settings)
        demo.ensure()
        yield emulator.environ


def lanyard(folder: Path, environ: Mapping[str, str]) -> tuple[Package, Path]:
    """Ours, and its archive."""
    from deploy import package, runtime

    archive = package.make("dev")
    return Package(runtime.unpack(archive, folder), {**environ, **EARLY}, PAGE), archive


def hello_trimmed(folder: Path) -> Package:
    """As small as ours is made: trimmed libraries, bytecode that is used."""
    from deploy import bytecode, stages
    from deploy import target as targets
    from deploy.folders import COLLECTED

    source = _hello(folder / "hello")
    bytecode.compile_folder(source)
    environment = COLLECTED / str(targets.target([stages.find("dev")])) / "lambda-environment"
    return Package(_packaged(source, environment, folder), EARLY, "/")


def hello_default(folder: Path) -> Package:
    """As Zappa makes it from an environment that has Flask and Zappa."""
    from deploy import libraries
    from deploy.folders import REQUIREMENTS

    source, environment = _hello(folder / "hello"), folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    flask = folder / "flask.txt"
    flask.write_text(libraries.pins(REQUIREMENTS / "runtime.txt", FLASK))
    pip = (sys.executable, "-m", "pip", "--python", str(environment), "install", "--quiet")
    deploy = str(REQUIREMENTS / "deploy.txt")
    subprocess.run([*pip, "--require-hashes", "-r", str(flask), "-r", deploy], check=True)
    return Package(_packaged(source, environment, folder), {}, "/", "handler.lambda_handler")


def _hello(folder: Path) -> Path:
    settings = {
        **{"project_name": "hello", "app_function": "hello.app", "s3_bucket": "hello-code"},
        **{"aws_region": "ap-northeast-2", "apigateway_version": "v2", "log_level": "INFO"},
        **{"debug": False, "use_precompiled_packages": False},
    }
    folder.mkdir(parents=True)
    (folder / "hello.py").write_text(HELLO)
    (folder / "zappa_settings.json").write_text(json.dumps({"dev": settings}))
    return folder


def _packaged(source: Path, environment: Path, folder: Path) -> Path:
    from deploy import runtime

    archive = folder / "hello.zip"
    subprocess.run(
        [sys.executable, "-m", "zappa.cli", "package", "dev", "--output", archive],
        cwd=source, env={**os.environ, "VIRTUAL_ENV": str(environment)}, check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return runtime.unpack(archive, folder / "task")


@dataclass(frozen=True)
class Start:
    """One cold start with its first page: milliseconds of processor and of the clock."""

    cpu: float
    wall: float


def cold(package: Package, folder: Path) -> Start:
    """The medians of some cold starts."""
    starts = [_start(package, folder) for _ in range(STARTS)]
    return Start(p50([one.cpu for one in starts]), p50([one.wall for one in starts]))


def _start(package: Package, folder: Path) -> Start:
    with running(package, folder) as function:
        begin = time.perf_counter()
        ask(function, "GET", package.path)
        return Start(cpu(function), (time.perf_counter() - begin) * 1000)


@contextmanager
def running(package: Package, folder: Path) -> Iterator[Function]:
    from deploy import runtime

    log = folder / "log"
    with runtime.running(package.task, log, package.environ, handler=package.handler) as function:
        yield function


def ask(function: Function, method: str, path: str, **sent: Any) -> Any:
    """One request of an HTTP API; RuntimeError if it is refused."""
    from tests.entrypoints import gateway

    answer = function.invoke(gateway.v2(method, path, **sent))
    if answer.get("statusCode") not in (200, 303):
        raise RuntimeError(f"{method} was answered with {answer}")
    return answer


def cpu(function: Function) -> float:
    """Milliseconds of processor time that the function's process has spent."""
    (pid,) = function.children()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / TICKS


def _cold(starts: Mapping[str, Start]) -> list[Figure]:
    ours, trimmed, default = (starts[name] for name in ("ours", "trimmed", "default"))
    return [
        Figure("cold_cpu_ms", "cold start and first page, CPU", ours.cpu, "ms"),
        Figure("cold_ms", "the same by the clock", ours.wall, "ms"),
        Figure("hello_trimmed_cpu_ms", "hello world in a trimmed package, CPU", trimmed.cpu, "ms"),
        Figure("hello_default_cpu_ms", "in Zappa's default package, CPU", default.cpu, "ms"),
        Figure("cold_to_trimmed", "ours to the trimmed one", ours.cpu / trimmed.cpu, "times", 2),
        Figure("cold_to_default", "ours to the default one", ours.cpu / default.cpu, "times", 0.6),
    ]


def _warm(package: Package, folder: Path) -> list[Figure]:
    """Requests to a function that has already answered some, and its memory at the end."""
    with running(package, folder) as function:
        _sign_up(function, 0)
        page = _each(function, REQUESTS, lambda _: ask(function, "GET", package.path))
        post = _each(function, PEOPLE, lambda number: _sign_up(function, number + 1))
        _draw(function)
        return [
            Figure("warm_page_ms", "warm page, CPU", page, "ms", 5),
            Figure("warm_sign_up_ms", "warm sign-up, CPU", post, "ms", 12),
            Figure("memory_mb", "memory, the most, a pass drawn", _memory(function), "MB", 200),
        ]


def _each(function: Function, times: int, work: Any) -> float:
    begin = cpu(function)
    for number in range(times):
        work(number)
    return (cpu(function) - begin) / times


def _sign_up(function: Function, number: int) -> None:
    from tests.entrypoints import gateway

    headers = {"Origin": f"https://{gateway.HOST}"}
    form = sign_up_form(f"person{number}@example.com")
    ask(function, "POST", "/c/demo/register", headers=headers, form=form)


def _draw(function: Function) -> None:
    drawn = function.invoke(
        {"command": "app.entrypoints.cli.run", "args": ["pass", "draw", "demo"]}
    )
    if drawn.get("exit_code") != 0:
        raise RuntimeError(f"no pass was drawn: {drawn}")


def _memory(function: Function) -> float:
    (pid,) = function.children()
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (most,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(most) / 1000


if __name__ == "__main__":
    main()
