"""Makes the fonts of the passes: app/passes/fonts/*.otf, *.ttf, their coverage and licences.

Nothing runs this but a person who changes the fonts: what it makes is committed. It needs npm,
apt-get (Debian 12, `apt-get update` done) and dpkg-deb; fontTools is a development requirement.
Versions are pinned and what arrives is checked by its hash, so it makes the same bytes each time:

    .venv/bin/python scripts/fonts.py

All sources are under the SIL Open Font License 1.1, which lets us cut and ship them; Pretendard
reserves its name, so every font that we cut is called "Lanyard ...".
"""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
import tempfile
import unicodedata
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).parent.parent / "app" / "passes" / "fonts"


@dataclass(frozen=True)
class Package:
    """A package of a registry, and the SHA-256 of its file."""

    name: str
    version: str
    sha256: str
    fetch: Callable[[Package, Path], None]


def _fetch_npm(package: Package, folder: Path) -> None:
    wanted = f"{package.name}@{package.version}"
    subprocess.run(["npm", "pack", "--silent", wanted], cwd=folder, check=True)
    (archive,) = folder.glob("*.tgz")
    _check(package, archive)
    subprocess.run(["tar", "xzf", archive.name], cwd=folder, check=True)


def _fetch_debian(package: Package, folder: Path) -> None:
    wanted = f"{package.name}={package.version}"
    subprocess.run(["apt-get", "download", "-qq", wanted], cwd=folder, check=True)
    (archive,) = folder.glob("*.deb")
    _check(package, archive)
    subprocess.run(["dpkg-deb", "-x", archive.name, "."], cwd=folder, check=True)


def _check(package: Package, archive: Path) -> None:
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != package.sha256:
        sys.exit(f"{package.name}: the package has the SHA-256 {found}")


PRETENDARD = Package(
    "pretendard",
    "1.3.9",
    "0ffc240cee83be02520fb4ac1b2a0a51052b9d13506ade0ba90c591dbbb3bd53",
    _fetch_npm,
)
NOTO_CJK = Package(
    "fonts-noto-cjk",
    "1:20220127+repack1-1",
    "4a2515eb6db3978b897fef9709ed0d2b1f4c6c4df4d83d6c4ef65f71f1b1f502",
    _fetch_debian,
)
NOTO = Package(
    "fonts-noto-core",
    "20201225-1",
    "58f4f0bb6720f919f92096b3508e1412a0f1544424ade6c5b5bf1eb694dd64ba",
    _fetch_debian,
)
NOTO_EMOJI = Package(
    "@expo-google-fonts/noto-emoji",
    "0.4.7",
    "6a25fd5a4da5bb34bbc2d300531bbf32de86afd866e119314d7e358f61a6104d",
    _fetch_npm,
)
UNIFONT = Package(
    "fonts-unifont",
    "1:15.0.01-2",
    "cd46245f1b228d1277ed2b453ce893fde1cf4bf4ec317e82b0079395bdc9c2b5",
    _fetch_debian,
)


@dataclass(frozen=True)
class Cut:
    """A font that we make: what of which font, and what of its typography is kept.

    `keeps` judges a character by its code point; a `last` font takes only what no font before it
    has, and the marks, which must come from the same font as their base.
    """

    target: str
    family: str
    weight: int
    package: Package
    source: str
    number: int = -1  # in a collection
    keeps: Callable[[int], bool] = lambda _: True
    features: tuple[str, ...] = ("*",)
    hinting: bool = False
    last: bool = False


def _is_ideographic(code_point: int) -> bool:
    """Of East Asia, but the Hangul syllables, which Pretendard draws better."""
    return code_point >= 0x1100 and not 0xAC00 <= code_point <= 0xD7A3


LATIN = ("kern", "mark", "mkmk", "ccmp", "locl", "calt")
SCRIPTS = (
    "Arabic",
    "Armenian",
    "Bengali",
    "Devanagari",
    "Ethiopic",
    "Georgian",
    "Gujarati",
    "Gurmukhi",
    "Hebrew",
    "Kannada",
    "Khmer",
    "Lao",
    "Malayalam",
    "Myanmar",
    "Oriya",
    "Sinhala",
    "Tamil",
    "Telugu",
    "Thaana",
    "Thai",
)
_STATIC = "package/dist/public/static/"
_DEBIAN = "usr/share/fonts/"

