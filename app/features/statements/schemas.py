"""What the API takes and gives about statements."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from app.core.i18n import later
from app.core.schema import Input, Output, choices
from app.core.text import Code, LanguageTag, Line, MarkdownText, ShortText, WebAddress
from app.features.identity.models import Family
from app.features.statements.models import (
    Consent,
    Kind,
    ModerationReason,
    Side,
    SourceCategory,
    Stance,
    StatementState,
    WithdrawalReason,
)
from app.policy.actor import Capacity

Tags = Annotated[list[Code], Field(max_length=20)]


class Words(Input):
    """What somebody says, and as whom."""

    markdown: MarkdownText = Field(description="The text, in Markdown.")
    organisation_id: UUID | None = Field(
        default=None, description="In whose name; needed only by those who have several mandates in the space."
    )
    capacity: Literal[Capacity.ORGANISATION, Capacity.PERSONAL] = Capacity.ORGANISATION
    consent: Consent = Field(
        default=Consent.NAME,
        description="How far these words may leave the space: name, profile, paraphrase, internal.",
    )
    language: LanguageTag = "fr"


class ContributionDraft(Words):
    """A new contribution."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "space_id": "01930d2e-7c00-7000-8000-000000000001",
                    "kind": "need",
                    "title": "Trésorerie des associations employeuses",
                    "markdown": "Les subventions attendues en mars ne sont **pas versées** : il manque deux mois.",
                    "consent": "name",
                }
            ]
        }
    )

    space_id: UUID
    kind: Kind
    title: Line
    session_id: UUID | None = None
    tags: Tags = Field(default_factory=list, description="Codes of the initiative's taxonomies.")
    draft: bool = Field(default=False, description="Keep it to yourself for now.")


class NoteTakeUp(Input):
    """What an organisation says, from a note in which it was heard: its own person sends the words."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "need",
                    "title": "Trésorerie des associations employeuses",
                    "markdown": "Il manque deux mois de trésorerie.",
                }
            ]
        }
    )

    kind: Kind
    title: Line
    markdown: MarkdownText = Field(description="The text, in Markdown: that of the note, or other words.")
    consent: Consent = Field(
        default=Consent.NAME,
        description="How far these words may leave the space: name, profile, paraphrase, internal.",
    )
    tags: Tags = Field(default_factory=list, description="Codes of the initiative's taxonomies.")
    language: LanguageTag = "fr"
    space_id: UUID | None = Field(default=None, description="For a note of a plenary: where you contribute.")


class AgendaContribution(Input):
    """What a point of an agenda is about."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"contribution_id": "01930d2e-7c00-7000-8000-000000000001"}]}
    )

    contribution_id: UUID | None


class ReplyDraft(Words):
    """An answer to a contribution, or to another reply."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"side": "for", "markdown": "Nous observons la même chose dans l’Ain."}]}
    )

    side: Side = Side.NONE
    parent_id: UUID | None = Field(
        default=None, description="The reply that it answers; empty for the contribution itself."
    )


class StatementPatch(Input):
    """What changes; new words make a new revision, everything else applies at once."""

    title: Line | None = None
    markdown: MarkdownText | None = None
    kind: Kind | None = None
    side: Side | None = None
    consent: Consent | None = None
    tags: Tags | None = None
    language: LanguageTag | None = None


class Withdrawal(Input):
    """Why words are taken back: the class alone is shown."""

    reason: WithdrawalReason = WithdrawalReason.OTHER


def _one_of_ours(reason: ModerationReason) -> ModerationReason:
    """What an import found hidden was never readable here, and no synthesis answers for it: nobody says so afterwards."""
    if reason == ModerationReason.IMPORTED:
        raise ValueError(
            later("Cette raison est celle des contributions importées déjà masquées : choisissez-en une autre.")
        )
    return reason


class Moderation(Input):
    """Why a statement is hidden: shown to everybody who could read it."""

    reason: Annotated[ModerationReason, AfterValidator(_one_of_ours)]


class PositionDraft(Input):
    """Where an organisation stands."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"stance": "nuances", "reason": "Oui, si les petites structures sont aidées."}]}
    )

    stance: Stance
    reason: ShortText | None = None
    organisation_id: UUID | None = None


