"""What an import did, or would do: counts by kind of object, and each refused row with its line and reason."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

LABELS = {
    "initiative": "démarche",
    "space": "espaces",
    "theme": "thèmes",
    "organisation": "organisations",
    "person": "personnes",
    "contribution": "contributions",
    "reply": "réponses",
    "source": "sources",
    "tally": "décomptes de soutien",
    "member": "appartenances à un espace",
}
"""Kinds in the order in which they are imported, as people read them."""

COLUMNS = ("fichier", "ligne", "objet", "identifiant", "champ", "raison")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that did not go in. `line` is that of the file as an editor numbers it, where the row begins."""

    file: str
    line: int
    external_id: str
    field: str
    reason: str
    kind: str = ""
    """What it would have become: one row may be read as several objects."""


@dataclass(slots=True)
class Count:
    """How many objects of one kind."""

    added: int = 0
    merged: int = 0
    """Accounts of an organisation that was already there, under the same name or a declared alias."""
    already: int = 0
    """Imported before."""
    refused: int = 0


@dataclass(slots=True)
class Report:
    """The outcome of a run."""

    dry_run: bool
    counts: dict[str, Count] = field(default_factory=lambda: {kind: Count() for kind in LABELS})
    refusals: list[Refusal] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    """Rows written, by table: empty after a dry run, and when everything was there."""
    seconds: float = 0.0

    @property
    def added(self) -> int:
        """Objects that went in, or would."""
        return sum(count.added for count in self.counts.values())

    def refuse(self, kind: str, refusals: Sequence[Refusal]) -> None:
        """Remember rows that do not go in, by line."""
        self.counts[kind].refused += len(refusals)
        ordered = sorted(refusals, key=lambda refusal: refusal.line)
        self.refusals += [replace(refusal, kind=kind) for refusal in ordered]

    def write_refusals(self, path: Path) -> None:
        """A CSV that a spreadsheet opens well, with a mark of UTF-8, and that runs no formula."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(COLUMNS)
            for it in self.refusals:
                cells = (it.file, str(it.line), LABELS.get(it.kind, ""), it.external_id, it.field, it.reason)
                writer.writerow([_inert(cell) for cell in cells])


def _inert(cell: str) -> str:
    whole = cell.encode("utf-8", "replace").decode().replace("\x00", "\N{SYMBOL FOR NULL}")
    return f"'{whole}" if whole.startswith(_FORMULA) else whole