# In the order in which the passes look for a character.
CUTS = (
    *(
        Cut(
            f"sans-{weight}.ttf",
            "Lanyard Sans",
            weight,
            PRETENDARD,
            f"{_STATIC}alternative/Pretendard-{style}.ttf",
            features=LATIN,
        )
        for weight, style in ((500, "Medium"), (700, "Bold"), (800, "ExtraBold"))
    ),
    Cut(
        "noto-sans.ttf",
        "Lanyard Noto Sans",
        700,
        NOTO,
        f"{_DEBIAN}truetype/noto/NotoSans-Bold.ttf",
        features=LATIN,
    ),
    Cut(
        "noto-cjk.otf",
        "Lanyard Noto CJK",
        700,
        NOTO_CJK,
        f"{_DEBIAN}opentype/noto/NotoSansCJK-Bold.ttc",
        number=1,  # Korean shapes
        keeps=_is_ideographic,
        features=("ljmo", "vjmo", "tjmo", "ccmp"),
    ),
    *(
        Cut(
            f"noto-{script.lower()}.ttf",
            f"Lanyard Noto {script}",
            700,
            NOTO,
            f"{_DEBIAN}truetype/noto/NotoSans{script}-Bold.ttf",
        )
        for script in SCRIPTS
    ),
    Cut(
        "noto-emoji.ttf",
        "Lanyard Noto Emoji",
        700,
        NOTO_EMOJI,
        "package/700Bold/NotoEmoji_700Bold.ttf",
    ),
    Cut(
        "unifont.otf",
        "Lanyard Unifont",
        400,
        UNIFONT,
        f"{_DEBIAN}opentype/unifont/unifont.otf",
        last=True,
    ),
    Cut(
        "unifont-upper.otf",
        "Lanyard Unifont Upper",
        400,
        UNIFONT,
        f"{_DEBIAN}opentype/unifont/unifont_upper.otf",
        last=True,
    ),
)


def main() -> None:
    """Make everything anew; what fonts there were is replaced."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        roots = _fetch_all(Path(folder))
        for old in (*TARGET.glob("*.otf"), *TARGET.glob("*.ttf")):
            old.unlink()
        _make_all(roots)


def _fetch_all(folder: Path) -> dict[str, Path]:
    """Where each package lies unpacked."""
    roots = {}
    for number, package in enumerate({cut.package.name: cut.package for cut in CUTS}.values()):
        roots[package.name] = folder / str(number)
        roots[package.name].mkdir()
        package.fetch(package, roots[package.name])
    return roots


def _make_all(roots: dict[str, Path]) -> None:
    TARGET.mkdir(exist_ok=True)
    covered: set[int] = set()
    coverage = {}
    notices = {}
    total = 0
    for cut in CUTS:
        font = TTFont(
            roots[cut.package.name] / cut.source, fontNumber=cut.number, recalcTimestamp=False
        )
        notices[cut.package.name] = str(font["name"].getDebugName(0))
        wanted = _wanted(cut, font, covered)
        _cut(font, cut, wanted)
        kept = set(font.getBestCmap())
        covered |= kept
        coverage[cut.target] = _ranges(kept)
        total += _report(cut.target, len(kept))
    (TARGET / "coverage.json").write_text(
        json.dumps(coverage, separators=(",", ":")) + "\n", encoding="ascii"
    )
    _write_licence(notices, roots)
    total += _report("coverage.json", 0)
    print(f"{total / 1024 / 1024:.1f} MiB zipped")


def _write_licence(notices: dict[str, str], roots: dict[str, Path]) -> None:
    """OFL.txt: whose the fonts are, then the licence itself."""
    reserved = (roots[PRETENDARD.name] / "package/dist/LICENSE.txt").read_text().split("\n\n")[0]
    text = (roots[NOTO_EMOJI.name] / "package/LICENSE_FONT").read_text().split("\n\n", 1)[1]
    lines = [
        f"{package}: {reserved if package == PRETENDARD.name else notice}"
        for package, notice in notices.items()
    ]
    (TARGET / "OFL.txt").write_text("\n\n".join((*lines, text)), encoding="utf-8")


def _wanted(cut: Cut, font: TTFont, covered: set[int]) -> set[int]:
    """The characters to keep; never one whose picture is only a box with its name."""
    wanted = {
        code_point
        for code_point in font.getBestCmap()
        if cut.keeps(code_point) and _is_drawn(code_point)
    }
    if cut.last:
        wanted = {code for code in wanted - _unassigned() if code not in covered or _is_mark(code)}
    return wanted | {0x20}


def _is_drawn(code_point: int) -> bool:
    """Not a control, format or private character, nor a separator or selector."""
    category = unicodedata.category(chr(code_point))
    return category not in ("Cc", "Cf", "Co", "Zs", "Zl", "Zp") and not _is_selector(code_point)


def _unassigned() -> set[int]:
    """What Python's Unicode does not know: Unifont draws a box with the number of each."""
    return {code for code in range(0x110000) if unicodedata.category(chr(code)) == "Cn"}


