"""What must hold for every route, template, message and setting, also those still to come."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, nodes

from app import config
from app.aws import tables
from app.conferences.rules import Conference
from app.core import messages
from app.core.errors import Invalid, Refusal, Taken
from app.entrypoints import http, sns
from app.passes.code import NotAPassCode, UnknownSignature
from app.registrations.rules import Mail
from app.web import errors
from tests.pages import PageClient

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "app").rglob("*.py"))


def templates() -> list[Path]:
    return sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


def test_every_route_has_a_guard(app: Flask) -> None:
    guarded = {entrance.blueprint.name for entrance in http.ENTRANCES}
    unguarded = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and rule.endpoint.partition(".")[0] not in guarded
    ]
    assert unguarded == []


def test_every_route_that_takes_something_takes_only_posts(app: Flask) -> None:
    methods = {method for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    assert methods <= {"GET", "HEAD", "OPTIONS", "POST"}


def test_local_routes_are_not_there_in_the_cloud(client: PageClient) -> None:
    assert client.get("/dev/outbox").status_code == 200
    laptop = config.settings
    config.use(replace(laptop, stage="prod"))
    try:
        assert client.get("/dev/outbox").status_code == 404
    finally:
        config.use(laptop)


def test_every_message_has_a_reaction() -> None:
    assert set(sns.REACTIONS) == set(messages.TYPES)
    assert all(sns.REACTIONS.values())


def test_every_mail_has_its_folder() -> None:
    folders = {path.name for path in (ROOT / "templates" / "email").iterdir() if path.is_dir()}
    assert folders == {*Mail, "moved_away", "handed_on", "links"}
    for folder in folders:
        files = {path.name for path in (ROOT / "templates" / "email" / folder).iterdir()}
        assert files == {"subject.txt", "body.txt", "body.html"}


def test_every_template_is_used() -> None:
    code = "".join(path.read_text() for path in SOURCES)
    names = {path.relative_to(ROOT / "templates").as_posix() for path in templates()}
    markup = "".join(path.read_text() for path in templates())
    unused = [
        name
        for name in names
        if not name.startswith("email/") and f'"{name}"' not in code and f'"{name}"' not in markup
    ]
    assert unused == []


def test_material_markup_stands_in_macros_alone() -> None:
    strays = [
        path.name
        for path in templates()
        if "macros" not in path.parts and re.search(r"\bmdl-", path.read_text())
    ]
    assert strays == []


def test_templates_have_no_inline_script_or_style() -> None:
    pages = [path for path in templates() if "email" not in path.parts]
    program = r"<script(?![^>]*\ssrc=)(?! type=\"application/ld\+json\")"  # that is data
    inline = re.compile(rf"<style|{program}|\sstyle=|\son[a-z]+=\"")
    assert [path.name for path in pages if inline.search(path.read_text())] == []


def test_no_template_trusts_text_blindly() -> None:
    """Nothing is marked safe in a template: what is markup is so by its type."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    unsafe = [
        path.name
        for path in templates()
        for node in environment.parse(path.read_text()).find_all(nodes.Filter)
        if node.name == "safe"
    ]
    assert unsafe == []


def refusals(kind: type[Refusal] = Refusal) -> set[type[Refusal]]:
    return {kind, *(each for child in kind.__subclasses__() for each in refusals(child))}


def test_every_refusal_has_an_answer() -> None:
    """Those that never leave a service are private, or said on the command line."""
    said_elsewhere = {Refusal, Taken, Invalid, NotAPassCode, UnknownSignature}
    public = {one for one in refusals() if not one.__name__.startswith("_")}
    in_app = {one for one in public if one.__module__.startswith("app.")}
    assert in_app - said_elsewhere == set(errors.REFUSALS)


def test_every_expression_compares_attributes_and_values_only() -> None:
    """DynamoDB has no arithmetic in conditions, though the emulator would accept it."""
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare) and any(
                isinstance(side, ast.BinOp) and _names_a_record(side.left)
                for side in (node.left, *node.comparators)
            ):
                found.append(f"{path.name}:{node.lineno}")
    assert found == []


def _names_a_record(node: ast.AST) -> bool:
    kinds = {record.__name__ for record in tables.Record.kinds}
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in kinds
    )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_functions_are_short(path: Path) -> None:
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > 55
    ]
    assert long == []


LINK = re.compile(r'href="(/[^"#?]*)')


def test_every_page_is_reachable_from_home(client: PageClient, conference: Conference) -> None:
    seen: set[str] = set()
    ahead = {"/"}
    while ahead:
        path = ahead.pop()
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        if answer.mimetype == "text/html":
            ahead |= set(LINK.findall(answer.text)) - seen
    assert {"/", "/c/garam", "/c/garam/privacy", "/my"} <= seen


def test_every_text_is_translated() -> None:
    """What `make lint` runs as well: no text without Korean, none in vain."""
    checked = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "catalogues.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "The catalogues are complete.\n")
