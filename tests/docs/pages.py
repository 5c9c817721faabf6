"""Documents, their blocks, and what a block's commands print."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOUR = ROOT / "docs" / "tour"
KOREAN = ".ko.md"
SECONDS = 600

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BEHIND = "===== block %d ended =====\n"


@dataclass(frozen=True)
class Block:
    """A fenced block: its kind (`sh` is run by the tests), and its text."""

    kind: str
    text: str


@dataclass(frozen=True)
class Step:
    """Commands, and what the page says they print."""

    commands: str
    printed: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a document, in order."""
    return [Block(*found) for found in _BLOCK.findall(page.read_text(encoding="utf-8"))]


def translation(page: Path) -> Path:
    """The same document in Korean."""
    return page.with_name(page.name.removesuffix(".md") + KOREAN)


def steps(page: Path) -> list[Step]:
    """Every `sh` block of a page with the `text` block that follows it; without one, it prints
    nothing."""
    found = blocks(page)
    following = [*found[1:], Block("", "")]
    return [
        Step(one.text, after.text if after.kind == "text" else "")
        for one, after in zip(found, following, strict=True)
        if one.kind == "sh"
    ]


def run(
    shell: Sequence[str], pages: Sequence[Path], folder: Path, environ: Mapping[str, str]
) -> Iterator[tuple[Step, str]]:
    """Every step of the pages, and what it really printed: one shell goes through all of them, as
    a reader does."""
    known = [step for page in pages for step in steps(page)]
    behind = [_BEHIND % number for number in range(len(known))]
    script = "".join(
        f"{step.commands}printf '{mark[:-1]}\\n'\n"
        for step, mark in zip(known, behind, strict=True)
    )
    done = subprocess.run(
        shell, input=script, cwd=folder, env=environ, check=False, timeout=SECONDS,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    rest = done.stdout
    for step, mark in zip(known, behind, strict=True):
        printed, _, rest = rest.partition(mark)
        yield step, printed


def agrees(said: str, printed: str) -> bool:
    """Whether a page tells what was printed, but for empty lines at the end: `…` stands for
    anything within a line, and a line of its own for any lines."""
    lines = [r"(?:.*\n)*?" if line == "…" else _pattern(line) for line in said.splitlines()]
    shown = printed.rstrip("\n")
    return re.fullmatch("".join(lines), f"{shown}\n" if shown else "") is not None


def _pattern(line: str) -> str:
    return ".*".join(map(re.escape, line.split("…"))) + r"\n"
