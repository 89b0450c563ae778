"""The files of an edition, each made once from its payload and from nothing else.

A renderer is a function from the payload to bytes. It sees no clock, locale, address, setting or
database, so the same payload gives the same bytes on any machine. Another format (PDF, DOCX, ODT)
is one more line in RENDERERS; a renderer whose output changes takes a new version, and editions
that are published already keep the bytes they have.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import rfc8785

from app.features.editions.renderers import html, markdown, readme, tables
from app.features.editions.renderers.words import Payload

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Renderer:
    """How one file is made."""

    file: str
    media_type: str
    name: str
    version: str
    render: Callable[[Payload], bytes]


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A file with what the manifest says of it."""

    name: str
    media_type: str
    content: bytes
    renderer: str
    version: str

    @property
    def sha256(self) -> bytes:
        """Of the content."""
        return hashlib.sha256(self.content).digest()


RENDERERS: tuple[Renderer, ...] = (
    Renderer("edition.json", "application/json", "payload", "1", rfc8785.dumps),
    Renderer("edition.html", "text/html; charset=utf-8", "html", "5", html.render),
    Renderer("edition.md", "text/markdown; charset=utf-8", "markdown", "5", markdown.render),
    Renderer("citations.csv", "text/csv; charset=utf-8", "citations", "2", tables.render),
    Renderer("LISEZMOI.txt", "text/plain; charset=utf-8", "readme", "1", readme.render),
    # Later issues: edition.pdf (typst), edition.docx and edition.odt (pandoc). Nothing else has to change.
)


def render_all(payload: bytes) -> tuple[RenderedFile, ...]:
    """Every file of the edition that `payload` (canonical JSON) describes, the manifest last."""
    files = tuple(
        RenderedFile(each.file, each.media_type, each.render(json.loads(payload)), each.name, each.version)
        for each in RENDERERS
    )
    return (*files, _manifest(payload, files))


def _manifest(payload: bytes, files: tuple[RenderedFile, ...]) -> RenderedFile:
    """The list of the files with their hashes; its own hash is the edition's fingerprint."""
    said: dict[str, Any] = json.loads(payload)
    content = rfc8785.dumps(
        {
            "format": "alliage-manifest",
            "format_version": 1,
            "edition": said["edition"],
            "payload_sha256": hashlib.sha256(payload).hexdigest(),
            "files": [
                {
                    "name": file.name,
                    "media_type": file.media_type,
                    "size": len(file.content),
                    "sha256": file.sha256.hex(),
                    "renderer": file.renderer,
                    "version": file.version,
                }
                for file in sorted(files, key=lambda file: file.name)
            ],
        }
    )
    return RenderedFile(MANIFEST, "application/json", content, "manifest", "1")
