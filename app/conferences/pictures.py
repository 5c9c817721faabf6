"""Logos and cover pictures as organisers have them, made into what pages and passes show.

Each is verified, turned upright, and written anew from its pixels alone. A picture is judged by its
header before it is decoded, so that a small file cannot fill the memory. What is refused is refused
by Invalid, with a sentence for the organiser.
"""

from __future__ import annotations

import io
from enum import StrEnum
from typing import TYPE_CHECKING

from app.core.errors import Invalid

if TYPE_CHECKING:
    from PIL import Image

MAX_BYTES = 10_000_000
MAX_PIXELS = 16_000_000  # decoded, with transparency, 64 MB
SIDE = 512  # a pass shows a logo at 124 pixels, a page at 64, twice as many on fine screens
COVER = (1280, 512)  # twice what a page shows
QUALITY = 80
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


class Kind(StrEnum):
    """What a picture is for; also the folder that it is uploaded to."""

    LOGO = "logo"
    COVER = "cover"


def logo(upload: bytes) -> bytes:
    """A PNG of at most SIDE x SIDE; raises Invalid."""
    from PIL import Image

    picture = _read(upload, Kind.LOGO, (SIDE * 2, SIDE * 2)).convert("RGBA")
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    output = io.BytesIO()
    Image.frombytes("RGBA", picture.size, picture.tobytes()).save(output, "PNG", optimize=True)
    return output.getvalue()


def cover(upload: bytes) -> bytes:
    """A WebP of COVER pixels, cut from the middle: a third of a JPEG as good. What is transparent
    becomes white. Raises Invalid."""
    from PIL import Image, ImageOps

    picture = _read(upload, Kind.COVER, (COVER[0] * 2, COVER[1] * 2)).convert("RGBA")
    fitted = ImageOps.fit(picture, COVER, Image.Resampling.LANCZOS)
    ground = Image.new("RGBA", COVER, "#ffffff")
    ground.alpha_composite(fitted)
    output = io.BytesIO()
    pixels = ground.convert("RGB").tobytes()
    Image.frombytes("RGB", COVER, pixels).save(output, "WEBP", quality=QUALITY, method=6)
    return output.getvalue()


def require_bytes(size: int, kind: Kind) -> None:
    """Raise Invalid unless a file of so many bytes may be read."""
    if size > MAX_BYTES:
        raise Invalid(f"{kind}: the file has more than {MAX_BYTES // 1_000_000} MB")


def _read(upload: bytes, kind: Kind, enough: tuple[int, int]) -> Image.Image:
    """The picture, upright; decoded at no more than a size that is `enough`, where its format lets
    that be chosen."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    require_bytes(len(upload), kind)
    try:
        picture: Image.Image = Image.open(io.BytesIO(upload), formats=FORMATS)
        _require_pixels(*picture.size, kind)
        picture.draft("RGB", enough)
        return ImageOps.exif_transpose(picture)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,  # where warnings are errors
    ):
        raise Invalid(
            f"{kind}: not a picture in PNG, JPEG, WebP or GIF of up to 16 megapixels"
        ) from None
    except (OSError, SyntaxError, ValueError):
        raise Invalid(f"{kind}: the picture is damaged") from None


def _require_pixels(width: int, height: int, kind: Kind) -> None:
    if width * height > MAX_PIXELS:
        raise Invalid(f"{kind}: {width} x {height} pixels; at most 16 megapixels can be read")
