"""A shell of an emulated AWS: what it speaks to, what it hides, and our `aws` in it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.session import get_session

from app.config import Settings
from app.local import cloud, shell
from app.local.venv import ROOT

FUNCTION = """
import os
def handle(event, context):
    return {"statusCode": 200, "body": event["rawPath"] + " " + os.environ["AWS_ACCESS_KEY_ID"]}
"""


def in_shell(commands: str, folder: Path, *where: str, **environ: str) -> tuple[int, str]:
    """What a shell without a terminal prints, and its exit code."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    kept.pop("LANYARD_STAGE", None)
    done = subprocess.run(
        [sys.executable, "-m", "app.local.shell", *where], input=commands, text=True, cwd=ROOT,
        env=kept | {"LANYARD_DATA": str(folder)} | environ, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.fixture
def folder(settings: Settings) -> Iterator[Path]:
    """The folder of a cloud that runs."""
    running = cloud.start(settings)
    yield settings.data_dir
    running.stop()


def test_where_nothing_runs_it_says_so(tmp_path: Path) -> None:
    status, printed = in_shell("echo never", tmp_path)
    assert status == 1
    assert "start it with `make run`" in printed
    assert "never" not in printed


def test_it_speaks_to_the_running_cloud_and_ends_as_its_last_command(folder: Path) -> None:
    commands = "aws sqs create-queue --queue-name here --query QueueUrl\nexit 3\n"
    status, printed = in_shell(commands, folder)
    assert status == 3
    assert "/000000000000/here" in printed


def test_at_a_terminal_our_programs_come_first(folder: Path, tmp_path: Path) -> None:
    """Whatever the user's own files put into the path."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "aws").write_text("#!/bin/sh\n")
    (tmp_path / "other" / "aws").chmod(0o755)
    (tmp_path / ".bashrc").write_text(f'PATH="{tmp_path}/other:$PATH"\n')
    printed = at_terminal("command -v aws\nexit 7\n", folder, HOME=str(tmp_path))
    assert f"{shell.PROGRAMS}/aws" in printed
    assert shell.PROMPT in printed


def at_terminal(typed: str, folder: Path, **environ: str) -> str:
    """What a shell shows in which somebody types that, and which ends with 7."""
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "app.local.shell"], cwd=ROOT, start_new_session=True,
        env=kept | {"LANYARD_DATA": str(folder)} | environ,
        stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = b""
    with contextlib.suppress(OSError):  # Linux: the other end is closed
        while more := os.read(ours, 10_000):
            shown += more
    os.close(ours)
    assert process.wait(timeout=30) == 7
    return shown.decode()


def test_nothing_of_another_account_is_left(folder: Path) -> None:
    other = {
        "AWS_PROFILE": "mine",
        "AWS_SESSION_TOKEN": "token",
        "AWS_ENDPOINT_URL_S3": "elsewhere",
    }
    _, printed = in_shell("env", folder, **other)
    assert not [name for name in other if f"{name}=" in printed]


def test_flask_works_for_the_running_stage(folder: Path) -> None:
    _, printed = in_shell('echo "$LANYARD_STAGE $PORT"', folder, PORT="9000")
    assert printed == "local 9000\n"


QUEUES = "aws sqs create-queue --queue-name"


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        (f"{QUEUES} a >queue; aws sqs list-queues --query 'length(QueueUrls)'", "1\n"),
        (
            f"""{QUEUES} b --attributes '{{"DelaySeconds": "7"}}' >queue
            aws sqs get-queue-attributes --queue-url http://127.0.0.1/000000000000/b \\
              --attribute-names DelaySeconds VisibilityTimeout --output text \\
              --query 'Attributes.[DelaySeconds, VisibilityTimeout]'""",
            "7\t30\n",
        ),
        (
            "aws s3api head-bucket --bucket none-of-this-name; echo $?",
            "An error occurred (404) when calling the HeadBucket operation: Not Found\n254\n",
        ),
        ("aws sqs no-such-thing; echo $?", "aws: KeyError: 'no_such_thing'\n2\n"),
        (
            """aws s3api create-bucket --bucket files >bucket \\
              --create-bucket-configuration '{"LocationConstraint": "ap-northeast-2"}'
            echo 한글 >sent
            aws s3api put-object --bucket files --key a --body sent --query 'ETag != null'
            aws s3api get-object got --bucket files --key a --query ContentLength
            cat got""",
            "true\n7\n한글\n",
        ),
    ],
)
def test_our_aws(folder: Path, tmp_path: Path, command: str, printed: str) -> None:
    assert in_shell(f"cd {tmp_path}\n{command}", folder) == (0, printed)


@pytest.fixture(scope="module")
def account() -> Iterator[cloud.EphemeralCloud]:
    """An account to practise with."""
    with cloud.ephemeral(services=shell.ACCOUNT_SERVICES) as account:
        yield account


@pytest.fixture(scope="module")
def address(account: cloud.EphemeralCloud) -> str:
    """The API of a small function."""
    aws = get_session()
    aws.set_credentials(account.endpoint.key, account.endpoint.key)
    made = {
        service: aws.create_client(service, "ap-northeast-2", endpoint_url=account.endpoint.url)
        for service in ("lambda", "apigatewayv2")
    }
    function = made["lambda"].create_function(
        FunctionName="small", Runtime=f"python3.{sys.version_info.minor}", Handler="small.handle",
        Role="arn:aws:iam::000000000000:role/small", Code={"ZipFile": zipped("small.py", FUNCTION)},
    )  # fmt: skip
    apis = made["apigatewayv2"]
    api = apis.create_api(Name="small", ProtocolType="HTTP")["ApiId"]
    integration = apis.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function["FunctionArn"],
        PayloadFormatVersion="2.0",
    )  # fmt: skip
    target = f"integrations/{integration['IntegrationId']}"
    apis.create_route(ApiId=api, RouteKey="$default", Target=target)
    apis.create_stage(ApiId=api, StageName="dev", AutoDeploy=True)
    return f"{account.endpoint.url}/_aws/execute-api/{api}"


def zipped(name: str, text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, text)
    return packed.getvalue()


def ask(address: str, **headers: str) -> tuple[int, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urlopen(Request(address, headers=named), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_function_has_the_key_and_sees_its_stage(
    account: cloud.EphemeralCloud, address: str
) -> None:
    assert ask(f"{address}/dev/c/demo") == (HTTPStatus.OK, f"/dev/c/demo {account.endpoint.key}")


def test_its_api_is_open_to_browsers_too(address: str) -> None:
    assert ask(f"{address}/dev/", Origin="http://127.0.0.1:8000")[0] == HTTPStatus.OK


@pytest.mark.parametrize("path", ["", "/", "/dev/@connections/1", "/../../../_ministack/health"])
def test_nothing_else_is_open(address: str, path: str) -> None:
    """With less than an API and a stage, the emulator would go by the headers."""
    named = {"X_Amz_Target": "AmazonSSM.DescribeParameters"}
    assert ask(address + path, **named) == (HTTPStatus.FORBIDDEN, "")


def test_no_other_name_opens_it(address: str) -> None:
    assert ask(f"{address}/dev/", Host="page.example.com")[0] == HTTPStatus.FORBIDDEN


@pytest.fixture(scope="module")
def website(account: cloud.EphemeralCloud) -> str:
    """The name of a website with a page in `ko/` and one that is not of ours."""
    aws = get_session()
    aws.set_credentials(account.endpoint.key, account.endpoint.key)
    s3 = aws.create_client("s3", "ap-northeast-2", endpoint_url=account.endpoint.url)
    s3.create_bucket(
        Bucket="site", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
    )
    s3.put_bucket_website(
        Bucket="site", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}}
    )
    for key in ("index.html", "ko/c/river/index.html", "secret/index.html"):
        s3.put_object(Bucket="site", Key=key, Body=b"shown", ContentType="text/html")
    port = account.endpoint.url.rpartition(":")[2]
    return f"site.s3-website.ap-northeast-2.localhost:{port}"


@pytest.mark.parametrize("path", ["/index.html", "/ko/c/river/index.html"])
def test_a_website_is_open(account: cloud.EphemeralCloud, website: str, path: str) -> None:
    assert ask(account.endpoint.url + path, Host=website) == (HTTPStatus.OK, "shown")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/secret/index.html", {}),
        ("/_ministack/health", {}),
        ("/?Action=ListTopics&Version=2010-03-31", {}),
        ("/", {"X_Amz_Target": "AmazonSSM.DescribeParameters"}),
        ("/", {"Authorization": "AWS4-HMAC-SHA256 Credential=000000000000/"}),
        ("/", {"Host": "site.s3-website.ap-northeast-2.localhost:1"}),
        ("/", {"Host": "site.s3-website.ap-northeast-2.localhost.example.com"}),
    ],
)
def test_a_website_opens_nothing_else(
    account: cloud.EphemeralCloud, website: str, path: str, headers: dict[str, str]
) -> None:
    answer = ask(account.endpoint.url + path, **({"Host": website} | headers))
    assert answer == (HTTPStatus.FORBIDDEN, "")


def test_an_account_is_gone_with_its_shell(tmp_path: Path) -> None:
    """It is no stage of the laptop's, so that what is deployed to it is used."""
    asked = "aws sts get-caller-identity --query Account; echo $AWS_ENDPOINT_URL, $LANYARD_STAGE"
    _, printed = in_shell(asked, tmp_path, "account")
    found = re.fullmatch(r'"000000000000"\n(http://127\.0\.0\.1:\d+),\n', printed)
    assert found, printed
    with pytest.raises(OSError, match="refused"):
        urlopen(found[1], timeout=5)
    assert list(tmp_path.iterdir()) == []


def test_our_aws_imports_nothing_of_ours() -> None:
    """It is run by its path, and the modules beside it have names of the standard library's."""
    source = (ROOT / "app/local/aws_command.py").read_text(encoding="utf-8")
    assert not re.findall(r"^\s*(?:from|import) app\b", source, re.MULTILINE)


def test_messages_are_tried_again(account: cloud.EphemeralCloud) -> None:
    """The patch still fits the pinned release: what it replaces is there."""
    from tests.local.test_ministack_run import run_in_clouds_python

    printed = run_in_clouds_python(
        "import ministack_run\n"
        "from ministack.services import lambda_svc, sns\n"
        "ministack_run.try_messages_again(sns, lambda_svc)\n"
        "import inspect\n"
        "print('_execute_function_with_config_scope' in inspect.getsource(sns))\n"
        "print(sns._lambda_svc._execute_function_with_config_scope.__name__)\n"
    )
    assert printed.split() == ["True", "invoke_async_with_retry"]


def test_json_is_printed_as_the_real_one_prints_it(folder: Path) -> None:
    _, printed = in_shell(f"{QUEUES} c >/dev/null; aws sqs list-queues", folder)
    assert json.loads(printed)["QueueUrls"]
    assert printed.startswith('{\n    "QueueUrls": [\n        "')
