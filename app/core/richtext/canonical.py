"""Markdown to the plain text that is quoted, searched and compared.

Offsets of extracts point into this text and a trigger of the database compares with it, so the same Markdown
must give the same text for ever: whatever changes a single character of it is a new `PLAIN_VERSION`, an
upgrade of the parser too (the examples of the tests would tell).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from markdown_it.token import Token

from app.core.richtext.reading import read

PLAIN_VERSION = 1

_BLANKS = re.compile(r"[ \t]+")
_CONTAINERS = ("bullet_list", "ordered_list", "table")


def to_plain(markdown: str) -> str:
    """The words alone, in NFC, lines ended by a line feed.

    A blank line stands between blocks; a line feed between the items of a list and the rows of a table; a tab
    between cells. Bullets and numbers are drawn by the browser and are in no selection, so not here either.
    """
    source = unicodedata.normalize("NFC", markdown.replace("\r\n", "\n").replace("\r", "\n"))
    pieces: list[str] = []
    depth, cell, first = 0, 0, True
    for token in read(source):
        if token.type.startswith(_CONTAINERS):
            first = first or (depth == 0)
            depth += token.nesting
        elif token.type == "tr_open":
            cell = 0
        elif token.type in ("td_open", "th_open"):
            cell += 1
        elif (words := _words(token)) or (token.type == "inline" and cell):
            separator = "\n\n" if depth == 0 or first else "\t" if cell > 1 else "\n"
            pieces += [separator if pieces else "", words]
            first = False
        if token.type == "table_close":
            cell = 0
    return unicodedata.normalize("NFC", "".join(pieces)).strip()


def _words(token: Token) -> str:
    if token.type == "fence":
        return token.content.rstrip()
    if token.type != "inline":
        return ""
    lines = _BLANKS.sub(" ", _joined(token.children or [])).split("\n")
    return "\n".join(line.strip() for line in lines).strip()


def _joined(children: Sequence[Token]) -> str:
    return "".join("\n" if child.type.endswith("break") else child.content for child in children)
