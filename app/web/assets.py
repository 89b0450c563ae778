"""What browsers get besides pages: style sheets, browser code and icons, made by `build/assets.py` at installation.

Everything is read once, and kept in memory as it is sent. A name holds a hash of its content, so a file that changes
changes its name: a browser keeps what it has for a year without asking.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from markupsafe import Markup, escape

from app.core.errors import NotFound
from app.settings import UnsafeSettings
from app.web.compression import accepts_gzip
from app.web.respond import known

router = APIRouter(include_in_schema=False)
BUILT = Path(__file__).resolve().parents[1] / "static" / "built"
KEPT = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file, with its shorter form where it has one."""

    content: bytes
    compressed: bytes | None
    media_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class Assets:
    """`names`: what templates call a file, and what it is called now; `files`: by the name in the address."""

    names: dict[str, str]
    files: dict[str, File]


class AssetsMissing(UnsafeSettings):
    """The pages would have neither style nor icons: the server does not start."""


def load(folder: Path = BUILT) -> Assets:
    """The files of `folder`; `AssetsMissing` where they were never made, or not completely."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        contents = {name: (folder / name).read_bytes() for name in manifest["files"]}
    except (OSError, ValueError, KeyError) as failure:
        raise AssetsMissing(
            "Les fichiers des pages (styles, icônes) n’ont pas été préparés : lancez « make assets », ou réinstallez "
            f"Alliage. Cause : {failure.__class__.__name__}, {folder}."
        ) from None
    files = {
        name: File(
            content=content,
            compressed=contents.get(f"{name}.gz"),
            media_type=MEDIA_TYPES[Path(name).suffix],
            etag=hashlib.sha256(content).hexdigest()[:16],
        )
        for name, content in contents.items()
        if not name.endswith(".gz")
    }
    return Assets(names=manifest["names"], files=files)


@cache
def assets() -> Assets:
    """The files of this installation, read once a process."""
    return load()


def asset(name: str) -> str:
    """The address of `alliage.css`, `base.js` or `icons.svg`; KeyError for a name that no source has."""
    return f"/static/{assets().names[name]}"


def icon(name: str, words: str = "") -> Markup:
    """An icon of the sprite, which must be listed in `app/static/icons.txt`.

    Beside words it says nothing to a screen reader; alone, as in a button, `words` are its name.
    """
    drawn = f'<use href="{asset("icons.svg")}#{escape(name)}"></use></svg>'
    if words:
        return Markup(f'<svg class="ico" role="img" aria-label="{escape(words)}">{drawn}')  # noqa: S704 - escaped
    return Markup(f'<svg class="ico" aria-hidden="true">{drawn}')  # noqa: S704 - the name is escaped


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    """One file, compressed for whoever takes it so."""
    file = assets().files.get(name)
    if file is None:
        raise NotFound("Il n’y a rien à cette adresse.")
    shorter = file.compressed if accepts_gzip(request.headers.get("accept-encoding", "")) else None
    headers = {**KEPT, "ETag": f'"{file.etag}{"-gzip" if shorter else ""}"'}
    if known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if shorter is not None:
        headers["Content-Encoding"] = "gzip"
    return Response(shorter or file.content, media_type=file.media_type, headers=headers)
