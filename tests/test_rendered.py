"""The validator at the end of a run would find something, and the run then fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import rendered

ROOT = Path(__file__).parents[1]
GOOD = '<!DOCTYPE html><html lang="en"><head><title>One</title></head><body>{}</body></html>'


FINE = ("<h1>Fine</h1>", '<input name="a" value="&#x301;">')
WRONG = {
    "<center>No</center>": "The “center” element is obsolete",
    "<h1></h1>": "Empty heading",  # only a warning
    "<p><div></div></p>": "No “p” element in scope",
    '<p aria-level="1">No</p>': "aria-level",
    '<br id="a"><br id="a">': "Duplicate ID",
}


def test_mistakes_are_found(tmp_path: Path) -> None:
    for number, part in enumerate([*FINE, *WRONG]):
        (tmp_path / f"{number}.html").write_text(GOOD.format(part))
        (tmp_path / f"{number}.test").write_text(f"test {number}")
    found = "\n".join(rendered.judge(tmp_path))
    for number, words in enumerate(WRONG.values(), len(FINE)):
        assert words in found
        assert f"in test {number}" in found
    for number in range(len(FINE)):
        assert f"in test {number}" not in found


def test_a_run_with_a_bad_page_fails(tmp_path: Path) -> None:
    """Though each of its tests passes, and in another process than the one that judges."""
    page = GOOD.format("<center>No</center>")
    test = tmp_path / "test_one.py"
    test.write_text(f"from tests import rendered\ndef test_one():\n    rendered.keep({page!r})\n")
    environ = {name: value for name, value in os.environ.items() if name != rendered.FOLDER}
    command = [sys.executable, "-m", "pytest", "-p", "tests.rendered", "-n", "1", str(test)]
    done = subprocess.run(
        command, cwd=ROOT, env=environ, check=False, capture_output=True, text=True
    )
    assert "1 passed" in done.stdout
    assert "The “center” element is obsolete" in done.stdout
    assert "test_one.py::test_one" in done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
