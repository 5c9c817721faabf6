"""The templates by AWS's own checker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.infra.template import FOLDER


def test_the_templates_are_clean() -> None:
    templates = sorted(map(str, FOLDER.glob("*.yaml")))
    assert templates
    lint = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), *templates],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (lint.returncode, lint.stdout + lint.stderr) == (0, "")


def test_a_template_can_be_sent_as_it_is() -> None:
    """CloudFormation takes 51,200 bytes; larger ones would have to lie in a bucket first."""
    assert max(path.stat().st_size for path in FOLDER.glob("*.yaml")) <= 51_200