class PositionHeld(Input):
    """Whose position is taken back; needed only by those who speak for several organisations in the space."""

    organisation_id: UUID | None = None


class SourceDraft(Input):
    """A document that the statement leans on."""

    category: SourceCategory
    title: Line
    url: WebAddress
    note: ShortText | None = None


KindText = Annotated[str, choices(Kind)]
SideText = Annotated[str, choices(Side)]
StatementStateText = Annotated[str, choices(StatementState)]
ConsentText = Annotated[str, choices(Consent)]
StanceText = Annotated[str, choices(Stance)]
SourceCategoryText = Annotated[str, choices(SourceCategory)]


class Speaker(Output):
    """Who speaks, as far as the caller may know: inside the space by name, outside as the author consents."""

    capacity: str
    organisation_id: UUID | None = None
    organisation: str | None = None
    profile: str | None = None
    family: Annotated[str, choices(Family)] | None = Field(
        default=None, description="Of an organisation that is named."
    )
    person_id: UUID | None = None
    person: str | None = None
    anonymous: bool = Field(default=False, description="A participating organisation or person, not named by consent.")


class Counts(Output):
    """How many answered, and stand where; kept by each write."""

    replies_for: int
    replies_against: int
    replies_other: int
    supports: int
    nuances: int
    objects: int
    sources: int


class StatementSummary(Output):
    """A contribution or a reply in a list: its first 600 characters."""

    id: UUID
    type: str
    initiative_id: UUID
    space_id: UUID
    root_id: UUID
    parent_id: UUID | None
    session_id: UUID | None
    kind: KindText | None
    side: SideText | None
    title: str | None
    excerpt: str | None = Field(description="Canonical plain text, at most 600 code points; empty when it is hidden.")
    truncated: bool
    language: str
    tags: list[str]
    state: StatementStateText
    state_reason: str | None
    speaker: Speaker
    consent: ConsentText | None = Field(description="Shown inside the space only.")
    origin: str
    occurred_at: datetime
    published_at: datetime | None
    revision: int
    counts: Counts | None = Field(description="Empty outside the space: a count would tell of what is not shown.")
    version: int
    abilities: list[str]


class StatementFull(StatementSummary):
    """A contribution or a reply, whole."""

    revision_id: UUID
    markdown: str | None
    plain: str | None = Field(description="The canonical text that extracts point into, by code points.")
    html: str | None
    plain_sha256: str | None
    tally: dict[str, Any] | None = Field(
        default=None, description="Votes counted elsewhere and imported; they are not positions of organisations."
    )


class RevisionOut(Output):
    """The words as they stood."""

    id: UUID
    n: int
    title: str | None
    markdown: str | None
    plain: str | None
    html: str | None
    plain_sha256: str
    plain_length: int
    consent: ConsentText | None
    created_at: datetime
    erased_at: datetime | None


class ChangeOut(Output):
    """A run of words that stayed, went or came."""

    op: str
    text: str


class DifferencesOut(Output):
    """What changed between two revisions, on the canonical text."""

    before: int
    after: int
    title: list[ChangeOut]
    text: list[ChangeOut]


class PositionOut(Output):
    """Where an organisation stands, or stood."""

    id: UUID
    stance: StanceText
    reason: str
    organisation_id: UUID | None
    organisation: str | None
    profile: str | None
    family: str | None
    created_at: datetime
    superseded_at: datetime | None
    origin: str


class SourceOut(Output):
    """A document that the statement leans on."""

    id: UUID
    category: SourceCategoryText
    title: str
    url: str
    note: str
    organisation_id: UUID | None
    occurred_at: datetime
    origin: str
