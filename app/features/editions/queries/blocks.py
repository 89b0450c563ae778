"""The words of a passage as a tree of plain values: no HTML, no Markdown, no marker, whatever will print them.

A block is a paragraph, heading, list, quote, code, table, figure or rule; its words are runs: a text with
its emphasis, a line break, or the number of a note. A renderer needs no parser and can hide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from markdown_it.token import Token

from app.core.richtext.reading import read
from app.features.deliverables.models.markers import MARKER

Block = dict[str, Any]
Run = dict[str, Any]

LEFT_OUT = "[…]"
"""In the place of words that consent has taken back since."""
A_LINE = 10
"""Letters of a line of a quote that are looked for by themselves: its paragraphs may stand apart."""

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


def blocks_without(blocks: Sequence[Any], quotes: Iterable[str]) -> list[Any]:
    """The blocks less some words, `[…]` in their place, however they are dressed, wrapped or parted in paragraphs."""
    parts = {part for quote in quotes for part in (quote, *quote.split("\n")) if part == quote or len(part) >= A_LINE}
    wanted = {part.replace("\n", " ") for part in parts if part}
    return [_without(block, wanted) for block in blocks] if wanted else list(blocks)


def _without(block: Mapping[str, Any], wanted: Collection[str]) -> dict[str, Any]:
    made = dict(block)
    for name in ("text", "caption", "alt"):
        if name in block:
            made[name] = _text(_runs_without([{"text": block[name]}], wanted))
    if "runs" in block:
        made["runs"] = _runs_without(block["runs"], wanted)
    if "blocks" in block:
        made["blocks"] = [_without(one, wanted) for one in block["blocks"]]
    if "items" in block:
        made["items"] = [[_without(one, wanted) for one in item] for item in block["items"]]
    if "rows" in block:
        made["head"], *made["rows"] = [
            [_runs_without(cell, wanted) for cell in row] for row in (block["head"], *block["rows"])
        ]
    return made


def _runs_without(runs: Sequence[Run], wanted: Collection[str]) -> list[Run]:
    """All that is found is cut out at once: where two overlap, nothing of either is left."""
    texts = [_said(run, after) for run, after in zip(runs, (*runs[1:], {}), strict=True)]
    words = "".join(texts).replace("\n", " ")
    gone = [False] * len(words)
    for quote in wanted:
        at, upto = words.find(quote), 0
        while at >= 0:
            new, upto = max(at, upto), at + len(quote)
            gone[new:upto] = [True] * (upto - new)
            at = words.find(quote, at + 1)
    if not any(gone):
        return list(runs)
    found: list[Run] = []
    start = 0
    for run, said in zip(runs, texts, strict=True):
        found += _left(run, said, gone[start - 1 : start] == [True], gone[start : start + len(said)])
        start += len(said)
    return found


def _left(run: Run, said: str, going: bool, gone: Sequence[bool]) -> Iterator[Run]:
    """What is left of one run; `going`: the words before it went too, and that is said already."""
    if not any(gone):
        yield run
        return
    at = 0
    for out, letters in groupby(gone):
        end = at + sum(1 for _ in letters)
        if not out:
            yield run | {"text": said[at:end]}
        elif at or not going:
            yield {"text": LEFT_OUT}
        at = end


def _said(run: Run, after: Run) -> str:
    """The words of a run; a space before the call of a note is none of them."""
    said = "" if "note" in run else "\n" if "break" in run else str(run["text"])
    return said.rstrip(" ") if "note" in after else said


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
