"""The package: what is in it, what it is built for, how large it is. Made by the real Zappa."""

from __future__ import annotations

import ast
import gzip
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import pytest
from babel.core import get_global
from botocore.loaders import Loader
from jinja2 import ModuleLoader

from app.web import templating
from deploy import libraries, package, trim
from deploy.folders import COLLECTED, ROOT
from deploy.target import Target, builders_python
from tests.deploy import elf

MACHINES = {"x86_64": elf.X86_64, "arm64": elf.AARCH64}
FONTS = "app/passes/fonts/"
UNCHECKED_HASH = 1  # the flags of a .pyc, PEP 552
SECRET = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b")
# Written by Zappa after everything else was compiled; a few lines.
UNCOMPILED = {"zappa_settings.py"}


@pytest.fixture(scope="module")
def archive() -> Iterator[zipfile.ZipFile]:
    """What `make package STAGE=dev` makes."""
    with zipfile.ZipFile(package.make("dev")) as opened:
        yield opened


@pytest.fixture(scope="module")
def names(archive: zipfile.ZipFile) -> set[str]:
    return set(archive.namelist())


def below(names: set[str], *folders: str) -> list[str]:
    return [name for name in names if name.startswith(folders)]


def natives(files: Iterable[bytes]) -> list[bytes]:
    """The files that are machine code, whatever their names."""
    return [data for data in files if data.startswith(elf.MAGIC)]


def assert_runs_on(target: Target, libraries: list[bytes]) -> None:
    assert len(libraries) > 20
    assert {elf.machine(data) for data in libraries} == {MACHINES[target.architecture]}
    wanted = set().union(*(elf.glibc(data) for data in libraries))
    assert wanted, "the parser reads no versions"
    assert max(wanted) <= target.glibc


def test_it_runs_on_lambda_and_not_only_here(archive: zipfile.ZipFile, names: set[str]) -> None:
    found = natives(archive.read(name) for name in names)
    assert_runs_on(Target(builders_python(), "x86_64"), found)


def test_the_other_processor_gets_its_own_libraries(names: set[str]) -> None:
    """As on a Mac, where no library of this machine would do."""
    target = Target(builders_python(), "arm64")
    folder = libraries.environment(target, COLLECTED / str(target) / "lambda-environment")
    assert_runs_on(target, natives(path.read_bytes() for path in folder.rglob("*.so*")))


def test_it_is_small(archive: zipfile.ZipFile) -> None:
    packed = {each.filename: each.compress_size for each in archive.infolist()}
    fonts = sum(size for name, size in packed.items() if name.startswith(FONTS))
    assert sum(packed.values()) - fonts <= 20e6
    assert Path(str(archive.filename)).stat().st_size <= 32e6


def test_the_app_is_in_it(names: set[str]) -> None:
    assert {"wsgi.py", "app/__init__.py", "templates/base.html", "zappa/handler.py"} <= names
    assert "translations/ko/LC_MESSAGES/messages.mo" in names
    assert {f"{FONTS}noto-cjk.otf", "static/css/lanyard.css"} <= names


def test_every_template_is_compiled(names: set[str]) -> None:
    """By the name that Jinja's ModuleLoader looks for."""
    templates = {name.removeprefix("templates/") for name in below(names, "templates/")}
    wanted = {f"compiled_templates/{ModuleLoader.get_module_filename(name)}" for name in templates}
    assert len(wanted) > 20
    assert wanted <= names


def test_dates_are_written_as_here(names: set[str]) -> None:
    """Each locale that the app asks Babel for, with those it takes over from."""
    for locale in templating.BABEL.values():
        for each in lineage(locale):
            assert f"babel/locale-data/{each}.dat" in names


def lineage(locale: str) -> Iterator[str]:
    """A locale and its parents (CLDR: parentLocales, else what stands before the last part)."""
    while locale != "root":
        yield locale
        parents = get_global("parent_exceptions")
        locale = parents.get(locale) or locale.rpartition("_")[0] or "root"


def test_what_the_laptop_needs_is_not(names: set[str]) -> None:
    here = (
        "app/local/",
        "tests/",
        "docs/",
        "bench/",
        "scripts/",
        "deploy/",
        "infra/",
        "templates/dev/",
    )
    theirs = ("pip/", "setuptools/", "troposphere/", "bin/", "botocore/data/ec2/", "zappa/cli.py")
    assert not below(names, *here, *theirs, "requirements/", ".")
    assert not {"zappa_settings.json", "package_info.json", "handler.py"} & names
    assert not [name for name in names if name.endswith((".po", ".pem", ".key"))
                and name != "botocore/cacert.pem"]  # fmt: skip


def test_no_secret_is_in_it(archive: zipfile.ZipFile, names: set[str]) -> None:
    ours = below(names, "app/", "templates/", "static/", "translations/", "wsgi", "zappa_settings")
    assert not [name for name in ours if SECRET.search(archive.read(name))]
    assert str(ROOT) not in archive.read("zappa_settings.py").decode()


def test_every_module_comes_with_bytecode_that_is_taken_as_it_is(
    archive: zipfile.ZipFile, names: set[str]
) -> None:
    modules = [name for name in names if name.endswith(".py") and archive.getinfo(name).file_size]
    bare = {name for name in modules if compiled(name) not in names}
    assert bare == UNCOMPILED
    flags = {archive.read(name)[4:8] for name in names if name.endswith(".pyc")}
    assert flags == {UNCHECKED_HASH.to_bytes(4, "little")}


def compiled(name: str) -> str:
    """Where Python looks for the bytecode of a module (PEP 3147)."""
    path = PurePosixPath(name)
    tag = "cpython-" + builders_python().replace(".", "")
    return str(path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc")


def test_it_tells_nothing_of_who_built_it(archive: zipfile.ZipFile, names: set[str]) -> None:
    machine = str(ROOT).encode()
    assert not [n for n in names if n.endswith(".pyc") and machine in archive.read(n)]


def test_the_services_kept_are_those_that_the_app_speaks_to() -> None:
    sources = (ROOT / "app").rglob("*.py")
    used = {service for path in sources if "local" not in path.parts for service in clients(path)}
    assert used | {"dynamodb"} == set(trim.SERVICES)  # PynamoDB makes the one of DynamoDB itself


def clients(path: Path) -> Iterator[str]:
    """The services named in `client("...")` calls."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="client"), args=[ast.Constant(value=str(service))]):
                yield service


def test_what_is_kept_of_the_services_is_still_their_description(
    archive: zipfile.ZipFile, names: set[str]
) -> None:
    """Shortened, because it is read at every cold start: nothing but the manual is gone."""
    models = [name for name in names if name.endswith("/service-2.json.gz")]
    assert {name.split("/")[2] for name in models} == set(trim.SERVICES)
    for name in models:
        ours = json.loads(gzip.decompress(archive.read(name)))
        _, _, service, version, _ = name.split("/")
        theirs = Loader().load_data(f"{service}/{version}/service-2")
        assert ours == trim.without_manual(theirs)
        assert set(ours["operations"]) == set(theirs["operations"])
    endpoints = json.loads(archive.read("botocore/data/endpoints.json"))
    assert "ap-northeast-2" in endpoints["partitions"][0]["regions"]
