"""CSV files as they come: with or without a mark, `,` or `;`, newlines in cells, and rows that are broken.

A broken row is refused and the rest is read on. Bytes that are not UTF-8 become lone
surrogates, which the types of `app.core.text` refuse, so that they cost their row alone.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.features.imports.lines import MappingRefused
from app.features.imports.mapping import Table
from app.features.imports.report import Refusal

LARGEST = 512 * 1024 * 1024
"""Bytes of one file: it is held in memory."""
DELIMITERS = (",", ";", "\t")
csv.field_size_limit(16 * 1024 * 1024)  # the module's 128 kB would break the row in pieces instead of refusing it


@dataclass(frozen=True, slots=True)
class Row:
    """One record; `line` is where it begins, counted from 1."""

    line: int
    cells: dict[str, str]


@dataclass(slots=True)
class Records:
    """What a file holds."""

    file: str
    rows: list[Row] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def read_table(folder: Path, table: Table) -> Records:
    """The rows of `table` that its `where` keeps. `MappingRefused` when the file or a column is missing."""
    if table.rows is not None:
        records = Records("correspondance", [Row(n, cells) for n, cells in enumerate(table.rows, 1)])
    else:
        records = _read_file(folder, table)
    if where := table.where:
        records.rows = [
            row
            for row in records.rows
            if (value := row.cells.get(where.column, "").strip()) not in where.leave
            and (where.keep is None or value in where.keep)
        ]
    return records


def _read_file(folder: Path, table: Table) -> Records:
    name = table.file or ""
    text = _decoded(folder / name, name)
    delimiter, header = _header(text, table, name)
    records = Records(name)
    for line, cells in _records(text, delimiter, records):
        if line == 1 or not cells:
            continue
        if len(cells) != len(header):
            reason = f"cette ligne compte {len(cells)} cellules, l’en-tête {len(header)}"
            records.refused.append(Refusal(name, line, cells[0][:200], "", reason))
        else:
            records.rows.append(Row(line, dict(zip(header, cells, strict=True))))
    return records


def _decoded(path: Path, name: str) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise MappingRefused(name, [f"Ce fichier dépasse {LARGEST >> 20} Mo : coupez-le en plusieurs."])
        raw = path.read_bytes()
    except FileNotFoundError as problem:
        raise MappingRefused(name, ["Ce fichier n’est pas là : vérifiez son nom et son dossier."]) from problem
    except OSError as problem:
        raise MappingRefused(name, [f"Ce fichier ne se lit pas ({problem.strerror})."]) from problem
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise MappingRefused(name, ["Ce fichier est en UTF-16 : enregistrez-le en « CSV UTF-8 »."])
    return raw.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")


def _header(text: str, table: Table, name: str) -> tuple[str, list[str]]:
    """The delimiter that shows every wanted column, and the columns."""
    wanted = table.columns()
    stated = DELIMITERS if table.delimiter == "auto" else (table.delimiter,)
    found: list[str] = []
    for delimiter in stated:
        try:
            header = [cell.strip() for cell in next(_reader(text, delimiter), [])]
        except csv.Error:
            continue
        if wanted.keys() <= set(header) and len(set(header)) == len(header):
            return delimiter, header
        found = max(found, header, key=len)
    absent = [f"« {column} » (pour {asked})" for column, asked in wanted.items() if column not in found]
    what = f"colonnes absentes : {', '.join(absent)}" if absent else "une colonne est répétée"
    listed = ", ".join(cell[:40] for cell in found) or "aucune"
    raise MappingRefused(name, [f"ligne 1 : {what} ; colonnes lues : {listed}."])


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _records(text: str, delimiter: str, records: Records) -> Iterator[tuple[int, Sequence[str]]]:
    """Each record with the line where it begins; after a broken one, the next physical line begins anew."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            ends = f" (lue jusqu’à la ligne {reader.line_num})" if reader.line_num > begins else ""
            reason = f"guillemets mal placés ou jamais fermés{ends} : {problem}"
            records.refused.append(Refusal(records.file, begins, "", "", reason))
        else:
            yield begins, cells
