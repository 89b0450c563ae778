"""Editions, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Input, Output, choices
from app.core.text import Line
from app.features.deliverables.models import PassageKind, Relation
from app.features.editions.models import EditionWithdrawalReason

SHA = "3b1f5f0c8c1a4b0de0f6d4b1d7f5f7d2f2f0a3a9c4f0c5f3c8b1a7e6d5c4b3a2"


class EditionDraft(Input):
    """What an edition is called: « mise à jour du 7 septembre »."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"label": "Mise à jour du 7 septembre 2020"}]})

    label: Line


class EditionWithdrawalDraft(Input):
    """Why an edition is taken off the shelf: everybody reads the class."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "mistake"}]})

    reason: EditionWithdrawalReason


class Withdrawn(Output):
    """When an edition was taken off the shelf, and the class of the reason."""

    at: datetime
    reason: Annotated[str, choices(EditionWithdrawalReason)]


class EditionOut(Output):
    """A publication, which never changes."""

    id: UUID
    initiative_id: UUID
    deliverable_id: UUID
    n: int
    label: str
    title: str
    published_at: datetime
    sha256: str = Field(description="Of the payload, `edition.json`.", examples=[SHA])
    fingerprint: str = Field(
        description="Of `manifest.json`, which lists every file with its hash: `alliage verify FOLDER --expect`.",
        examples=[SHA],
    )
    withdrawn: Withdrawn | None = None
    version: int = Field(description="1, and 2 once withdrawn.")
    abilities: list[str] = Field(default_factory=list)


class EditionFileOut(Output):
    """A file of an edition: what is served is the bytes that this hash is of."""

    name: str
    media_type: str
    size: int
    sha256: str
    renderer: str
    renderer_version: str
    url: str


class EditionFull(EditionOut):
    """A publication with its files; none for a visitor once it is withdrawn."""

    files: list[EditionFileOut] = Field(default_factory=list)


class CitedIn(Output):
    """An edition that cites a contribution, and the notes in which it does."""

    edition_id: UUID
    deliverable_id: UUID
    n: int
    label: str
    title: str
    published_at: datetime
    withdrawn: bool
    notes: list[int] = Field(description="Numbers of the notes in that edition.")
    relations: list[Annotated[str, choices(Relation)]] = Field(description="One for each note, in the same order.")


class ChangeOut(Output):
    """A run of words that stayed, went or came."""

    op: Literal["same", "removed", "added"]
    text: str


class PassageChange(Output):
    """A passage that came, went, changed or moved between two editions."""

    change: Literal["added", "removed", "changed", "moved"]
    kind: Annotated[str, choices(PassageKind)]
    section: str = Field(description="The title of the section where it stands, or stood.")
    section_before: str | None = Field(default=None, description="Where it stood, when it moved.")
    changes: list[ChangeOut] = Field(description="`same` and `removed` make the earlier words again.")


class EditionDifferences(Output):
    """What changed from one edition to another of the same deliverable, passage by passage."""

    since: UUID
    edition: UUID
    added: int
    removed: int
    changed: int
    moved: int
    same: int
    passages: list[PassageChange] = Field(description="In the order of the text; what went comes last.")
