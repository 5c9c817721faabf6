"""Zappa's handler with the settings that are deployed, in a fresh interpreter."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from zappa.cli import ZappaCLI

from app import config
from app.aws import sent, tables
from app.config import Settings
from app.local import provision
from app.local.cloud import EphemeralCloud
from deploy import stages
from deploy.folders import ROOT
from tests import cast
from tests.cast import KIM
from tests.deploy import deployed
from tests.entrypoints import gateway

STAGE = stages.find("dev")
NOT_ON_THE_WAY = {"PIL", "segno", "cryptography", "icalendar", "reportlab"}
# Of our own: the laptop's, each command, and what reacts to messages, files and the clock.
NOT_FOR_THE_WEB = re.compile(
    r"app\.(local|notifications|entrypoints\.(cli\.|sns|schedule|uploads|site|dead_letters))"
)


@dataclass(frozen=True)
class Life:
    """What came of it, and what was printed."""

    found: dict[str, Any]
    printed: str


def zappas_settings() -> str:
    """The module of settings that Zappa puts into the package."""
    cli = ZappaCLI()
    cli.api_stage = "dev"
    cli.load_credentials = False
    cli.load_settings(str(ROOT / "zappa_settings.json"))
    return str(cli.get_zappa_settings_string())


def schedule(function: str) -> dict[str, Any]:
    rule = f"arn:aws:events:ap-northeast-2:000000000000:rule/lanyard-dev-{function}"
    return {"detail-type": "Scheduled Event", "resources": [rule]}


def events() -> list[dict[str, Any]]:
    """One of each kind, then what breaks in each, with a person's data in it."""
    secret = {"email": KIM.email, "name": KIM.name}
    broken = gateway.v2("POST", f"/c/garam/register?{KIM.email}", form={"name": KIM.name})
    return [
        schedule("app.entrypoints.schedule.every_five_minutes"),
        {"command": "app.entrypoints.cli.run", "args": ["registration", "list", "garam"]},
        deployed.sns({"type": KIM.name, "data": secret}),
        deployed.sns({"type": "registration.confirmed", "data": secret}),
        {"command": "app.entrypoints.cli.run", "args": ["registration", "cancel", KIM.email]},
        {"Records": [{"s3": {"configurationId": "x", "bucket": {"arn": "arn:aws:s3:::no"},
                             "object": {"key": KIM.email}}}]},
        {**broken, "body": f"{KIM.email}*"},
        {**broken, "isBase64Encoded": False, "body": KIM.email},
        gateway.v2("GET", f"/passes/{KIM.email}"),
        gateway.v1("GET", f"/my?{KIM.email}"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def life(emulator: EphemeralCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """The stage `dev` in an empty cloud with one open conference, and all that happens there."""
    laptop, folder = config.settings, tmp_path_factory.mktemp("task")
    emulator.reset()
    config.use(Settings.from_environ(STAGE["environment_variables"]))
    tables.forget_connections()
    provision.ensure(config.settings)
    cast.make_conference()
    (folder / "zappa_settings.py").write_text(zappas_settings())
    yield live(folder, emulator)
    config.use(laptop)
    tables.forget_connections()


def live(folder: Path, emulator: EphemeralCloud) -> Life:
    outcome = folder / "outcome.json"
    result = subprocess.run(
        [sys.executable, "-m", "tests.deploy.deployed", str(outcome)],
        input=json.dumps({"form": cast.form(KIM), "events": events()}),
        env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
             "PUBLIC_URL": "https://dev.example.com",
             **emulator.environ, **STAGE["aws_environment_variables"]},
        cwd=folder, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return Life(json.loads(outcome.read_text()), result.stdout)


def test_signing_up_works(life: Life) -> None:
    assert life.found["statuses"] == [200, 303]
    assert life.found["link"].startswith("/prod/passes/")


def test_what_signing_up_does_not_need_is_not_imported(life: Life) -> None:
    assert {"app.registrations.views", "flask", "botocore"} <= set(life.found["modules"])
    imported = {name.partition(".")[0] for name in life.found["modules"]}
    assert not imported & NOT_ON_THE_WAY
    assert not [name for name in life.found["modules"] if NOT_FOR_THE_WEB.match(name)]


def test_every_kind_of_event_has_its_answer(life: Life) -> None:
    page, reacted, swept, listed, *broken = life.found["outcomes"]
    assert (page["statusCode"], KIM.name in page["body"]) == (200, True)
    assert (reacted, swept["passes"], swept["mails"]) == (None, 0, 0)
    assert [mail.to for mail in sent.messages()] == [KIM.email]
    assert KIM.email in listed["output"]
    unknown, confirmed, *_, path, query = broken
    assert {unknown, confirmed} <= {"EntryFailed", "ExceptionGroup"}
    assert (path["statusCode"], query["statusCode"]) == (404, 200)


def test_nothing_personal_and_no_secret_is_printed(life: Life) -> None:
    assert '"route": "/c/<slug>/register"' in life.printed  # something is
    secret = life.found["link"].rpartition("/")[2].partition("?")[0]
    for word in (KIM.name, KIM.email, KIM.phone, KIM.company, secret):
        assert word not in life.printed
        assert word.encode("unicode_escape").decode() not in life.printed
