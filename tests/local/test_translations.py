"""Catalogues are compiled when they have changed, and only then."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import pytest

from app.local.translations import compile_outdated


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "ko" / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True)
    translate(file, "신청하기")
    return file


def translate(file: Path, text: str) -> None:
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    file.write_text(f'{header}msgid "Sign up"\nmsgstr "{text}"\n')


def read(file: Path) -> str:
    with file.open("rb") as handle:
        return gettext.GNUTranslations(handle).gettext("Sign up")


def test_a_new_catalogue_is_compiled(source: Path, tmp_path: Path) -> None:
    [compiled] = compile_outdated(tmp_path)
    assert compiled == source.with_suffix(".mo")
    assert read(compiled) == "신청하기"


def test_an_unchanged_catalogue_is_left_alone(source: Path, tmp_path: Path) -> None:
    compile_outdated(tmp_path)
    assert compile_outdated(tmp_path) == []


def test_a_changed_catalogue_is_compiled_again(source: Path, tmp_path: Path) -> None:
    [compiled] = compile_outdated(tmp_path)
    translate(source, "등록하기")
    later = compiled.stat().st_mtime + 10
    os.utime(source, (later, later))
    compile_outdated(tmp_path)
    assert read(compiled) == "등록하기"
