"""Runs ministack, the emulated AWS, with what Lanyard needs of it and it lacks.

Executed by the Python of the cloud's own environment, so this imports nothing of the application.
Arguments: the folder of its data, the number of a listening socket, the number of the lifeline.
The environment holds what ministack reads; its access key is the one requests have to carry.

What is added to ministack 1.5.33 (tests/local and tests/e2e/test_account.py hold a test for each):
- it answers our own processes only: by itself it lets in whoever asks, web pages too;
- snapshots while it runs: it saves at its end only, so that a kill would lose everything;
- a snapshot is whole or not there: it writes each service's file by itself;
- queries: a parsed expression is remembered, which makes them about four times faster;
- a waiting receiver gets its message within 20 ms instead of 100;
- mails are kept whole, the last ones only;
- where functions run: they have the key, the stage stands in the paths of an HTTP API, and SNS
  tries a function three times before the message is a dead letter, as in AWS; what runs comes to
  its end, whatever happens to its code meanwhile; a body that is null is none;
- where stacks stand: tables have a past (ministack_past.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import functools
import hmac
import os
import re
import shutil
import signal
import socket
import sys
import threading
import time
import traceback
import types
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

KEY_HEADER = b"x-lanyard-key"
SAVE_SECONDS = 2.0
SAVE_PATIENCE = 60.0
MAILS_KEPT = 200
SAVE_PATH = "/_lanyard/save"
# What a deployed API answers: an API, its stage, a path. The emulator goes by the path there; with
# less of it, it would take the request for one to AWS.
DEPLOYED = re.compile(r"/_aws/execute-api/[0-9a-f]+/[a-z][a-z0-9]*(/(?!@).*)?", re.DOTALL)
# What a bucket's website shows, under a name of its own.
WEBSITE = re.compile(rb"[a-z0-9-]+\.s3-website[.-][a-z0-9-]+\.localhost:(\d+)")
PUBLISHED = re.compile(r"/(((ko|en|static|media|brand)/.*)?|index\.html)", re.DOTALL)
RECEIVE_SECONDS = 0.02
# Operations that leave everything as it is, by the beginning of their name.
READS = ("Get", "BatchGet", "TransactGet", "Describe", "List", "Query", "Scan", "Receive")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Guard:
    """An ASGI application around the others that answers our own processes only.

    Any web page on this machine can send requests to a port of loopback, under the name of its
    own site too (DNS rebinding), and so can any program. Ours know the key, call the cloud by its
    number, and are no browsers. WebSockets are for nobody: none of our services has them.
    Where functions run, their APIs are for everybody on this machine, as in AWS for everybody: a
    deployed app has guards of its own.
    """

    def __init__(self, inner: Any, host: str, key: str, *, deploys: bool = False) -> None:
        self._inner = inner
        self._host = host.encode()
        self._key = key.encode()
        self._deploys = deploys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._is_ours(scope):
            await self._inner(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # before it is accepted: 403
        else:
            await _answer(send, 403)

    def _is_ours(self, scope: Scope) -> bool:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if scope["type"] != "http" or len(hosts) != 1:
            return False
        if hosts != [self._host]:
            return self._deploys and self._is_published(scope, hosts[0])
        return self._is_deployed(scope) or (
            not any(_is_a_browsers(name) for name, _ in scope["headers"])
            and hmac.compare_digest(_key_in(scope), self._key)
        )

    def _is_deployed(self, scope: Scope) -> bool:
        return self._deploys and DEPLOYED.fullmatch(scope["path"]) is not None

    def _is_published(self, scope: Scope, host: bytes) -> bool:
        """Whether it asks a website for a page. Nothing in it may make it a request to AWS."""
        named = WEBSITE.fullmatch(host)
        return (
            named is not None
            and named[1] == self._host.rpartition(b":")[2]
            and scope["method"] in ("GET", "HEAD")
            and PUBLISHED.fullmatch(scope["path"]) is not None
            and not scope["query_string"]
            and not any(_is_for_aws(name) for name, _ in scope["headers"])
        )


def _is_for_aws(header: bytes) -> bool:
    return header == b"authorization" or header.startswith(b"x-amz-")


def _is_a_browsers(header: bytes) -> bool:
    return header == b"origin" or header.startswith(b"sec-fetch-")


def _key_in(scope: Scope) -> bytes:
    """The key that a request carries: where AWS's clients put the access key, but in a header of
    ours for what is not AWS's. (A presigned URL holds the key, and may not open these doors.)"""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if scope["path"].startswith(("/_ministack/", "/_lanyard/")):
        return headers.get(KEY_HEADER, b"")
    signed = re.match(rb"AWS4-HMAC-SHA256 Credential=([^/]+)/", headers.get(b"authorization", b""))
    if signed:
        return signed[1]
    query: dict[bytes, list[bytes]] = parse_qs(scope["query_string"])
    return query.get(b"X-Amz-Credential", [b""])[0].partition(b"/")[0]


