"""Static files under addresses that never change their content."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.web import assets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "page.css").write_text("a{color:red}")
    (tmp_path / "LICENSE").write_text("not served")
    return tmp_path


@pytest.fixture
def site(folder: Path) -> Flask:
    site = Flask("site", static_folder=None)
    assets.install(site, folder)
    return site


def test_an_address_carries_the_hash_of_the_content(folder: Path) -> None:
    before = assets.Assets(folder).address("css/page.css")
    (folder / "css" / "page.css").write_text("a{color:blue}")
    after = assets.Assets(folder).address("css/page.css")
    assert before != after
    assert before.startswith("css/page.")
    assert before.endswith(".css")


def test_a_page_names_a_file_below_the_stage_prefix(site: Flask) -> None:
    with site.test_request_context("/", base_url="http://localhost/dev"):
        address = assets.assets().address("css/page.css")
        assert assets.url("css/page.css") == f"/dev/static/{address}"


def test_a_file_may_be_kept_for_ever(site: Flask) -> None:
    with site.test_request_context("/"):
        address = assets.url("css/page.css")
    answer = site.test_client().get(address)
    assert answer.text == "a{color:red}"
    assert answer.mimetype == "text/css"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "address",
    ["css/page.css", "css/page.0123456789.css", "LICENSE", "../wsgi.py", "%2e%2e/wsgi.py"],
)
def test_nothing_else_is_served(site: Flask, address: str) -> None:
    assert site.test_client().get(f"/static/{address}").status_code == 404


def test_a_file_that_is_not_there_is_a_mistake_in_a_template(folder: Path) -> None:
    with pytest.raises(KeyError):
        assets.Assets(folder).address("css/lost.css")
