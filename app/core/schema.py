"""What requests and answers are made of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

from app.core.i18n import later

Item = TypeVar("Item")


class Input(BaseModel):
    """A request body: an unknown field is refused, so that a typing error never passes for a success."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class Output(BaseModel):
    """An answer, made from the columns of a row."""

    model_config = ConfigDict(from_attributes=True)


class Listing(Output, Generic[Item]):
    """A page of a list; `next_cursor` is empty on the last one."""

    items: list[Item]
    next_cursor: str | None = Field(default=None, description="Send it back as `cursor` to read on.")


def choices(values: type[StrEnum]) -> WithJsonSchema:
    """What a column that is read as plain text may hold, for the documentation.

    `Annotated[str, choices(Kind)]`: rows come from the database with checked strings; turning each into an enumeration's member, only to
    write its text again, would cost more than the rest of the answer's making.
    """
    return WithJsonSchema({"type": "string", "enum": [value.value for value in values]})


def _within_centuries(value: datetime) -> datetime:
    if not 1900 <= value.year <= 2200:
        raise ValueError(later("Une date entre 1900 et 2200 est attendue."))
    return value


Instant = Annotated[AwareDatetime, AfterValidator(_within_centuries)]
"""A date and time with its zone, in a span that every database and calendar can hold."""
