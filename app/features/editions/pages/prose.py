"""The text of an edition as a page shows it: one flat list of headings and passages, with the calls of its notes.

The calls and the punctuation that follows them form one piece that no line may break. Words of a quote that stand to the
letter in a passage are marked; those that consent has taken back since are not shown there either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from app.core.richtext.typography import french
from app.features.editions.pages.notes import Note
from app.features.editions.queries.blocks import blocks_without

FAMILIES = {
    "field_actor": "fam-t",
    "engineering_body": "fam-g",
    "societal_investor": "fam-s",
    "institution": "fam-n",
}
HIGHEST, DEEPEST = 2, 6
"""Levels of headings under the title of the page."""
_AFTER = re.compile(r"\A(?:\s?[.,;:!?…)\]»”]+)+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words, or the calls of notes with the punctuation that may not leave them."""

    html: Markup
    calls: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a part."""

    id: str
    level: int
    number: str
    title: str
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage, numbered in the order of the text."""

    n: int
    kind: str
    level: int
    """Of its own headings."""
    notes: list[Note]
    blocks: list[Any]
    speakers: list[Any] = field(default_factory=list)
    """One for each that its notes cite, in order."""


@dataclass(slots=True)
class Prose:
    """The whole text while it is read: it numbers passages, tables and figures."""

    payload: Mapping[str, Any]
    notes: Mapping[int, Note]
    items: list[Heading | Shown] = field(default_factory=list)
    passages: int = 0
    counted: dict[str, int] = field(default_factory=lambda: {"table": 0, "figure": 0})

    def read(self) -> list[Heading | Shown]:
        """Everything, in order."""
        self._sections(self.payload["sections"], ())
        return self.items

    def _sections(self, sections: Sequence[Any], above: tuple[int, ...]) -> None:
        for rank, section in enumerate(sections, 1):
            place = (*above, rank)
            level = min(len(place) - 1 + HIGHEST, DEEPEST)
            number = ".".join(map(str, place))
            anchor = f"partie-{'-'.join(map(str, place))}"
            self.items.append(Heading(anchor, level, number, self.typed(section["title"]), section.get("empty", "")))
            for passage in section["passages"]:
                self._passage(passage, min(level + 1, DEEPEST))
            self._sections(section["sections"], place)

    def _passage(self, passage: Mapping[str, Any], level: int) -> None:
        self.passages += 1
        notes = [self.notes[number] for number in passage["notes"]]
        for note in notes:
            note.passages.append(self.passages)
        left = blocks_without(passage["blocks"], [note.published["words"]["quote"] for note in notes if note.veiled])
        blocks = self.blocks(left, notes, level)
        speakers = {(note.who.by, note.who.name, note.who.profile): note.who for note in notes}
        self.items.append(Shown(self.passages, passage["kind"], level, notes, blocks, list(speakers.values())))

    def blocks(self, blocks: Sequence[Any], notes: Sequence[Note], level: int) -> list[Any]:
        """Blocks whose runs are pieces, and whose headings, tables and figures are numbered."""
        return [self._block(block, notes, level) for block in blocks]

    def _block(self, block: Mapping[str, Any], notes: Sequence[Note], level: int) -> dict[str, Any]:
        made = dict(block)
        match block["type"]:
            case "paragraph" | "heading":
                made |= {"runs": list(self.pieces(block["runs"], notes)), "level": level}
            case "list":
                made["groups"] = [self.blocks(item, notes, level) for item in block["items"]]
            case "quote":
                made["blocks"] = self.blocks(block["blocks"], notes, level)
            case "table":
                made["head"] = [list(self.pieces(cell, notes)) for cell in block["head"]]
                made["rows"] = [[list(self.pieces(cell, notes)) for cell in row] for row in block["rows"]]
        if block["type"] in self.counted:
            self.counted[block["type"]] += 1
            made["n"] = self.counted[block["type"]]
            made |= {name: self.typed(block[name]) for name in ("caption", "alt") if name in block}
        return made

    def typed(self, text: str) -> str:
        """A text of theirs, in the language of the text."""
        return french(text) if self.payload["language"] == "fr" else text

    def pieces(self, runs: Sequence[Any], notes: Sequence[Note]) -> Iterator[Piece]:
        """Words and calls, in order."""
        texts: list[Markup] = []
        calls: list[Note] = []
        for run in [*runs, {"end": True}]:
            if "note" in run:
                if texts and not calls:
                    texts[-1] = texts[-1].rstrip(" \u00a0\u202f")
                calls.append(self.notes[run["note"]])
                continue
            said = run.get("text", "")
            if calls:
                tail = _AFTER.match(said) if "code" not in run and "link" not in run else None
                after = tail[0] if tail else ""
                yield from (Piece(text) for text in texts)
                yield Piece(escape(self.typed(after)), tuple(calls))
                texts, calls, said = [], [], said[len(after) :]
            if "break" in run:
                texts.append(Markup("<br>"))
            elif said:
                texts.append(self._dressed(said, run, notes))
        yield from (Piece(text) for text in texts)

    def _dressed(self, text: str, run: Mapping[str, Any], notes: Sequence[Note]) -> Markup:
        """One text with what stands round it."""
        made = escape(text) if "code" in run else self._marked(text, notes)
        for name, tag in (("code", "code"), ("emphasis", "em"), ("strong", "strong")):
            if name in run:
                made = Markup(f"<{tag}>{{}}</{tag}>").format(made)  # noqa: S704 - three known tags
        if "link" in run:
            made = Markup('<a href="{}" rel="nofollow noopener noreferrer">{}</a>').format(run["link"], made)
        return made

    def _marked(self, text: str, notes: Sequence[Note]) -> Markup:
        """The text, with the exact words of its notes at the hue of who said them."""
        for rank, note in enumerate(notes, 1):
            if note.quote and note.quote in text:
                family = FAMILIES.get(note.family or "", "fam-x")
                said = Markup('<mark class="{}">{}</mark>').format(family, self.typed(note.quote))
                return said.join(self._marked(part, notes[rank:]) for part in text.split(note.quote))
        return escape(self.typed(text))
