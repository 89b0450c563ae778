"""Images are decoded and made again: what is kept holds the picture, and nothing else that the file carried."""

from __future__ import annotations

import struct
import warnings
import zlib
from pathlib import Path

from PIL import Image, ImageOps

from app.features.attachments.contents.kinds import KINDS, FileRefused, Kind

IMAGES = tuple(KINDS[suffix] for suffix in (".png", ".jpg", ".webp", ".gif"))
PIXELS_MOST = 40_000_000
"""160 MB while one is decoded; telephones take 12 to 24 million."""
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".webp": "WEBP", ".gif": "GIF"}
_OPTIONS: dict[str, dict[str, int | bool]] = {
    "PNG": {"optimize": False},
    "JPEG": {"quality": 90, "progressive": True},
    "WEBP": {"quality": 90, "method": 4},
}
_DAMAGED = (
    *(OSError, ValueError, SyntaxError, TypeError, EOFError, LookupError, MemoryError, ArithmeticError),
    *(struct.error, zlib.error),
)
"""What Pillow raises over bytes that are not what they say."""
_MODES = {"PNG": ("L", "LA", "P", "RGB", "RGBA", "1", "I;16"), "JPEG": ("L", "RGB"), "WEBP": ("RGB", "RGBA")}


def make_again(path: Path, kind: Kind) -> Kind:
    """Write the image at `path` anew, upright and without metadata; a GIF becomes a PNG of its first picture."""
    kept = KINDS[".png"] if kind.suffix == ".gif" else kind
    form = _FORMATS[kept.suffix]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow thinks of odd files; the size is checked below
            with Image.open(path, formats=[_FORMATS[kind.suffix]]) as image:
                if image.width * image.height > PIXELS_MOST:
                    raise FileRefused(
                        f"Cette image est trop grande : {PIXELS_MOST // 1_000_000} millions de pixels au plus."
                    )
                image.load()
                upright = ImageOps.exif_transpose(image)
        _write(upright, path, form)
    except FileRefused:
        raise
    except _DAMAGED as reason:
        raise FileRefused("Cette image est abîmée : enregistrez-la de nouveau, puis renvoyez-la.") from reason
    except Image.DecompressionBombError as reason:
        raise FileRefused(
            f"Cette image est trop grande : {PIXELS_MOST // 1_000_000} millions de pixels au plus."
        ) from reason
    return kept


def _write(image: Image.Image, path: Path, form: str) -> None:
    if image.mode not in _MODES[form]:
        clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
        image = image.convert("RGBA" if clear and form != "JPEG" else "RGB")
    transparency = image.info.get("transparency") if image.mode == "P" and form == "PNG" else None
    image.info = {} if transparency is None else {"transparency": transparency}
    image.save(path, form, exif=b"", **_OPTIONS[form])
