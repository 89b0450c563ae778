"""Citations, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from app.core.i18n import later
from app.core.schema import Input, Output, choices
from app.core.text import ShortText, Whole
from app.features.deliverables.models import AckChoice, Relation
from app.features.harvest.schemas import ExtractOut
from app.features.statements.models import Consent, StatementType
from app.features.statements.schemas import Speaker


class CitationDraft(Input):
    """Words to rest on, and what they do: `quotes`, `supports`, `nuances`, `contradicts`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "deliverable_id": "01930d2e-7c00-7000-8000-000000000004",
                    "extract_id": "01930d2e-7c00-7000-8000-000000000006",
                    "relation": "quotes",
                }
            ]
        }
    )

    deliverable_id: UUID
    extract_id: UUID
    relation: Relation


class OutdatedWhy(StrEnum):
    """Why a citation has to be looked at again."""

    REVISED = "revised"
    WITHDRAWN = "withdrawn"
    MODERATED = "moderated"
    CONSENT = "consent"
    """The consent in force does not allow what the citation does."""
    ERASED = "erased"


class ChangeOut(Output):
    """A run of text that stayed, went or came."""

    op: Literal["same", "removed", "added"]
    text: str


class Outdated(Output):
    """The source has moved since it was cited."""

    why: list[Annotated[str, choices(OutdatedWhy)]]
    head_revision_id: UUID = Field(description="Name it in `seen_revision_id` when you decide.")
    head_revision: int
    still_literal: bool = Field(description="Whether the words still stand, to the letter, in the revision in force.")
    differences: list[ChangeOut] = Field(
        description="Where the quote stood: `same` and `removed` make the quote again."
    )
    ways_out: list[Annotated[str, choices(AckChoice)]]


class AckOut(Output):
    """What a co-pilot decided when the source had moved."""

    choice: Annotated[str, choices(AckChoice)]
    note: str
    by_person: UUID
    at: datetime
    seen_revision_id: UUID
    seen_state: str


class CitationOut(Output):
    """A citation, its words, and who said them as it may be printed."""

    id: UUID
    deliverable_id: UUID
    number: int
    key: str = Field(description="`c7`; the marker is `[@c7]`.")
    relation: Annotated[str, choices(Relation)]
    extract_id: UUID
    statement_id: UUID
    statement_type: Annotated[str, choices(StatementType)]
    statement_title: str = Field(description="For co-pilots: a title is no part of what a citation releases.")
    space_id: UUID
    revision_id: UUID
    revision: int
    start: int
    end: int
    quote: str
    consent: Annotated[str, choices(Consent)] = Field(
        description="In force: the strictest of the cited revision's and the statement's."
    )
    shows_words: bool = Field(description="Whether the words may leave the space; a paraphrase shows none.")
    attribution: Speaker = Field(description="Who speaks, as the author consents to have it printed.")
    outdated: Outdated | None
    acknowledged: AckOut | None = Field(description="The decision that holds for the source as it is now.")
    in_force: bool = Field(description="Whether the accepted text names it.")
    by_rule: str | None
    created_at: datetime


class Acknowledgement(Input):
    """One of the three ways out of an outdated citation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"choice": "renewed", "seen_revision_id": "01930d2e-7c00-7000-8000-000000000003"},
                {"choice": "kept", "note": "Le chiffre a changé depuis ; la phrase citée décrit le mois d’avril."},
            ]
        }
    )

    choice: AckChoice
    note: ShortText | Literal[""] = ""
    seen_revision_id: UUID | None = Field(
        default=None, description="The head that you saw; refused (412) when there is a newer one."
    )
    start: Whole | None = Field(default=None, description="To renew on other words of the head: their offsets.")
    end: Whole | None = None

    @model_validator(mode="after")
    def _span(self) -> Acknowledgement:
        if (self.start is None) != (self.end is None) or (self.start is not None and self.choice != AckChoice.RENEWED):
            raise ValueError(later("« start » et « end » vont ensemble, pour renouveler seulement."))
        return self


class AcknowledgedOut(Output):
    """What was decided, and what it changed in the text."""

    choice: Annotated[str, choices(AckChoice)]
    citation: CitationOut
    replaced_by: CitationOut | None
    passages: list[UUID] = Field(description="Passages that have a new revision.")


class Use(Output):
    """Where an extract is cited."""

    deliverable_id: UUID
    citation_id: UUID
    number: int
    relation: Annotated[str, choices(Relation)]


class ExtractInUse(ExtractOut):
    """An extract, and the citations that point to it."""

    uses: list[Use]