class Snapshots:
    """Two folders that are written in turn, and a link `current` to the last complete one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.current = folder / "current"

    def prepare(self) -> None:
        """Make the folders, if this is the first start."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self.current.is_symlink():
            (self._folder / "a").mkdir(exist_ok=True)
            self.current.symlink_to("a")

    def write(self, services: dict[str, Callable[[], Any]]) -> None:
        """Save the state of all services; the last snapshot stays if anything goes wrong."""
        from ministack.core import persistence

        name = "b" if self.current.readlink().name == "a" else "a"
        target = self._folder / name
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        persistence.STATE_DIR = str(target)
        for service, get_state in services.items():
            state = get_state()
            if state is not None:
                persistence.save_state(service, state)
                _flush(target / f"{service}.json")  # raises where it was not written
        self._carry_over(target)
        self._point_to(name)

    def _carry_over(self, target: Path) -> None:
        """Services that were not loaded have nothing to say, and keep what they had."""
        for kept in self.current.iterdir():
            if (target / kept.name).exists():
                continue
            if kept.is_dir():
                shutil.copytree(kept, target / kept.name)
            else:
                os.link(kept, target / kept.name)

    def _point_to(self, name: str) -> None:
        fresh = self._folder / "next"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(name)
        fresh.replace(self.current)


def _flush(file: Path) -> None:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())


