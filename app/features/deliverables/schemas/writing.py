"""Deliverables, sections and passages, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Input, Instant, Output, choices
from app.core.text import BriefText, LanguageTag, Line, MarkdownText, ShortText, Whole
from app.features.deliverables.models import Angle, DeliverableState, PassageKind, PassageState
from app.features.deliverables.schemas.citing import CitationOut
from app.features.search.schemas import Segment
from app.features.statements.models import Kind

Kinds = Annotated[list[Kind], Field(min_length=1, max_length=len(Kind))]
SpaceIds = Annotated[list[UUID], Field(min_length=1, max_length=200)]


class ScopeIn(Input):
    """What the deliverable answers for: spaces, kinds of contributions, and until when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "space_ids": ["01930d2e-7c00-7000-8000-000000000002"],
                    "kinds": ["need", "solution", "proposal"],
                    "cutoff_at": "2020-09-04T23:59:59+02:00",
                }
            ]
        }
    )

    space_ids: SpaceIds
    kinds: Kinds = Field(default_factory=lambda: list(Kind))
    cutoff_at: Instant | None = Field(default=None, description="What is published later is not in it; now by default.")


class DeliverableDraft(ScopeIn):
    """A new deliverable. The standard template lays three parts: the shared database, the fruits of the spaces, the lessons."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "initiative_id": "01930d2e-7c00-7000-8000-000000000001",
                    "title": "Synthèse de la démarche",
                    "space_ids": ["01930d2e-7c00-7000-8000-000000000002"],
                }
            ]
        }
    )

    initiative_id: UUID
    title: Line
    summary: Annotated[ShortText | Literal[""], Field()] = ""
    template: Literal["standard", "empty"] = "standard"
    language: LanguageTag = "fr"


class DeliverablePatch(Input):
    """What changes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Synthèse, deuxième édition"}]})

    title: Line | None = None
    summary: ShortText | Literal[""] | None = None
    language: LanguageTag | None = None


class ScopeOut(Output):
    """What the deliverable answers for."""

    space_ids: list[UUID]
    kinds: list[Annotated[str, choices(Kind)]]
    cutoff_at: datetime


class DeliverableOut(Output):
    """A synthesis."""

    id: UUID
    initiative_id: UUID
    title: str
    summary: str
    template: str
    language: str
    state: Annotated[str, choices(DeliverableState)]
    scope: ScopeOut
    created_at: datetime
    version: int
    abilities: list[str]


class SectionDraft(Input):
    """A new section."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"deliverable_id": "01930d2e-7c00-7000-8000-000000000004", "title": "Ce que nous demandons"}]
        }
    )

    deliverable_id: UUID
    parent_id: UUID | None = None
    title: Line
    angle: Angle = Angle.FREE
    about_space_id: UUID | None = Field(default=None, description="The space whose fruits it holds.")
    about_theme_id: UUID | None = None
    position: Whole | None = Field(default=None, description="Its rank among its siblings, from 0; last by default.")


class SectionPatch(Input):
    """What changes; moving it is another request."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Les enseignements de la démarche"}]})

    title: Line | None = None
    angle: Angle | None = None


class SectionMove(Input):
    """Where the section goes: under `parent_id` (null: the top), at `position`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"parent_id": None, "position": 0}]})

    parent_id: UUID | None = None
    position: Whole | None = None


class SectionOut(Output):
    """A part of the text, in the order of the outline."""

    id: UUID
    deliverable_id: UUID
    parent_id: UUID | None
    title: str
    angle: Annotated[str, choices(Angle)]
    about_space_id: UUID | None
    about_theme_id: UUID | None
    position: int
    depth: int
    number: str = Field(description="`2.1`, from the order of the outline.")
    version: int


class OutlineSection(SectionOut):
    """A section, with how many passages stand in it."""

    passages: int = Field(description="Accepted ones.")
    proposed: int = Field(description="Proposals that wait for a person; they count for nothing.")


class OutlineOut(DeliverableOut):
    """A deliverable and its sections, in order."""

    sections: list[OutlineSection]


class PassageText(Input):
    """The words of a passage. A table or a figure has a caption, and says in words what it shows."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"markdown": "Trois mois de trésorerie manquent [@c1]."},
                {
                    "markdown": "| Mois | Besoin |\n| --- | ---: |\n| Avril | 12 |",
                    "caption": "Besoins exprimés par mois",
                    "alt": "Douze besoins en avril.",
                },
            ]
        }
    )

    markdown: MarkdownText | Literal[""] = Field(
        default="", description="A table is one Markdown table; under a figure, a note that may be empty."
    )
    caption: Line | None = Field(
        default=None, description="What a table or a figure is called: theirs alone, required."
    )
    alt: ShortText | None = Field(
        default=None, description="What it shows, for those who do not see it: theirs alone, required."
    )
    figure_id: UUID | None = Field(default=None, description="The image of a figure: see `/deliverables/{id}/figures`.")


