"""Cells of tables that people open in a spreadsheet, where a text that begins like a formula is run."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

# The signs, their full-width and small forms, and what a spreadsheet drops before it looks for them
_FORMULA = re.compile(r"[\s\x00-\x20\u200b-\u200f\u2060\ufeff]*[=+\-@\t\r\n\x00＝＋－＠﹦﹢﹣﹫−]|[\t\r\n\x00]")


def safe_cell(value: Any) -> str:
    """The text of one cell: what a person wrote is never a formula, numbers and dates stay what they are.

    An apostrophe before the text is the sign of every spreadsheet for "this is text". NUL is left out, since
    readers of CSV stop there. Quoting the separators is the work of the `csv` module.
    """
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case Enum():
            return safe_cell(value.value)
        case int() | float() | Decimal() | UUID():
            return str(value)
        case date() | time():
            return value.isoformat()
    text = str(value)
    guard = "'" if _FORMULA.match(text) else ""
    return guard + text.replace("\0", "")