class Saving:
    """An ASGI application around ministack's that keeps a snapshot about two seconds old.

    The snapshot is written by a fork of this process, made on the event loop: DynamoDB works
    there without ever awaiting, so the fork holds whole transactions. (From a thread it would
    meet dictionaries that change while it reads them.)
    """

    def __init__(self, inner: Any, save: Callable[[], None]) -> None:
        self._inner = inner
        self._save = save
        self._changes = 0
        self._child = 0
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif scope.get("path") == SAVE_PATH:
            await _answer(send, 204 if await self._save_in_fork() else 500)
        else:
            self._changes += _may_change(scope)
            await self._inner(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.create_task(self._autosave())

        async def watched() -> dict[str, Any]:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                # or an older snapshot might land after the last one
                task.cancel()
                self._kill_child()
            return message

        await self._inner(scope, watched, send)

    async def _autosave(self) -> None:
        saved, pause = 0, SAVE_SECONDS
        while True:
            await asyncio.sleep(pause)
            if saved == self._changes:
                continue
            started, now = time.monotonic(), self._changes
            if await self._save_in_fork():
                saved = now
            # A big store shall not keep a core busy with saving.
            pause = max(SAVE_SECONDS, 2 * (time.monotonic() - started))

    async def _save_in_fork(self) -> bool:
        """Whether a snapshot of this moment was written."""
        async with self._turn:
            return await self._fork_and_wait()

    async def _fork_and_wait(self) -> bool:
        try:
            self._child = os.fork()
        except OSError as error:  # no memory, or too many processes
            _tell(f"a snapshot was not begun: {error.strerror}")
            return False
        if self._child == 0:
            _save_and_exit(self._save)
        waiting = asyncio.create_task(asyncio.to_thread(os.waitpid, self._child, 0))
        done, _ = await asyncio.wait([waiting], timeout=SAVE_PATIENCE)
        if not done:
            self._kill_child()
        _, status = await waiting
        self._child = 0
        if status:
            _tell(f"a snapshot was not written (exit code {os.waitstatus_to_exitcode(status)})")
        return bool(status == 0)

    def _kill_child(self) -> None:
        if self._child:
            os.kill(self._child, signal.SIGKILL)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


async def _answer(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _save_and_exit(save: Callable[[], None]) -> None:
    """The end of the forked process: it must not run anything of the server's."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)  # shared with the server's event loop
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        save()
        status = 0
    except BaseException:  # noqa: BLE001  whatever it is, nobody else would tell of it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _may_change(scope: Scope) -> bool:
    if scope.get("method") in ("GET", "HEAD"):
        return False
    target = dict(scope["headers"]).get(b"x-amz-target", b"").decode("latin-1")
    return not target.rpartition(".")[2].startswith(READS)


def remember_expressions(dynamodb: Any) -> None:
    """Parse each DynamoDB expression once."""
    for name in ("_tokenize", "_condition_syntax_error"):
        setattr(dynamodb, name, functools.lru_cache(4096)(getattr(dynamodb, name)))


def keep_whole_mails(ses: Any) -> None:
    """Keep each mail as it was sent (base64 of its MIME, in place of its text), the last ones
    only: /dev/outbox shows attachments too, and memory is not filled with mail."""
    parse, sent = ses._parse_raw_mime, ses._sent_emails_list

    def whole(raw: str) -> dict[str, Any]:
        parsed: dict[str, Any] = parse(raw)
        parsed["BodyParts"] = [{"ContentType": "text/plain", "Data": raw}]
        return parsed

    def last() -> list[Any]:
        mails: list[Any] = sent()
        del mails[:-MAILS_KEPT]
        return mails

    ses._parse_raw_mime, ses._sent_emails_list = whole, last


def receive_sooner(sqs: Any) -> None:
    """A long poll looks every 20 ms instead of every 100 (it knows no signal)."""
    sooner = types.SimpleNamespace(**vars(asyncio))
    sooner.sleep = lambda seconds: asyncio.sleep(min(seconds, RECEIVE_SECONDS))
    sqs.asyncio = sooner


def put_the_stage_into_paths(apigateway: Any) -> None:
    """Put it before the path of each request, unless it is the stage without a name."""
    invoke = apigateway._invoke_lambda_proxy

    async def with_stage(
        integration: Any, api: Any, stage: str, path: str, *rest: Any, **more: Any
    ) -> Any:
        shown = path if stage == "$default" else f"/{stage}{path}"
        return await invoke(integration, api, stage, shown, *rest, **more)

    apigateway._invoke_lambda_proxy = with_stage


def give_functions_the_key(runtime: Any, functions: Any) -> None:
    """Functions are our own processes, too: by themselves they would come with the account's
    number as their key."""
    inner = runtime.execution_credentials

    def with_key(function: dict[str, Any]) -> dict[str, str]:
        given: dict[str, str] = inner(function)
        return given | {"AWS_ACCESS_KEY_ID": os.environ["AWS_ACCESS_KEY_ID"]}

    runtime.execution_credentials = functions.execution_credentials = with_key


def try_messages_again(sns: Any, functions: Any) -> None:
    """Let SNS start a function as everything else does that does not wait for it."""
    patient = types.SimpleNamespace(**vars(functions))
    patient._execute_function_with_config_scope = functions.invoke_async_with_retry
    sns._lambda_svc = patient


def let_functions_come_to_their_end(runtime: Any, functions: Any) -> None:
    """Workers that are busy when they are to be killed, for an update or because another failed,
    are killed once they are not: a message would be lost, and a start would find no code."""
    kill, release = runtime.kill_workers, runtime.release_worker
    leaving: set[Any] = set()

    def kill_idle(workers: list[Any]) -> None:
        leaving.update(worker for worker in workers if worker.in_use)
        kill([worker for worker in workers if not worker.in_use])

    def released(worker: Any) -> None:
        release(worker)
        if worker in leaving:
            leaving.remove(worker)
            kill([worker])

    runtime.kill_workers, functions.release_worker = kill_idle, released


def take_null_for_no_body(ministack: Any) -> None:
    """Answer with nothing where a function's answer has null for its body, as to HEAD."""
    inner = ministack._send_response

    async def sent(send: Send, status: int, headers: Any, body: Any, **more: Any) -> None:
        await inner(send, status, headers, body or b"", **more)

    ministack._send_response = sent


def die_with_parent(lifeline: int) -> None:
    """End like by SIGTERM when the process at the other end of the socket is gone."""

    def wait() -> None:
        # Reset, not ended, if our own byte was never read there.
        with contextlib.suppress(ConnectionResetError):
            while os.read(lifeline, 1):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def take_turn(folder: Path) -> int:
    """Wait until an earlier process has written its last snapshot; the lock lasts as long as we
    and our forks do."""
    turn = os.open(folder / "cloud.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(turn, fcntl.LOCK_EX)
    return turn


async def serve(app: Any, listener: int, lifeline: int) -> None:
    """Serve until SIGTERM; one byte goes up the lifeline as soon as requests are answered."""
    import hypercorn.asyncio
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"fd://{listener}"]
    config.backlog = socket.SOMAXCONN
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.5  # a receiver that is gone would be waited for
    config.loglevel = os.environ["LOG_LEVEL"]
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    async def until_stopped() -> None:
        os.write(lifeline, b"\n")  # hypercorn waits for this only when it has begun to serve
        await stop.wait()

    await hypercorn.asyncio.serve(app, config, shutdown_trigger=until_stopped)


def main() -> None:
    """Run until SIGTERM or the end of the lifeline."""
    folder, listener, lifeline = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    host, key = f"127.0.0.1:{os.environ['GATEWAY_PORT']}", os.environ["AWS_ACCESS_KEY_ID"]
    die_with_parent(lifeline)
    turn = take_turn(folder)
    snapshots = Snapshots(folder / "state")
    if os.environ["PERSIST_STATE"] == "1":
        snapshots.prepare()
        os.environ["STATE_DIR"] = str(snapshots.current)
    sys.argv[1:] = []
    import ministack.app as ministack
    from ministack.services import dynamodb, ses, sqs

    remember_expressions(dynamodb)
    receive_sooner(sqs)
    keep_whole_mails(ses)
    services = os.environ["SERVICES"].split(",")
    if "cloudformation" in services:
        from ministack.services import s3
        from ministack.services.cloudformation import provisioners

        sys.path.insert(0, str(Path(__file__).parent))
        import ministack_past  # type: ignore[import-not-found]  # mypy knows it as a part of app

        ministack_past.keep_the_past(dynamodb, s3, provisioners)
    deploys = "lambda" in services
    if deploys:
        from ministack.core import lambda_runtime
        from ministack.services import apigateway, lambda_svc, sns

        give_functions_the_key(lambda_runtime, lambda_svc)
        put_the_stage_into_paths(apigateway)
        try_messages_again(sns, lambda_svc)
        let_functions_come_to_their_end(lambda_runtime, lambda_svc)
        take_null_for_no_body(ministack)
    app = ministack.app
    if os.environ["PERSIST_STATE"] == "1":

        def save(services: dict[str, Callable[[], Any]] | None = None) -> None:
            snapshots.write(services or ministack._build_persistence_save_dict())

        ministack.save_all = save
        app = Saving(app, save)
    asyncio.run(serve(Guard(app, host, key, deploys=deploys), listener, lifeline))
    os.close(turn)


if __name__ == "__main__":
    main()
