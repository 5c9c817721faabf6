"""Logos as organisers have them, made into what pages and passes show."""

from __future__ import annotations

import io

from app.core.errors import Invalid

MAX_BYTES = 10_000_000
MAX_PIXELS = 16_000_000  # decoded, with transparency, 64 MB
SIDE = 512  # a pass shows it at 124 pixels, a page at 64, twice as many on fine screens
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def prepare(upload: bytes) -> bytes:
    """Verify a picture, turn it upright, drop everything but its pixels, and return it as a PNG
    of at most SIDE x SIDE; raises Invalid with a sentence for the organiser. A picture is judged
    by its header before it is decoded, so that a small file cannot fill the memory."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(upload) > MAX_BYTES:
        raise Invalid(f"logo: the file has more than {MAX_BYTES // 1_000_000} MB")
    try:
        picture: Image.Image = Image.open(io.BytesIO(upload), formats=FORMATS)
        _require_size(*picture.size)
        picture.draft("RGB", (SIDE * 2, SIDE * 2))
        picture = ImageOps.exif_transpose(picture).convert("RGBA")
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,  # where warnings are errors
    ):
        raise Invalid(
            "logo: not a picture in PNG, JPEG, WebP or GIF of up to 16 megapixels"
        ) from None
    except (OSError, SyntaxError, ValueError):
        raise Invalid("logo: the picture is damaged") from None
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    output = io.BytesIO()
    Image.frombytes("RGBA", picture.size, picture.tobytes()).save(output, "PNG", optimize=True)
    return output.getvalue()


def _require_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise Invalid(f"logo: {width} x {height} pixels; at most 16 megapixels can be read")
