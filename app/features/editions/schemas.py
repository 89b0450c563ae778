"""Editions, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from app.core.i18n import later
from app.core.schema import Input, Output, choices
from app.core.text import Line, ShortText
from app.features.deliverables.models import Fate, PassageKind, Relation, SetAsideReason
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
        description="Of `manifest.json`, which lists every file with its hash: `.venv/bin/alliage verify FOLDER --expect`.",
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


class EditionName(Output):
    """Which edition."""

    id: UUID
    n: int
    label: str


class CitingPassage(Output):
    """A passage of an edition that cites a contribution."""

    ordinal: int = Field(description="Its place in the text of the edition.")
    note: int = Field(description="The note that cites it.")
    relation: Annotated[str, choices(Relation)]
    markdown: str = Field(description="The passage without the calls of its notes; empty for a quotation.")


class Became(Output):
    """What became of a contribution in a deliverable."""

    at: datetime = Field(description="When the edition was published, or the treatment given.")
    outcome: Annotated[str, choices(Fate)]
    target_id: UUID | None = Field(description="What it was merged into, when you may read it.")
    target: str | None
    reason_code: Annotated[str, choices(SetAsideReason)] | None
    sentence: str | None = Field(description="What the co-pilots say of it; the reason of a waiver.")
    revision_id: UUID | None = Field(description="The words that were judged.")
    deliverable_id: UUID
    deliverable: str
    edition: EditionName | None = Field(
        description="Empty for what no edition has printed yet, told to co-pilots alone."
    )
    passages: list[CitingPassage]


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
    veiled: bool = Field(
        default=False, description="Whether « […] » stands for words whose author has let them out no longer, since."
    )
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


def _argued(reason: str) -> str:
    if len(reason) < 10:
        raise ValueError(later("Donnez votre raison en dix caractères au moins : elle reste à la place des mots."))
    return reason


class ErasureDraft(Input):
    """Whose words are erased, and why. The reason is kept: name nobody in it, and repeat none of the words."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "statement_id": "01930d2e-7c00-7000-8000-000000000007",
                    "reason": "Demande de la personne concernée, reçue le 7 septembre.",
                }
            ]
        }
    )

    statement_id: UUID = Field(description="A contribution or a reply.")
    revision: int | None = Field(
        default=None, ge=1, le=1_000_000, description="The number of one revision; empty for all of them."
    )
    reason: Annotated[ShortText, AfterValidator(_argued)]


class FrozenCopy(Output):
    """An edition that was published with the words, and keeps them."""

    id: UUID
    n: int
    title: str


class RetypedIn(Output):
    """Something that others wrote, in which a sentence of the erased words stands to the letter."""

    type: Literal["passage", "treatment", "session", "contribution", "reply"]
    id: UUID


class ErasureOut(Output):
    """What was erased, and the two places that an erasure does not reach."""

    statement_id: UUID
    revisions: list[int] = Field(description="The numbers of the revisions that are blank now.", examples=[[1, 2]])
    files: int = Field(description="How many attached files went with them.", examples=[0])
    editions: list[FrozenCopy] = Field(
        description="They do not move: withdraw them and publish another, or let them stand."
    )
    retyped: list[RetypedIn] = Field(description="The words of others: ask them, or moderate.")
