"""Names of files as others may read and save them: one line, no path, nothing hidden, a suffix that tells the truth."""

from __future__ import annotations

import unicodedata

LONGEST = 120
"""Characters, without the suffix."""
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*%;', "_"))
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def suffix_of(filename: str) -> str:
    """What stands after the last dot of a name, in lower case, with its dot; nothing where there is none."""
    stem, dot, suffix = filename.rpartition(".")
    return f".{suffix.strip().lower()}" if dot and stem else ""


def clean_name(filename: str, suffix: str) -> str:
    """The name under which a file is kept: its own words, and the suffix of what it is.

    Paths of another machine, controls, direction marks and what a file system refuses are taken out.
    """
    line = filename.replace("\\", "/").rpartition("/")[2]
    line = unicodedata.normalize("NFC", line.replace("\ufffd", ""))
    seen = "".join(letter for letter in line if unicodedata.category(letter) not in _HIDDEN)
    own = suffix_of(seen)
    stem = seen.removesuffix(seen[len(seen) - len(own) :]) if own and len(own) <= 6 else seen
    stem = " ".join(stem.translate(_FORBIDDEN).split()).strip(". ")[:LONGEST].rstrip(". ")
    if not any(letter.isalnum() for letter in stem):
        stem = "fichier"
    if stem.lower() in _RESERVED:
        stem = f"_{stem}"
    return stem if stem.lower().endswith(suffix) else f"{stem}{suffix}"
