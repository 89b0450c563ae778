"""The words of a passage as a tree of plain values: no HTML, no Markdown, no marker, whatever will print them.

A block is a paragraph, heading, list, quote, code, table, figure or rule; its words are runs: a text with
its emphasis, a line break, or the number of a note. A renderer needs no parser and can hide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from markdown_it.token import Token

from app.core.richtext.reading import read
from app.features.deliverables.models.markers import MARKER

Block = dict[str, Any]
Run = dict[str, Any]

# Controls that no text of ours can hold stand round the number of a note; the brackets of the marker stay
# outside, because what makes **« mots »**[@c7] bold is that a bracket follows.
_PLACED = re.compile(r"\[?\x02(\d+)\x03\]?")
_IN_AN_ADDRESS = re.compile(r"(?:\[|%5B)?(?:\x02|%02)\d+(?:\x03|%03)(?:\]|%5D)?", re.IGNORECASE)


def blocks_of(markdown: str, notes: Mapping[int, int]) -> list[Block]:
    """The blocks of a passage; `notes` gives the number of the note for each citation that its markers name."""

    def place(found: re.Match[str]) -> str:
        number = notes.get(int(found[1]))
        return "" if number is None else f"[\x02{number}\x03]"

    return _blocks(iter(read(MARKER.sub(place, markdown))), "")


def notes_in(blocks: Any) -> list[int]:
    """The notes that stand in some blocks, in order."""
    if isinstance(blocks, list):
        return [number for one in blocks for number in notes_in(one)]
    if not isinstance(blocks, dict):
        return []
    if "note" in blocks:
        return [blocks["note"]]
    return [number for value in blocks.values() for number in notes_in(value)]


def words_in(blocks: Any) -> str:
    """The words of some blocks, a line for each paragraph, item or row: what two editions are compared by."""
    return "\n".join(line for line in _lines(blocks) if line.strip())


def _lines(blocks: Any) -> Iterator[str]:
    for block in blocks:
        match block["type"]:
            case "paragraph" | "heading":
                yield _text(block["runs"])
            case "list":
                for item in block["items"]:
                    yield from _lines(item)
            case "quote":
                yield from _lines(block["blocks"])
            case "code":
                yield block["text"]
            case "figure":
                yield from (block["caption"], block["alt"])
            case "table":
                yield from (block[name] for name in ("caption", "alt") if name in block)
                for row in [block["head"], *block["rows"]]:
                    yield "\t".join(_text(cell) for cell in row)


def _text(runs: list[Run]) -> str:
    """The words, without the space that parted the call of a note from the word before it."""
    said = ""
    for run in runs:
        said = said.rstrip(" ") if "note" in run else said + ("\n" if "break" in run else run["text"])
    return said


def _blocks(tokens: Iterator[Token], closing: str) -> list[Block]:
    """The blocks until the token `closing` (the end, when it is empty)."""
    found: list[Block] = []
    for token in tokens:
        if token.type == closing:
            break
        if block := _block(token, tokens):
            found.append(block)
    return found


def _block(token: Token, tokens: Iterator[Token]) -> Block | None:
    maker = _MAKERS.get(token.type)
    return maker(token, tokens) if maker else None


def _paragraph(_token: Token, tokens: Iterator[Token]) -> Block:
    return {"type": "paragraph", "runs": _only_runs(tokens, "paragraph_close")}


def _heading(token: Token, tokens: Iterator[Token]) -> Block:
    return {"type": "heading", "level": int(token.tag[1:]), "runs": _only_runs(tokens, "heading_close")}


def _list(token: Token, tokens: Iterator[Token]) -> Block:
    ordered = token.type.startswith("ordered")
    start = int(token.attrGet("start") or 1) if ordered else 1
    items = _items(tokens, token.type.replace("open", "close"))
    return {"type": "list", "ordered": ordered, "start": start, "items": items}


def _quote(_token: Token, tokens: Iterator[Token]) -> Block:
    return {"type": "quote", "blocks": _blocks(tokens, "blockquote_close")}


def _code(token: Token, _tokens: Iterator[Token]) -> Block:
    return {"type": "code", "text": _IN_AN_ADDRESS.sub("", token.content.rstrip("\n"))}


def _rule(_token: Token, _tokens: Iterator[Token]) -> Block:
    return {"type": "rule"}


def _as_typed(token: Token, _tokens: Iterator[Token]) -> Block:
    """A text that was too strange to be read as Markdown."""
    return {"type": "paragraph", "runs": _runs(token.children or [])}


def _items(tokens: Iterator[Token], closing: str) -> list[list[Block]]:
    items = []
    for token in tokens:
        if token.type == closing:
            break
        if token.type == "list_item_open":
            items.append(_blocks(tokens, "list_item_close"))
    return items


def _only_runs(tokens: Iterator[Token], closing: str) -> list[Run]:
    runs: list[Run] = []
    for token in tokens:
        if token.type == closing:
            break
        runs += _runs(token.children or [])
    return runs


def _table(_token: Token, tokens: Iterator[Token]) -> Block:
    rows: list[list[list[Run]]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_runs(token.children or []))
    return {"type": "table", "head": rows[0], "rows": rows[1:]}


_MAKERS: dict[str, Callable[[Token, Iterator[Token]], Block]] = {
    "paragraph_open": _paragraph,
    "heading_open": _heading,
    "bullet_list_open": _list,
    "ordered_list_open": _list,
    "blockquote_open": _quote,
    "table_open": _table,
    "fence": _code,
    "code_block": _code,
    "hr": _rule,
    "inline": _as_typed,
}


def _runs(children: list[Token]) -> list[Run]:
    """Texts with what stands round them."""
    runs: list[Run] = []
    marks: dict[str, Any] = {}
    for child in children:
        match child.type:
            case "strong_open" | "em_open":
                marks = marks | {"strong" if child.tag == "strong" else "emphasis": True}
            case "strong_close" | "em_close":
                marks = {name: value for name, value in marks.items() if name != _MARKS[child.type]}
            case "link_open":
                marks = marks | {"link": _IN_AN_ADDRESS.sub("", str(child.attrGet("href")))}
            case "link_close":
                marks = {name: value for name, value in marks.items() if name != "link"}
            case "softbreak" | "hardbreak":
                runs.append({"break": True})
            case "code_inline":
                runs += _parted(child.content, marks | {"code": True})
            case _:
                runs += _parted(child.content, marks)
    return runs


_MARKS = {"strong_close": "strong", "em_close": "emphasis"}


def _parted(text: str, marks: dict[str, Any]) -> Iterator[Run]:
    """A text parted at its notes."""
    at = 0
    for found in _PLACED.finditer(text):
        if found.start() > at:
            yield {"text": text[at : found.start()], **marks}
        yield {"note": int(found[1])}
        at = found.end()
    if at < len(text):
        yield {"text": text[at:], **marks}