def _is_selector(code_point: int) -> bool:
    """Default-ignorable characters that are not of category C (DerivedCoreProperties.txt)."""
    return (
        code_point in (0x034F, 0x3164, 0xFFA0)
        or 0x17B4 <= code_point <= 0x17B5
        or 0x180B <= code_point <= 0x180F
        or 0xFE00 <= code_point <= 0xFE0F
        or 0xE0000 <= code_point <= 0xE0FFF
    )


def _is_mark(code_point: int) -> bool:
    return unicodedata.category(chr(code_point))[0] == "M"


def _cut(font: TTFont, cut: Cut, wanted: set[int]) -> None:
    options = subset.Options(
        layout_features=list(cut.features),
        hinting=cut.hinting,
        name_IDs=[0, 13, 14],
        notdef_outline=True,
        glyph_names=False,
        # Vertical writing and signatures: nothing of a pass needs them.
        drop_tables=["DSIG", "vhea", "vmtx", "VORG", "BASE", "FFTM", "meta", "STAT"],
    )
    subsetter = subset.Subsetter(options)
    # Joiners have no picture, but the shaping of some scripts looks for them.
    subsetter.populate(unicodes=wanted | ({0x200C, 0x200D} & set(font.getBestCmap())))
    subsetter.subset(font)
    _rename(font, cut)
    font.save(TARGET / cut.target)


def _rename(font: TTFont, cut: Cut) -> None:
    style = str(cut.weight)
    plain = f"{cut.family}-{style}".replace(" ", "")
    for number, text in (
        (1, cut.family),
        (2, style),
        (3, plain),
        (4, f"{cut.family} {style}"),
        (6, plain),
    ):
        font["name"].setName(text, number, 3, 1, 0x409)
    if "CFF " in font:
        _rename_cff(font, plain)


def _rename_cff(font: TTFont, plain: str) -> None:
    cff = font["CFF "].cff
    cff.fontNames[0] = plain
    top = cff.topDictIndex[0]
    for part in ("FullName", "FamilyName"):
        if part in top.rawDict:
            setattr(top, part, plain)


def _ranges(code_points: Iterable[int]) -> list[int]:
    """First and last of each run: [32, 126, 160, 383, ...]."""
    ranges: list[int] = []
    for code_point in sorted(code_points):
        if ranges and ranges[-1] == code_point - 1:
            ranges[-1] = code_point
        else:
            ranges += [code_point, code_point]
    return ranges


def _report(name: str, characters: int) -> int:
    content = (TARGET / name).read_bytes()
    zipped = len(zlib.compress(content, 9))
    print(f"{name:24} {characters:6} {len(content) / 1024:8.0f} KiB {zipped / 1024:8.0f} zipped")
    return zipped


if __name__ == "__main__":
    main()
