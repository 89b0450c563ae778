"""What the API takes and gives about notes, amendments and validations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Input, Output
from app.core.text import MarkdownText, ShortText
from app.features.sessions.models import AmendmentState
from app.features.sessions.schemas.meeting import SignedOutput

EXAMPLE = "01930d2e-7c00-7000-8000-000000000004"


class NoteDraft(Input):
    """A note, of a point of the agenda or of none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"markdown": "Deux mois de trésorerie manquent.", "speaker_organisation_id": EXAMPLE}]
        }
    )

    markdown: MarkdownText
    agenda_item_id: UUID | None = None
    speaker_organisation_id: UUID | None = Field(
        default=None, description="Who was heard. Its own people may make a contribution of it; nobody else does."
    )
    organisation_id: UUID | None = Field(
        default=None, description="For whom you take it; needed only by those who have several mandates there."
    )


class NotePatch(Input):
    """What changes; a null takes the note out of the agenda, or says of nobody that they spoke."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"markdown": "Trois mois de trésorerie manquent."}]})

    markdown: MarkdownText | None = None
    agenda_item_id: UUID | None = None
    speaker_organisation_id: UUID | None = None


class NoteOut(SignedOutput):
    """A note, and who wrote it for whom."""

    id: UUID
    session_id: UUID
    agenda_item_id: UUID | None
    markdown: str
    html: str = Field(description="Safe to show as it is.")
    speaker_organisation_id: UUID | None
    speaker_name: str | None
    taken_up: bool = Field(description="Whether the organisation that spoke made a contribution of it.")
    contribution_id: UUID | None = Field(description="That contribution, where you may read its space.")
    created_at: datetime
    edited_at: datetime | None
    edited_by: UUID | None
    editor_name: str | None
    version: int
    abilities: list[str] = Field(default_factory=list)


class NoteRevisionOut(Output):
    """A note as it was worded once."""

    note_id: UUID
    n: int
    markdown: str
    person_id: UUID
    person_name: str | None
    saved_at: datetime


class AmendmentDraft(Input):
    """What the minutes should say."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "Nous avons parlé de trois mois, et non de deux."}]}
    )

    text: ShortText
    agenda_item_id: UUID | None = None
    organisation_id: UUID | None = Field(
        default=None, description="For whom; needed only by those who have several mandates there."
    )


class Acceptance(Input):
    """Why an amendment is accepted, if there is something to say."""

    reason: ShortText | None = None


class Refusal(Input):
    """Why an amendment is refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "L’enregistrement dit deux mois."}]})

    reason: ShortText


class AmendmentOut(SignedOutput):
    """What an organisation wants the minutes to say, and what became of it."""

    id: UUID
    session_id: UUID
    minutes_n: int = Field(description="The revision of the minutes that was read.")
    agenda_item_id: UUID | None
    text: str
    state: AmendmentState
    reason: str | None
    decided_by: UUID | None
    decider_name: str | None
    decided_at: datetime | None
    created_at: datetime
    version: int
    abilities: list[str] = Field(default_factory=list)


class ValidationDraft(Input):
    """We have read them, and have nothing to amend."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"n": 2}]})

    n: int = Field(ge=1, le=2**31 - 1, description="The revision that was read: the one in force.")
    organisation_id: UUID | None = Field(
        default=None, description="For whom; needed only by those who have several mandates there."
    )


class ReadingOut(Output):
    """What an organisation that came said of the minutes; nothing is no answer: silence is not consent."""

    organisation_id: UUID
    organisation_name: str
    validated_n: int | None = Field(description="The last revision that it validated.")
    validated_at: datetime | None
    amendments: int
