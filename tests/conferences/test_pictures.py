"""Logos and covers: what is made of a picture, and what is refused."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from app.conferences import pictures
from app.core.errors import Invalid
from app.local import demo

MEMORY_MB = 200


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    output = io.BytesIO()
    picture.save(output, kind, **options)
    return output.getvalue()


def decoded(image: bytes) -> Image.Image:
    return Image.open(io.BytesIO(image))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_becomes_a_small_png(kind: str) -> None:
    made = decoded(pictures.logo(encoded(Image.new("RGB", (1600, 800), "#0b5563"), kind)))
    assert (made.format, made.size, made.mode) == ("PNG", (512, 256), "RGBA")


def test_the_same_picture_gives_the_same_bytes() -> None:
    upload = demo.LOGO.read_bytes()
    assert pictures.logo(upload) == pictures.logo(upload)


def test_a_photograph_is_turned_upright_and_tells_nothing_of_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x8825] = {1: "N", 2: (37.0, 33.0, 0.0)}
    upload = encoded(Image.new("RGB", (300, 100)), "JPEG", exif=exif, comment=b"at home")
    made = pictures.logo(upload)
    assert decoded(made).size == (100, 300)
    assert not decoded(made).getexif()
    assert decoded(made).info == {}
    assert b"at home" not in made


def test_a_cover_is_light() -> None:
    """A phone on a slow network gets it with the sign-up page, all of which is 150 kB."""
    made = pictures.cover(demo.COVER.read_bytes())
    assert (decoded(made).format, decoded(made).size) == ("WEBP", pictures.COVER)
    assert len(made) < 20_000


REFUSED = {
    "SVG with script": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "text": b"this is no picture",
    "nothing": b"",
    "HTML": b"<html><script>alert(1)</script></html>",
    "cut PNG": encoded(Image.effect_noise((300, 300), 90), "PNG")[:20_000],
    "another format": encoded(Image.new("RGB", (9, 9)), "TIFF"),
    "too many bytes": b"\x89PNG" + b"0" * pictures.MAX_BYTES,
    "17 megapixels": encoded(Image.new("1", (17_000, 1_000)), "PNG"),
}


@pytest.mark.parametrize("upload", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_logo_is_refused(upload: bytes) -> None:
    with pytest.raises(Invalid, match="logo: "):
        pictures.logo(upload)


@pytest.mark.parametrize(("side", "refused"), [(20_000, True), (4_000, False)])
def test_a_bomb_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, side: int, refused: bool
) -> None:
    """400 megapixels are refused and the 16 that are allowed are read within 200 MB."""
    bomb = tmp_path / "bomb.png"
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)  # this test makes the bomb
    Image.new("P", (side, side)).save(bomb)
    program = (
        "import pathlib, re, resource, sys\n"
        "from app.conferences import pictures\n"
        "from app.core.errors import Invalid\n"
        "try: pictures.logo(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "except Invalid: print('refused', end=' ')\n"
        # Linux lets ru_maxrss begin with what the forking process had.
        "status = pathlib.Path('/proc/self/status')\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024**2\n"
        "found = re.search(r'VmHWM:\\s+(\\d+) kB', status.read_text() if status.exists() else '')\n"
        "print(int(found[1]) // 1024 if found else peak)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(bomb)], check=True, capture_output=True, text=True
    )
    assert ("refused" in done.stdout) == refused
    assert int(done.stdout.split()[-1]) < MEMORY_MB
