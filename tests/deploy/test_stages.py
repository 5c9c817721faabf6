"""`zappa_settings.json`: every trap that Zappa has set is walked around."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.local.provision import UPLOADS_PREFIX
from deploy import stages
from deploy.folders import ROOT
from deploy.live import CHOICES
from deploy.target import CannotTarget, Target, builders_python, target

STAGES = stages.read()
every_stage = pytest.mark.parametrize("name", STAGES)


def settings(name: str) -> Settings:
    """What the deployed app makes of a stage."""
    return Settings.from_environ(STAGES[name]["environment_variables"])


def functions() -> list[str]:
    return sorted({one["function"] for stage in STAGES.values() for one in stage["events"]})


def source(name: str, service: str) -> dict[str, Any]:
    """The one event source of a service: a second on the same would silently replace it."""
    found = [
        event["event_source"]
        for event in STAGES[name]["events"]
        if event.get("event_source", {}).get("arn", "").startswith(f"arn:aws:{service}:")
    ]
    assert len(found) == 1
    return dict(found[0])


def test_there_are_two_stages() -> None:
    assert set(STAGES) == {"dev", "prod"}
    assert {stage["apigateway_version"] for stage in STAGES.values()} == {"v2"}


@every_stage
def test_nothing_but_what_there_is_to_choose_is_chosen(name: str) -> None:
    assert STAGES[name]["lanyard"] == CHOICES


@every_stage
def test_the_public_address_is_left_to_the_deployment(name: str) -> None:
    """Zappa would put it over what the function is told when CloudFront stands."""
    told = {*STAGES[name]["environment_variables"], *STAGES[name]["aws_environment_variables"]}
    assert not told & {"PUBLIC_URL", "LANYARD_FRONT_SECRET"}


@every_stage
def test_zappas_traps_are_avoided(name: str) -> None:
    wanted = {
        "touch": False,  # else a deploy wants to resolve the public address
        "debug": False,  # else events are logged whole
        "log_level": "INFO",
        "keep_warm": False,
        "use_precompiled_packages": False,  # else it takes what fits this machine
        "manage_roles": False,  # the base stack's role has less rights
        "binary_support": True,
        "aws_region": "ap-northeast-2",
        "app_function": "wsgi.app",
        "app_type": "wsgi",
        "prebuild_script": "deploy.prebuild.prepare",
        "lambda_handler": "zappa.handler.lambda_handler",  # the copy at the root has no bytecode
    }
    assert {key: STAGES[name].get(key) for key in wanted} == wanted
    assert STAGES[name]["num_retained_versions"] >= 2
    # Unset, they follow the Python that packages; exception_handler would cancel Lambda's retry.
    assert not {"runtime", "exception_handler", "exclude", "slim_handler"} & set(STAGES[name])


@every_stage
def test_what_is_excluded_stands_at_the_root(name: str) -> None:
    """`exclude` would match at every depth, and a pattern with `**` breaks the packaging."""
    assert not [glob for glob in STAGES[name]["exclude_glob"] if "**" in glob or "/" in glob]


@pytest.mark.parametrize("path", functions())
def test_entry_points_are_what_zappa_can_call(path: str) -> None:
    """A wrong signature, or a path it cannot use, is silently never run, or run three times."""
    module, _, function = path.rpartition(".")
    found = inspect.signature(getattr(import_module(module), function))
    assert list(found.parameters) == ["event", "context"]
    assert all(each.default is inspect.Parameter.empty for each in found.parameters.values())
    assert re.fullmatch(r"[A-Za-z0-9._]{1,63}", path)


def test_every_entry_point_is_reached() -> None:
    entry = ROOT / "app" / "entrypoints"
    handlers = {
        f"app.entrypoints.{path.stem}.{name}"
        for path in entry.glob("*.py")
        for name in re.findall(
            r"^def (\w+)\(event: dict\[str, Any\], context", path.read_text(), re.M
        )
    }
    assert handlers - {"app.entrypoints.cli.run"} == set(functions())  # that one is called directly


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_events_come_from_the_stages_own_topic_bucket_and_clock(name: str) -> None:
    topic, bucket = source(name, "sns"), source(name, "s3")
    assert topic == {"arn": settings(name).topic_arn, "events": ["sns:Publish"]}
    assert bucket["arn"] == f"arn:aws:s3:::{settings(name).uploads_bucket}"
    assert bucket["prefix"] == UPLOADS_PREFIX  # what it writes must not come back to it
    clocks = {each["function"]: each.get("expressions") for each in STAGES[name]["events"]}
    assert clocks["app.entrypoints.schedule.every_five_minutes"] == ["rate(5 minutes)"]
    assert clocks["app.entrypoints.schedule.every_hour"] == ["rate(1 hour)"]


@every_stage
def test_the_app_is_told_its_stage_and_nothing_secret(name: str) -> None:
    told = STAGES[name]["environment_variables"]
    assert settings(name).stage == ("prod" if name == "prod" else "dev")
    assert set(told) == {"LANYARD_STAGE", "LANYARD_ACCOUNT", "LANYARD_MAIL_SENDER"}
    assert STAGES[name]["aws_environment_variables"] == {
        "INSTANTIATE_LAMBDA_HANDLER_ON_IMPORT": "1"  # the app is imported in Lambda's init
    }


def test_zappa_reads_the_stages_as_we_do() -> None:
    from zappa.cli import ZappaCLI

    cli = ZappaCLI()
    cli.load_settings_file(str(ROOT / "zappa_settings.json"))
    for name, stage in STAGES.items():
        cli.api_stage = name
        assert cli.stage_config == stage


def test_a_stage_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(stages.NoSuchStage, match="dev, prod"):
        stages.find("staging")


def test_the_command_line_tells_which_stages_are_meant() -> None:
    assert stages.named_in(["deploy", "prod"]) == [STAGES["prod"]]
    assert stages.named_in(["update", "--all"]) == list(STAGES.values())


def test_what_is_built_for() -> None:
    assert target([{"architecture": "arm64"}]) == Target(builders_python(), "arm64")
    assert target([{}]) == Target(builders_python(), "x86_64")
    with pytest.raises(CannotTarget, match="one by one"):
        target([{"architecture": "arm64"}, {}])
    with pytest.raises(CannotTarget, match="has no architecture 'mips'"):
        target([{"architecture": "mips"}])
