"""Markers: how a text names its citations, `[@c7]` for the citation number 7 of the deliverable."""

from __future__ import annotations

import re

MARKER = re.compile(r"\[@c([1-9]\d{0,8})\]")
_LOOKS_LIKE_ONE = re.compile(r"\[@[^\[\]\n]{0,40}\]?")


def marker(number: int) -> str:
    """The marker of a citation."""
    return f"[@c{number}]"


def numbers_in(text: str) -> list[int]:
    """The numbers that the markers of a text name, each once, in the order of their first appearance."""
    return list(dict.fromkeys(int(found) for found in MARKER.findall(text)))


def malformed_in(text: str) -> list[str]:
    """What begins like a marker and is none: `[@c07]`, `[@7]`, an unclosed `[@c7`."""
    return [found for found in _LOOKS_LIKE_ONE.findall(text) if not MARKER.fullmatch(found)]


def without_markers(text: str) -> str:
    """The text alone, for those who do not follow its citations."""
    return re.sub(rf"[ \u00a0\u202f]?{MARKER.pattern}", "", text)


def replaced(text: str, old: int, new: int | None) -> str:
    """The text with the markers of `old` naming `new`; with None they go, and the space before them too."""
    if new is None:
        return re.sub(rf"[ \u00a0\u202f]?\[@c{old}\]", "", text)
    return text.replace(marker(old), marker(new))
