"""The documents: what they point to is there, and both languages say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click import Context, Group

from app.entrypoints import cli
from tests.docs import pages
from tests.docs.pages import KOREAN, ROOT, Block

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TRANSLATED = [page for page in DOCUMENTS if pages.translation(page).exists()]
# Whose reader may know no English: whoever runs a conference, or attends one.
FOR_PEOPLE = {
    "README.md",
    "docs/README.md",
    "docs/attendees.md",
    "docs/deploy.md",
    "docs/operators.md",
    "docs/aws.md",
    "docs/cost.md",
}

# What the guide quotes of AWS's own words; everything else there is ours.
OF_AWS = {
    "is not authorized to perform: …",
    "UPDATE_ROLLBACK_FAILED",
    "already exists",
    "BucketAlreadyExists",
    "must be verified",
    "No space left on device",
}

_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_COMMENT = re.compile(r"\s+# .*$", re.MULTILINE)
_FILE = re.compile(
    r"\b(?:app|bench|deploy|docs|infra|scripts|tests)/[\w/.]+\.(?:py|yaml|json|js)\b"
)
_MAKE = re.compile(r"\bmake ([a-z][a-z-]+)\b(?: STAGE| [A-Z]+=|`|$)", re.MULTILINE)

each = pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
each_translated = pytest.mark.parametrize(
    "page", TRANSLATED, ids=lambda page: str(page.relative_to(ROOT))
)


def prose(page: Path) -> str:
    """A document without its blocks."""
    return _FENCED.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """What can follow a `#` in a link to the document, as GitHub makes it of headings."""
    titles = [title for _, title in _HEADING.findall(prose(page))]
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in titles]
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in plain}


def links(page: Path) -> list[str]:
    """Where the document leads to, within the checkout."""
    found = _LINK.findall(prose(page))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


@each
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize(
    "text",
    [*DOCUMENTS, *sorted((ROOT / "infra").glob("*.yaml"))],
    ids=lambda text: str(text.relative_to(ROOT)),
)
def test_files_that_are_named_are_there(text: Path) -> None:
    named = _FILE.findall(text.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


@each
def test_what_make_is_asked_for_is_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = set(_MAKE.findall(page.read_text(encoding="utf-8")))
    assert asked <= targets, asked - targets


@each_translated
def test_both_languages_have_the_same_headings(page: Path) -> None:
    english, korean = (
        [level for level, _ in _HEADING.findall(prose(one))]
        for one in (page, pages.translation(page))
    )
    assert english == korean


@each_translated
def test_both_languages_have_the_same_blocks(page: Path) -> None:
    english, korean = (
        [_without_comments(block) for block in pages.blocks(one)]
        for one in (page, pages.translation(page))
    )
    if page.parent == ROOT:  # its examples are in their language
        assert len(english) == len(korean)
    else:
        assert english == korean


def _without_comments(block: Block) -> Block:
    return Block(block.kind, _COMMENT.sub("", block.text))


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_messages_that_the_guide_explains_are_ours(name: str) -> None:
    guide = (ROOT / "docs" / "guide" / name).read_text(encoding="utf-8")
    table = guide[guide.rindex("\n## ") :]
    first = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")]
    quoted = {quote for cell in first for quote in re.findall(r"`([^`]+)`", cell)}
    said = "".join(
        source.read_text(encoding="utf-8")
        for folder in ("deploy", "app", "scripts")
        for source in [*(ROOT / folder).rglob("*.py"), *(ROOT / folder).rglob("*.sh")]
    )
    assert len(quoted) > len(OF_AWS)
    for message in quoted - OF_AWS:
        for words in re.split(r"…|[\d.,]+|\{.*", message):
            assert words.strip("' ") in said, message


def test_whoever_runs_or_attends_a_conference_can_read_it_in_korean() -> None:
    folders = (ROOT / "docs" / "guide", ROOT / "docs" / "tour")
    wanted = [page for folder in folders for page in folder.glob("*.md")]
    wanted += [ROOT / name for name in FOR_PEOPLE]
    english = {page for page in wanted if not page.name.endswith(KOREAN)}
    assert english <= set(TRANSLATED)


@pytest.mark.parametrize("name", ["operators.md", "operators.ko.md"])
def test_every_command_is_told(name: str) -> None:
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    told = {
        f"{found[1]} {word}".strip()
        for found in re.finditer(r"^\| `flask ([a-z-]+) ?([a-z/ -]*)` \|", page, re.MULTILINE)
        for word in found[2].split(" / ")
    }
    assert told == set(_commands())


def _commands() -> Iterator[str]:
    known = cli.Commands()
    for name in cli.COMMANDS:
        command = known.get_command(Context(known), name)
        words = command.commands if isinstance(command, Group) else [""]
        yield from (f"{name} {word}".strip() for word in words)


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_index_leads_to_every_document(name: str) -> None:
    """In Korean, to the Korean ones where there are such."""
    index = ROOT / "docs" / name
    listed = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    korean = name.endswith(KOREAN)
    for page in DOCUMENTS:
        if page.name.endswith(KOREAN) or page.parent in (ROOT, ROOT / "docs" / "decisions"):
            continue
        shown = pages.translation(page) if korean and page in TRANSLATED else page
        assert shown in listed | {index}, shown


def test_a_missing_anchor_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One, `two` & [three](elsewhere)\n\n```\n# no\n```\n\n## 셸 두 개\n")
    assert anchors(page) == {"one-two--three", "셸-두-개"}