class PassageDraft(PassageText):
    """A new passage. A quotation is exactly one marker of a citation that quotes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "section_id": "01930d2e-7c00-7000-8000-000000000005",
                    "kind": "paragraph",
                    "markdown": "La trésorerie est la première inquiétude des associations employeuses [@c1].",
                },
                {"section_id": "01930d2e-7c00-7000-8000-000000000005", "kind": "quotation", "markdown": "[@c2]"},
            ]
        }
    )

    section_id: UUID
    kind: PassageKind = PassageKind.PARAGRAPH
    position: Whole | None = Field(default=None, description="Its rank in the section, from 0; last by default.")
    proposed: bool = Field(default=False, description="Propose it only: it counts for nothing until it is accepted.")


class FigureOut(Output):
    """An image that passages of the deliverable can show: made again from its pixels, without what it said of itself."""

    id: UUID
    deliverable_id: UUID
    media_type: Literal["image/png", "image/jpeg"]
    width: int
    height: int
    size: int = Field(description="In bytes.")
    url: str


class Suggestion(PassageText):
    """Words proposed instead of those of `base_id` (the revision in force, by default)."""

    base_id: UUID | None = None


class PassageRefusal(Input):
    """Why a suggestion is turned down: whoever made it reads this."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Le chiffre est celui de 2019 : reprenez celui de septembre."}]}
    )

    reason: BriefText


class PassageMove(Input):
    """Where the passage goes."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"section_id": "01930d2e-7c00-7000-8000-000000000005", "position": 0}]}
    )

    section_id: UUID
    position: Whole | None = None


class FoundPassage(Output):
    """A passage of the text in force that holds what was looked for."""

    passage_id: UUID
    section_id: UUID
    section: str = Field(description="Its title.")
    kind: Annotated[str, choices(PassageKind)]
    version: int
    text: list[Segment] = Field(description="The words around what was found; fragments are joined by « … ».")


class AcceptMany(Input):
    """Proposals accepted at once, by a rule that is recorded beside each."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "deliverable_id": "01930d2e-7c00-7000-8000-000000000004",
                    "rule": "Tout le brouillon automatique de la partie 2, relu ensemble le 3 septembre",
                    "section_id": "01930d2e-7c00-7000-8000-000000000005",
                }
            ]
        }
    )

    deliverable_id: UUID
    rule: Line = Field(description="By what rule, in words.")
    passage_ids: Annotated[list[UUID], Field(max_length=10_000)] | None = None
    section_id: UUID | None = None
    by_rule: Line | None = Field(default=None, description="Only what was proposed by a rule that begins so.")


class AcceptedMany(Output):
    """What became of the proposals."""

    accepted: int
    refused_by_consent: list[UUID] = Field(description="Passages whose sources no longer consent to what they do.")
    stale: list[UUID] = Field(description="Passages that changed since the proposal was made.")


class RevisionOut(Output):
    """The words of a passage, once."""

    id: UUID
    passage_id: UUID
    n: int
    base_id: UUID | None
    kind: Annotated[str, choices(PassageKind)]
    markdown: str
    html: str
    caption: str | None
    alt: str | None
    figure_id: UUID | None
    state: Annotated[str, choices(PassageState)]
    citations: list[int] = Field(description="The numbers that its markers name, in order.")
    by_rule: str | None
    author_id: UUID
    organisation_id: UUID
    decided_by: UUID | None
    decided_at: datetime | None
    decided_by_rule: str | None
    refusal_reason: str | None = Field(
        description="Why it was refused; empty for what was refused before reasons were asked."
    )
    created_at: datetime


class PassageOut(Output):
    """A passage and the revision in force (empty while everything is only proposed)."""

    id: UUID
    deliverable_id: UUID
    section_id: UUID
    position: int
    kind: Annotated[str, choices(PassageKind)]
    head: RevisionOut | None
    suggestions: list[RevisionOut] = Field(description="Proposals that nobody decided on yet.")
    removed_at: datetime | None
    version: int


class DocumentPassage(Output):
    """A passage of the document. Markers stand in `html` as they are typed: `[@c7]` points to `citations`."""

    id: UUID
    kind: Annotated[str, choices(PassageKind)]
    position: int
    revision_id: UUID
    n: int
    markdown: str
    html: str
    caption: str | None
    alt: str | None
    figure_id: UUID | None
    sourced: bool = Field(description="It rests on one citation or more; else these are the co-pilots' own words.")
    outdated: bool = Field(description="A source has moved: see the citation.")
    citations: list[int]
    suggestions: int
    decided_by_rule: str | None
    version: int


class DocumentSection(SectionOut):
    """A section of the document, with its passages in order."""

    passages: list[DocumentPassage]
    proposed: int


class PassageCounts(Output):
    """How many passages rest on sources, and how many are the co-pilots' own words."""

    sourced: int
    editorial: int
    headings: int = Field(description="Titles without a citation: neither sourced nor counted as editorial.")
    proposed: int = Field(description="They count for nothing until a person accepts them.")
    outdated: int
    accepted_by_rule: int


class DocumentOut(Output):
    """The whole page of a deliverable: what stands in it now."""

    deliverable: DeliverableOut
    sections: list[DocumentSection]
    citations: list[CitationOut]
    counts: PassageCounts


class ChangeOut(Output):
    """A run of text that stayed, went or came."""

    op: Literal["same", "removed", "added"]
    text: str


class PassageDifferences(Output):
    """What changed between two revisions of a passage."""

    before: int
    after: int
    changes: list[ChangeOut]
