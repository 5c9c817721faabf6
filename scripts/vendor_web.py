"""Fetch, at fixed versions, what the pages borrow from npm, and write it into static/vendor.

Run it again after a change here (`python scripts/vendor_web.py`, needs npm), commit the result.

- Material Design Lite: the parts in MDL_PARTS, built from its Sass into one sheet. All of it stands
  in the cascade layer `mdl`, so that any rule of ours wins without a fight over specificity. Its
  reset is left out on purpose: when printing, it would write every link's address, the secret pass
  link too.
- Material Symbols, rounded: the pictures in ICONS, which `icon()` puts into the page.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

TARGET = Path(__file__).resolve().parent.parent / "static" / "vendor"


class Package(NamedTuple):
    """An npm package, with the digest that its archive must have (npm's `dist.integrity`)."""

    name: str
    version: str
    integrity: str


MDL = Package(
    "material-design-lite",
    "1.3.0",
    "sha512-ao76b0bqSTKcEMt7Pui+J/S3eVF0b3GWfuKUwfe2lP5DKlLZOwBq37e0/bXEzxrw7/SuHAuYAdoCwY6mAYhrsg==",
)
SYMBOLS = Package(
    "@material-symbols/svg-400",
    "0.48.2",
    "sha512-JJXRvRoHhMbrSFQIkiUwjFkCnurH0Yg+cGMCn9xS0PRtLXovIAQCz7NltNn/teQ9VRYmbzZB75Uw6Hx0umu5Bg==",
)
SASS = "sass@1.108.2"

MDL_PARTS = (
    "button",
    "card",
    "checkbox",
    "chip",
    "dialog",
    "list",
    "progress",
    "radio",
    "snackbar",
    "textfield",
)
MDL_SCSS = """
$preferred_font: var(--lan-font);
$performance_font: var(--lan-font);
$trim-color-classes: true;
@import "variables", "mixins";
"""

# Filled ("-fill") for states, outlined for actions.
ICONS = (
    "arrow_back",
    "badge",
    "block-fill",
    "calendar_add_on",
    "calendar_month",
    "cancel",
    "cancel-fill",
    "check",
    "check_circle-fill",
    "close",
    "content_copy",
    "edit",
    "error-fill",
    "event_available-fill",
    "hourglass_top-fill",
    "info-fill",
    "key",
    "language",
    "location_on",
    "lock-fill",
    "mail",
    "mail-fill",
    "picture_as_pdf",
    "print",
    "schedule-fill",
    "warning-fill",
)


def npm(*arguments: str, folder: Path) -> str:
    """Run npm in `folder` and return what it prints."""
    command = ["npm", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def unpack(package: Package, folder: Path) -> Path:
    """Return the folder of the unpacked package; stops if its archive is not the one pinned."""
    found = json.loads(npm("pack", f"{package.name}@{package.version}", "--json", folder=folder))
    archive = found[0] if isinstance(found, list) else found[package.name]
    if archive["integrity"] != package.integrity:
        raise SystemExit(f"{package.name}: the archive's digest is {archive['integrity']}")
    into = folder / package.name.replace("/", "-")
    with tarfile.open(folder / archive["filename"]) as tar:
        tar.extractall(into, filter="data")
    return into / "package"


def build_mdl(source: Path, folder: Path) -> str:
    """Return the chosen parts as one sheet in the layer `mdl`."""
    npm("install", "--no-save", "--no-audit", "--no-fund", SASS, folder=folder)
    parts = "".join(f'@import "{part}/{part}";\n' for part in MDL_PARTS)
    (folder / "lanyard.scss").write_text(MDL_SCSS + parts, encoding="utf-8")
    options = ("--no-source-map", "--quiet", "--style=expanded", f"--load-path={source / 'src'}")
    command = (folder / "node_modules" / ".bin" / "sass", *options, "lanyard.scss")
    built = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    return f"{NOTICE}@layer mdl {{\n{without_comments(built)}}}\n"


NOTICE = f"""/*! Material Design Lite {MDL.version}, parts: {", ".join(MDL_PARTS)}.
 * Copyright 2015 Google Inc., Apache License 2.0 (LICENSE). Built by scripts/vendor_web.py. */
"""


def without_comments(css: str) -> str:
    """Return the sheet without its long comments (the licence stands at the top, and beside it)."""
    kept = [part.split("*/", 1)[-1] for part in css.split("/*")]
    return "".join(line + "\n" for line in "".join(kept).splitlines() if line.strip())


def fresh(name: str) -> Path:
    """Return an empty folder for one package below static/vendor."""
    folder = TARGET / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def vendor_mdl(work: Path) -> None:
    """Write the sheet and its licence."""
    source = unpack(MDL, work)
    into = fresh("material-design-lite")
    (into / "material.css").write_text(build_mdl(source, work), encoding="utf-8")
    shutil.copy(source / "LICENSE", into / "LICENSE")


def vendor_symbols(work: Path) -> None:
    """Write the pictures and their licence."""
    source = unpack(SYMBOLS, work)
    into = fresh("material-symbols")
    for name in ICONS:
        shutil.copy(source / "rounded" / f"{name}.svg", into / f"{name}.svg")
    shutil.copy(source / "LICENSE", into / "LICENSE")


def main() -> None:
    """Fetch and write everything."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "package.json").write_text("{}", encoding="utf-8")
        vendor_mdl(work)
        vendor_symbols(work)


if __name__ == "__main__":
    main()
