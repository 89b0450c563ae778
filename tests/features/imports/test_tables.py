"""CSV as people send it: each trap costs its own row and no other."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from app.core.db import Database
from app.core.richtext.typography import NO_BREAK
from app.features.imports.actions import run_import
from app.features.imports.command import OPERATOR, summarise
from app.features.imports.lines import MappingRefused
from app.features.imports.mapping import Cell, People
from app.features.imports.report import Refusal, Report
from app.features.imports.tables import Records, read_table
from tests.features.imports.contents import contents


def read(folder: Path, raw: bytes, *, delimiter: str = "auto", column: str = "id") -> Records:
    """A table of one wanted column."""
    (folder / "t.csv").write_bytes(raw)
    table = People.model_validate({"file": "t.csv", "delimiter": delimiter, "id": Cell(column=column)})
    return read_table(folder, table)


def found(records: Records) -> list[tuple[int, dict[str, str]]]:
    """Rows with their lines."""
    return [(row.line, row.cells) for row in records.rows]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [b",", b";", b"\t"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_marks_delimiters_and_ends_of_lines(tmp_path: Path, mark: bytes, delimiter: bytes, end: bytes) -> None:
    raw = mark + end.join(delimiter.join(row) for row in ([b"id", b"x"], [b"1", b"\xc3\xa9"], [b"2", b""])) + end
    assert found(read(tmp_path, raw)) == [(2, {"id": "1", "x": "é"}), (3, {"id": "2", "x": ""})]


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    records = read(tmp_path, b'id,x\n1,"a\n\nb"\n\n2,c\n3,d,e\n4,"f\n"\n5\n')
    assert found(records) == [(2, {"id": "1", "x": "a\n\nb"}), (6, {"id": "2", "x": "c"}), (8, {"id": "4", "x": "f\n"})]
    assert [(it.line, it.external_id) for it in records.refused] == [(7, "3"), (10, "5")]


def test_a_quote_that_never_closes_says_how_far_it_went(tmp_path: Path) -> None:
    records = read(tmp_path, b'id,x\n1,a\n2,"b\n3,c\n4,d\n')
    assert found(records) == [(2, {"id": "1", "x": "a"})]
    assert [it.line for it in records.refused] == [3]
    assert "lue jusqu’à la ligne 5" in records.refused[0].reason


def test_a_misplaced_quote_costs_its_row(tmp_path: Path) -> None:
    records = read(tmp_path, b'id,x\n1,"a"b\n2,c\n')
    assert found(records) == [(3, {"id": "2", "x": "c"})]
    assert [it.line for it in records.refused] == [2]


def test_a_stated_delimiter_is_believed(tmp_path: Path) -> None:
    assert found(read(tmp_path, b'"a;id",id\n1,2\n', delimiter=",")) == [(2, {"a;id": "1", "id": "2"})]
    with pytest.raises(MappingRefused, match="colonnes absentes : « id »"):
        read(tmp_path, b"id,x\n1,2\n", delimiter=";")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "colonnes lues : aucune"),
        (b"\n\n", "colonnes absentes"),
        (b"id,id\n1,2\n", "une colonne est répétée"),
        ("id,x\n1,é\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(tmp_path: Path, raw: bytes, said: str) -> None:
    with pytest.raises(MappingRefused, match=said):
        read(tmp_path, raw)


NASTY = {
    "nul": b"30;banc;id\xc3\xa9e;Titre;avant\x00apr\xc3\xa8s;p1;2020-04-04 08:00;non;1;1;1",
    "latin-1": b"31;banc;id\xe9e;Titre;texte;p1;2020-04-04 08:00;non;1;1;1",
    "latin-1 body": b"32;banc;;Titre;\xe9t\xe9;p1;2020-04-04 08:00;non;1;1;1",
    "surrogate": b"33;banc;;Titre;\xed\xa0\x80;p1;2020-04-04 08:00;non;1;1;1",
    "override": "34;banc;;Titre;a\u202eb;p1;2020-04-04 08:00;non;1;1;1".encode(),
    "too long": b"35;banc;;Titre;" + b"a" * 40_001 + b";p1;2020-04-04 08:00;non;1;1;1",
    "far too long": b"36;banc;;Titre;" + b"a" * 300_000 + b";p1;2020-04-04 08:00;non;1;1;1",
    "title too long": b"37;banc;;" + b"t" * 301 + b";texte;p1;2020-04-04 08:00;non;1;1;1",
    "empty": b"38;banc;;Titre;   ;p1;2020-04-04 08:00;non;1;1;1",
    "no id": b";banc;;Titre;texte;p1;2020-04-04 08:00;non;1;1;1",
    "id too long": b"9" * 201 + b";banc;;Titre;texte;p1;2020-04-04 08:00;non;1;1;1",
    "date": b"39;banc;;Titre;texte;p1;0001-01-01T00:00:00+23:59;non;1;1;1",
    "formula": b"40;banc;;=1+1;@SOMME(A1);p1;2020-04-04 08:00;non;2147483648;1;1",
}
"""All but the last are refused; of that one, the tally."""


async def test_junk_costs_its_row_and_the_rest_goes_in(target: Database, folder: Path) -> None:
    mapping = (folder / "mapping.yaml").read_text().replace("question: question}", "question: question}, default: need")
    (folder / "mapping.yaml").write_text(mapping)
    before = (await run_import(target, OPERATOR, folder, folder / "mapping.yaml")).refusals
    path = folder / "contributions.csv"
    begins = path.read_bytes().count(b"\n") + 1
    path.write_bytes(path.read_bytes() + b"\n".join(NASTY.values()) + b"\n")
    report = await run_import(target, OPERATOR, folder, folder / "mapping.yaml")
    new: list[Refusal] = [it for it in report.refusals if it not in before and it.kind == "contribution"]
    assert [it.line - begins for it in new] == list(range(len(NASTY) - 1))
    assert all(it.reason and it.reason.replace(NO_BREAK, " ").isprintable() for it in new)
    assert report.rows["statements"] == 1
    assert (await contents(target)).counts["tallies"] == 5
    report.write_refusals(folder / "refus.csv")


def test_a_refused_row_does_not_speak_to_the_terminal() -> None:
    heard = io.StringIO()
    report = Report(dry_run=False)
    report.refuse("space", [Refusal("\x1b[2J.csv", 2, "1", "titre", "« \x9b2J\r » n’est pas là")])
    summarise(report, Console(file=heard, force_terminal=False, width=200))
    assert "\\x1b[2J.csv, ligne 2" in heard.getvalue()
    assert not {"\x1b", "\x9b", "\r"} & set(heard.getvalue())
