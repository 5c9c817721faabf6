"""The embedded cloud answers our own processes only, and can do no more than they need."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import stat
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from app.aws.clients import client, session
from app.aws.sent import KEY_HEADER
from app.config import Settings
from app.local import cloud
from app.local.venv import ROOT
from tests.local.conftest import SpeakTo

Headers = dict[str, str]
Answer = tuple[int, Headers, bytes]
PARAMETERS = json.dumps({"Name": "/secret"}).encode()


@pytest.fixture
def endpoint(emulator: cloud.EphemeralCloud, in_memory: Settings) -> cloud.Endpoint:
    """A cloud in memory that holds a secret."""
    client("ssm").put_parameter(Name="/secret", Value="hush", Type="SecureString")
    return emulator.endpoint


def signed(key: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential={key}/20261125/ap-northeast-2/ssm/aws4_request"


def ask(endpoint: cloud.Endpoint, method: str, path: str, headers: Headers) -> Answer:
    address = urlsplit(endpoint.url).netloc
    with contextlib.closing(http.client.HTTPConnection(address, timeout=10)) as connection:
        connection.request(method, path, PARAMETERS, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def read_secret(endpoint: cloud.Endpoint, **changed: str) -> Answer:
    """What boto3 would send, with other headers where they are named."""
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AmazonSSM.GetParameter",
        "Authorization": signed(endpoint.key),
    }
    changed = {name.replace("_", "-"): value for name, value in changed.items()}
    return ask(endpoint, "POST", "/", headers | changed)


def test_our_own_processes_are_answered(endpoint: cloud.Endpoint) -> None:
    status, _, body = read_secret(endpoint)
    assert status == HTTPStatus.OK
    assert json.loads(body)["Parameter"]["Name"] == "/secret"


@pytest.mark.parametrize(
    "changed",
    [
        {"Origin": "https://page.example.com"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Mode": "no-cors"},
        {"Host": "page.example.com"},
        {"Host": "localhost"},
        {"Host": "127.0.0.1"},
        {"Authorization": signed("test")},
        {"Authorization": signed("000000000000")},
        {"Authorization": signed("")},
        {"Authorization": ""},
    ],
)
def test_nobody_else_is_answered(endpoint: cloud.Endpoint, changed: Headers) -> None:
    status, headers, body = read_secret(endpoint, **changed)
    assert (status, body) == (HTTPStatus.FORBIDDEN, b"")
    assert not [name for name in headers if name.lower().startswith("access-control")]


def test_a_page_may_not_even_ask(endpoint: cloud.Endpoint) -> None:
    preflight = {"Origin": "https://page.example.com", "Access-Control-Request-Method": "POST"}
    assert ask(endpoint, "OPTIONS", "/", preflight)[0] == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/_ministack/reset"),
        ("POST", "/%5Fministack/reset"),
        ("GET", "/_ministack/ses/messages"),
        ("GET", "/_ministack/health"),
        ("GET", "/health"),
        ("POST", "/_lanyard/save"),
    ],
)
def test_what_is_not_awss_needs_the_key_too(
    endpoint: cloud.Endpoint, method: str, path: str
) -> None:
    for headers in ({}, {KEY_HEADER: "test"}):
        assert ask(endpoint, method, path, headers)[0] == HTTPStatus.FORBIDDEN
    assert read_secret(endpoint)[0] == HTTPStatus.OK  # nothing was reset


def test_a_presigned_url_opens_its_object_and_nothing_else(endpoint: cloud.Endpoint) -> None:
    client("s3").create_bucket(
        Bucket="files", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
    )
    client("s3").put_object(Bucket="files", Key="a.png", Body=b"\x89PNG")
    url = urlsplit(presigned("files", "a.png"))
    assert ask(endpoint, "GET", f"{url.path}?{url.query}", {})[2] == b"\x89PNG"
    reset = ask(endpoint, "POST", f"/_ministack/reset?{url.query}", {})
    assert reset[0] == HTTPStatus.FORBIDDEN


def presigned(bucket: str, key: str) -> str:
    s3 = session().create_client("s3", "ap-northeast-2", config=Config(signature_version="s3v4"))
    return str(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}))


def test_there_are_no_functions_that_could_run_code(endpoint: cloud.Endpoint) -> None:
    functions = session().create_client("lambda", "ap-northeast-2")
    with pytest.raises(ClientError) as refusal:
        functions.create_function(
            FunctionName="evil", Runtime="python3.11", Handler="evil.run",
            Role="arn:aws:iam::000000000000:role/evil", Code={"ZipFile": b"PK"},
        )  # fmt: skip
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.BAD_REQUEST


def test_there_are_no_services_but_ours(endpoint: cloud.Endpoint) -> None:
    key = {KEY_HEADER: endpoint.key}
    services = json.loads(ask(endpoint, "GET", "/_ministack/health", key)[2])["services"]
    assert tuple(sorted(services)) == cloud.SERVICES


@pytest.mark.parametrize("origin", ["", "Origin: https://page.example.com\r\n"])
def test_websockets_are_refused(endpoint: cloud.Endpoint, origin: str) -> None:
    host = urlsplit(endpoint.url).netloc
    handshake = (
        f"GET /_aws/execute-api/api/dev HTTP/1.1\r\nHost: {host}\r\n{origin}"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: {signed(endpoint.key)}\r\n"
        "\r\n"
    )
    name, _, port = host.partition(":")
    with socket.create_connection((name, int(port)), timeout=10) as connection:
        connection.sendall(handshake.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 403")


def test_what_the_cloud_keeps_is_for_this_user_alone(settings: Settings, speak_to: SpeakTo) -> None:
    before = os.umask(0)  # nothing shall hang on it
    try:
        own = cloud.start(settings)
    finally:
        os.umask(before)
    speak_to(own.endpoint, settings)
    client("ssm").put_parameter(Name="/secret", Value="hush", Type="SecureString")
    own.save()
    endpoint = settings.data_dir / "endpoint"
    saved = settings.data_dir / "state" / "current" / "ssm.json"
    folders = [settings.data_dir / name for name in (".", "logs", "s3", "state", "tmp")]
    try:
        assert json.loads(endpoint.read_text())["key"] == own.endpoint.key
        assert [mode(file) for file in (endpoint, saved)] == [0o600, 0o600]
        assert {mode(folder) for folder in folders} == {0o700}
    finally:
        own.stop()


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_what_a_forked_process_writes_is_for_this_user_alone(tmp_path: Path) -> None:
    written = tmp_path / "written"
    subprocess.run([sys.executable, "-c", FORKING, str(written)], cwd=ROOT, check=True)
    assert mode(written) == 0o600


FORKING = """
import os, sys
from pathlib import Path
from app.local import child

def write(lifeline):
    Path(sys.argv[1]).touch()
    os.write(lifeline, b"\\n")
    os.read(lifeline, 1)

process = child.Child("A process", child.fork(write))
process.wait_until_ready()
process.stop()
"""
