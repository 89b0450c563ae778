"""Office documents: ZIP archives, opened as far as needed to know what they are, and bounded before that."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from app.features.attachments.contents.kinds import KINDS, TYPES_TAKEN, FileRefused, Kind

ENTRIES_MOST = 5_000
UNPACKED_MOST = 200 * 1_048_576
RATIO_MOST = 200
"""How many times larger an entry may be unpacked than packed, beyond `RATIO_FROM` bytes."""
RATIO_FROM = 1_048_576
PIECE = 262_144
TYPES_ENTRY = "[Content_Types].xml"
TYPES_LONGEST = 1_048_576

_MAIN = {
    b"wordprocessingml.document.main+xml": ".docx",
    b"spreadsheetml.sheet.main+xml": ".xlsx",
    b"presentationml.presentation.main+xml": ".pptx",
}
_ODF = {KINDS[suffix].media_type.encode(): suffix for suffix in (".odt", ".ods", ".odp")}
_RUNS = ("vbaproject", "vbadata", "/activex", "macrosheets/", "/macros/", ".exe", ".dll", ".js", ".vbs", ".bat", ".ps1")
"""Parts of names of entries that run something."""
_RUNS_IN_ODF = ("basic/", "scripts/")


def look_into_archive(path: Path) -> Kind:
    """The office document that a ZIP is; refused where it is none, unpacks to too much, runs something, or is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _document(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError, OSError) as reason:
        raise FileRefused(
            "Ce document est abîmé ou protégé : enregistrez-le de nouveau, sans mot de passe."
        ) from reason


def _document(archive: zipfile.ZipFile) -> Kind:
    entries = archive.infolist()
    _bounded(entries)
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or entries[0].header_offset != 0:
        raise FileRefused("Ce document est mal construit : enregistrez-le de nouveau.")
    suffix = _opendocument(archive, entries[0]) or _office(archive, names)
    if suffix is None:
        raise FileRefused(f"Les archives ne sont pas acceptées. {TYPES_TAKEN}")
    lowered = [f"/{name.lower()}" for name in names]
    runs = _RUNS if suffix not in _ODF.values() else (*_RUNS, *(f"/{name}" for name in _RUNS_IN_ODF))
    if any(mark in name for name in lowered for mark in runs):
        raise FileRefused("Ce document contient des macros ou un programme : enregistrez-le sans, puis renvoyez-le.")
    _read_through(archive, entries)
    return KINDS[suffix]


def _bounded(entries: list[zipfile.ZipInfo]) -> None:
    """What the archive says of itself; `_read_through` makes sure that it does not lie."""
    if not entries or len(entries) > ENTRIES_MOST or sum(entry.file_size for entry in entries) > UNPACKED_MOST:
        raise FileRefused("Ce document contient trop d’éléments, ou trop lourds une fois décompressés.")
    for entry in entries:
        if entry.file_size > RATIO_FROM and entry.file_size > RATIO_MOST * max(entry.compress_size, 1):
            raise FileRefused("Ce document est compressé d’une façon qui n’est pas acceptée.")
        place = PurePosixPath(entry.filename.replace("\\", "/"))
        if entry.flag_bits & 0x1 or place.is_absolute() or ".." in place.parts or "\0" in entry.filename:
            raise FileRefused("Ce document est abîmé ou protégé : enregistrez-le de nouveau, sans mot de passe.")


def _opendocument(archive: zipfile.ZipFile, first: zipfile.ZipInfo) -> str | None:
    if first.filename != "mimetype" or first.file_size > 100:
        return None
    return _ODF.get(archive.read(first))


def _office(archive: zipfile.ZipFile, names: list[str]) -> str | None:
    """By the types of its parts, which say too whether it holds macros."""
    if TYPES_ENTRY not in names or archive.getinfo(TYPES_ENTRY).file_size > TYPES_LONGEST:
        return None
    types = archive.read(TYPES_ENTRY)
    if b"macroenabled" in types.lower() or b"vbaproject" in types.lower():
        raise FileRefused("Ce document contient des macros : enregistrez-le sans macros (docx, xlsx, pptx).")
    found = {suffix for main, suffix in _MAIN.items() if main in types}
    return found.pop() if len(found) == 1 else None


def _read_through(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Unpack everything into nothing: an entry that is not what it says fails its checksum."""
    for entry in entries:
        with archive.open(entry) as packed:
            while packed.read(PIECE):
                pass
