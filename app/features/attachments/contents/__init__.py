"""What a file is, by what it contains: the name and the type that a browser declares are only a hint.

`examine` reads the file that has arrived, refuses what is not on the list of `KINDS`, makes images again (which takes
away their location, their thumbnails and whatever was hidden behind them), and says under which name and type the
file is kept. It works in one thread of its own: one image is decoded at a time, in a bounded memory.
"""

from __future__ import annotations

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import puremagic

from app.features.attachments.contents.archives import look_into_archive
from app.features.attachments.contents.images import IMAGES, make_again
from app.features.attachments.contents.kinds import KINDS, TYPES_TAKEN, FileRefused, Kind
from app.features.attachments.contents.names import clean_name, suffix_of
from app.features.attachments.contents.texts import look_at_text

__all__ = ["KINDS", "Examined", "FileRefused", "clean_name", "examine"]

_THREAD = ThreadPoolExecutor(1, thread_name_prefix="examine")
HEAD, TAIL = 4096, 2048


@dataclass(frozen=True, slots=True)
class Examined:
    """What is kept: the bytes at `path`, their name, type, size and SHA-256."""

    path: Path
    name: str
    media_type: str
    size: int
    sha256: bytes


async def examine(path: Path, filename: str) -> Examined:
    """What the file at `path` is; an image is written again in the same place. Raises `FileRefused` (422)."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, _examine, path, filename)


def _examine(path: Path, filename: str) -> Examined:
    kind = _kind(path, filename)
    if kind in IMAGES:
        kind = make_again(path, kind)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").digest()
    return Examined(path, clean_name(filename, kind.suffix), kind.media_type, path.stat().st_size, sha256)


def _kind(path: Path, filename: str) -> Kind:
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(path.stat().st_size - TAIL, 0))
        tail = file.read()
    if not head:
        raise FileRefused("Ce fichier est vide.")
    suffixes = _signatures(head)
    if head.startswith(b"%PDF-") and ".pdf" in suffixes:
        return _pdf(path, tail)
    if head.startswith(b"PK\x03\x04"):
        return look_into_archive(path)
    for kind in IMAGES:
        if kind.suffix in suffixes and head.startswith(kind.begins):
            return kind
    return look_at_text(path, suffix_of(filename))


def _signatures(head: bytes) -> frozenset[str]:
    """The suffixes that the first bytes speak for."""
    try:
        found = puremagic.magic_string(head)
    except puremagic.PureError:
        return frozenset()
    return frozenset("." + match.extension.lstrip(".") for match in found) | (
        {".jpg"} if any(match.mime_type == "image/jpeg" for match in found) else frozenset()
    )


def _pdf(path: Path, tail: bytes) -> Kind:
    """A PDF from its first byte to its last: one that is a ZIP too, or that goes on after its end, is another thing."""
    if b"%%EOF" not in tail:
        raise FileRefused("Ce PDF est incomplet : enregistrez-le de nouveau, puis renvoyez-le.")
    with path.open("rb") as file:
        content = file.read()
    if b"PK\x05\x06" in content[-66_000:] or tail.rpartition(b"%%EOF")[2].strip(b"\r\n\t \0"):
        raise FileRefused(f"Ce fichier se présente comme un PDF et contient autre chose. {TYPES_TAKEN}")
    return KINDS[".pdf"]
