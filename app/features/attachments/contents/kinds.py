"""The kinds of file that are taken."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.errors import Invalid

_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"


class FileRefused(Invalid):
    """What the file contains is not one of the kinds that are taken, whatever its name says; or it is damaged, or may harm."""

    title = "Fichier refusé"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its suffix, its type, and how it begins where that is always the same."""

    suffix: str
    media_type: str
    begins: bytes = b""


KINDS: dict[str, Kind] = {
    kind.suffix: kind
    for kind in (
        Kind(".pdf", "application/pdf", b"%PDF-"),
        Kind(".docx", f"{_OOXML}.wordprocessingml.document"),
        Kind(".xlsx", f"{_OOXML}.spreadsheetml.sheet"),
        Kind(".pptx", f"{_OOXML}.presentationml.presentation"),
        Kind(".odt", f"{_ODF}.text"),
        Kind(".ods", f"{_ODF}.spreadsheet"),
        Kind(".odp", f"{_ODF}.presentation"),
        Kind(".csv", "text/csv"),
        Kind(".txt", "text/plain"),
        Kind(".md", "text/markdown"),
        Kind(".png", "image/png", b"\x89PNG\r\n\x1a\n"),
        Kind(".jpg", "image/jpeg", b"\xff\xd8\xff"),
        Kind(".webp", "image/webp", b"RIFF"),
        Kind(".gif", "image/gif", b"GIF8"),
    )
}
"""By suffix. A GIF is kept as a PNG."""

TYPES_TAKEN = (
    "Sont acceptés : PDF, Word (docx), Excel (xlsx), PowerPoint (pptx), OpenDocument (odt, ods, odp), CSV, texte, "
    "Markdown et images (PNG, JPEG, WebP, GIF)."
)
"""What every refusal of a kind ends with."""
