"""From the cells of a row to values that the tables accept, or a reason in French why not."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from app.core import text
from app.core.clock import now
from app.features.imports.mapping import Cell, Mapping
from app.features.imports.tables import Row

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

LONGEST_TITLE: Final = 300  # two hundred for what is typed here; the consultation of 2015 has one of 236


def _title(value: str) -> str:
    line = re.sub(r"\s*[\t\r\n\u2028\u2029]+\s*", " ", value)
    if len(line) > LONGEST_TITLE:
        raise PydanticCustomError(
            "text_too_long",
            "Ce titre compte {length} caractères, il en faut {longest} au plus.",
            {"length": len(line), "longest": LONGEST_TITLE},
        )
    return line


IDENTIFIER: TypeAdapter[str] = TypeAdapter(text.Line)
NAME: TypeAdapter[str] = TypeAdapter(text.Name)
TITLE: TypeAdapter[str] = TypeAdapter(Annotated[text.ShortText, AfterValidator(_title)])
SHORT: TypeAdapter[str] = TypeAdapter(text.ShortText)
BODY: TypeAdapter[str] = TypeAdapter(text.MarkdownText)
ADDRESS: TypeAdapter[str] = TypeAdapter(text.WebAddress)
NUMBER: TypeAdapter[int] = TypeAdapter(text.Whole)
LANGUAGE: TypeAdapter[str] = TypeAdapter(text.LanguageTag)


class Refused(Exception):
    """This row does not go in."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass(slots=True)
class Cells:
    """One row as a mapping reads it. Every method names the field, for the report."""

    row: Row
    mapping: Mapping
    external_id: str = ""

    def identify(self, cell: Cell) -> str:
        """The external id, on which `by_id` depends."""
        self.external_id = self.required("id", cell, IDENTIFIER)
        return self.external_id

    def raw(self, field: str, cell: Cell | None) -> str:
        """The value as the mapping translates it; empty when there is none."""
        if cell is None:
            return ""
        if self.external_id in cell.by_id:
            return cell.by_id[self.external_id]
        written = self.row.cells.get(cell.column, "") if cell.column else ""
        value = written.strip()
        if not value:
            return cell.default or ""
        if cell.values:
            if value not in cell.values:
                known = ", ".join(f"« {name} »" for name in list(cell.values)[:12])
                raise Refused(field, f"valeur inconnue {shown(value)} ; la correspondance prévoit {known}")
            return cell.values[value]
        return written

    def required(self, field: str, cell: Cell, adapter: TypeAdapter[T]) -> T:
        """A value that must be there."""
        return _checked(field, self.raw(field, cell), adapter)

    def optional(self, field: str, cell: Cell | None, adapter: TypeAdapter[T]) -> T | None:
        """A value that may be absent, but not wrong."""
        value = self.raw(field, cell)
        return _checked(field, value, adapter) if value.strip() else None

    def number(self, field: str, cell: Cell) -> int:
        """A count."""
        value = self.raw(field, cell).strip()
        if not re.fullmatch(r"[0-9]{1,10}", value, re.ASCII):
            raise Refused(field, f"un nombre entier est attendu, et non {shown(value)}")
        return _checked(field, int(value), NUMBER)

    def choice(self, field: str, cell: Cell | None, choices: type[E]) -> E | None:
        """One of ours."""
        value = self.raw(field, cell).strip()
        if not value:
            return None
        if value not in {choice.value for choice in choices}:
            raise Refused(field, f"valeur inconnue {shown(value)} ; possibles : {', '.join(choices)}")
        return choices(value)

    def chosen(self, field: str, cell: Cell, choices: type[E]) -> E:
        """One of ours, which must be there."""
        value = self.choice(field, cell, choices)
        if value is None:
            raise Refused(field, "ce champ ne peut pas être vide")
        return value

    def instant(self, field: str, cell: Cell) -> datetime:
        """A moment with its zone: its own, or that of the mapping; never in the future."""
        value = self.raw(field, cell).strip()
        try:
            form = self.mapping.date_format
            moment = datetime.strptime(value, form) if form else datetime.fromisoformat(value)  # noqa: DTZ007
        except ValueError:
            expected = self.mapping.date_format or "2015-10-18T23:58:59+0200"
            raise Refused(field, f"date illisible {shown(value)} ; attendue comme {expected}") from None
        if moment.tzinfo is None:
            if self.mapping.zone is None:
                raise Refused(field, "cette date n’a pas de fuseau ; donnez « zone » dans la correspondance")
            moment = moment.replace(tzinfo=ZoneInfo(self.mapping.zone))
        if not 1900 <= moment.year <= 2200 or moment > now() + timedelta(days=1):
            raise Refused(field, f"date impossible {shown(value)} : avant 1900 ou dans le futur")
        return moment

    def reference(self, field: str, cell: Cell, known: Container[str], what: str) -> str:
        """The external id of something that goes in too."""
        value = self.required(field, cell, IDENTIFIER)
        if value not in known:
            raise Refused(field, f"{what} {shown(value)} : introuvable dans cet import, ou sa ligne est refusée")
        return value


def shown(value: str) -> str:
    """A value quoted in a report: short, on one line, without what cannot be printed."""
    printable = "".join(letter if letter.isprintable() else "�" for letter in value[:40])
    return f"« {printable}{'…' if len(value) > 40 else ''} »"


def _checked(field: str, value: Any, adapter: TypeAdapter[T]) -> T:
    try:
        return adapter.validate_python(value)
    except ValidationError as refused:
        message = refused.errors()[0]["msg"]
        raise Refused(field, message[0].lower() + message[1:].rstrip(".")) from None
