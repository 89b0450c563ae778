"""Plain texts: what no signature names is taken only where every byte of it is readable."""

from __future__ import annotations

import re
from pathlib import Path

from app.features.attachments.contents.kinds import KINDS, TYPES_TAKEN, FileRefused, Kind

TEXTS = (".csv", ".txt", ".md")
_UNREADABLE = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_CODE = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:#!|%!PS|%PDF|\{\\rtf|MZ|<(?:!doctype|html|head|body|script|svg|\?xml|\?php|iframe)\b)",
    re.IGNORECASE,
)


def look_at_text(path: Path, suffix: str) -> Kind:
    """A text by its suffix, all of whose bytes are letters: UTF-8, or the Windows encoding that Excel writes."""
    if suffix not in TEXTS:
        raise FileRefused(f"Ce genre de fichier n’est pas accepté. {TYPES_TAKEN}")
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused("Ce texte est en UTF-16 : enregistrez-le en UTF-8, puis renvoyez-le.")
    if _UNREADABLE.search(content) or _CODE.match(content):
        raise FileRefused(f"Le contenu de ce fichier n’est pas un texte. {TYPES_TAKEN}")
    try:
        content.decode()
    except UnicodeDecodeError:
        try:
            content.decode("cp1252")
        except UnicodeDecodeError:
            raise FileRefused("Ce texte contient des caractères abîmés : enregistrez-le en UTF-8.") from None
    return KINDS[suffix]
