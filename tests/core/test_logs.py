"""Lines of the log: JSON, with the id of the request."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from app.core import logs


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, as it was before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:], root.level = handlers, level


def test_a_line_is_one_object(root: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.StringIO()
    monkeypatch.setattr("sys.stdout", output)
    logs.write_json()
    token = logs.request_id.set("id-1")
    try:
        logging.getLogger("app.x").info("한글 %s", 1, extra={"fields": {"status": 200}})
    finally:
        logs.request_id.reset(token)

    line = json.loads(output.getvalue())
    assert line["message"] == "한글 1"
    assert (line["level"], line["logger"], line["request_id"]) == ("INFO", "app.x", "id-1")
    assert line["status"] == 200
    assert line["time"].endswith("Z")


def test_what_an_error_says_is_not_written(
    root: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = io.StringIO()
    monkeypatch.setattr("sys.stdout", output)
    logs.write_json()
    try:
        int("kim@example.com")
    except ValueError:
        logging.getLogger("app.x").exception("failed")
    assert "kim@example.com" not in output.getvalue()
