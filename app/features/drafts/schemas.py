"""What a page sends while somebody types, and what it gets back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, field_validator

from app.core.i18n import later
from app.core.schema import Input, Output

LARGEST = 262_144
"""Bytes of all the texts of a draft, in UTF-8: six times the longest contribution in accented letters."""
MOST_FIELDS = 40
KEY = r"^[a-z]+(-[a-z]+)*(:[a-z0-9]+(-[a-z0-9]+)*){1,3}$"

DraftKey = Annotated[
    str,
    Field(
        max_length=160,
        pattern=KEY,
        description="Which form is being filled in: what it makes, `new` or `edit`, and the id of where or of what.",
        examples=["contribution:new:0199c0de-0000-7000-8000-000000000001"],
    ),
]
FieldName = Annotated[str, Field(max_length=64, pattern=r"^[a-z][a-z0-9_-]*$")]


class DraftIn(Input):
    """The whole form as it stands. Any text is taken, half a word or none: what cannot be sent can still be kept."""

    body: dict[FieldName, str] = Field(
        max_length=MOST_FIELDS, examples=[{"title": "Trésorerie des associations", "markdown": "Il manque deux mois"}]
    )
    initiative_id: UUID | None = Field(default=None, description="Where it is being written: for your own lists.")
    space_id: UUID | None = None

    @field_validator("body")
    @classmethod
    def bounded(cls, body: dict[str, str]) -> dict[str, str]:
        """Refuse what is larger than anything that can be sent."""
        if sum(len(text.encode()) for text in body.values()) > LARGEST:
            raise ValueError(
                later("Ce brouillon est trop long pour être gardé : partagez-le en deux, ou joignez un fichier.")
            )
        return body


class DraftSaved(Output):
    """The answer to a save: short, as it comes back every few seconds."""

    key: str
    version: int = Field(description="Send it back as `If-Match` with the next save.")
    saved_at: datetime


class DraftOut(DraftSaved):
    """A draft, for the one who writes it."""

    initiative_id: UUID | None
    space_id: UUID | None
    body: dict[str, str]


class DraftLine(DraftSaved):
    """A draft in a list: its beginning alone."""

    initiative_id: UUID | None
    space_id: UUID | None
    space: str | None = Field(description="The title of the space, while you may read it.")
    title: str
    excerpt: str
    words: int
