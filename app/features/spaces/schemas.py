"""What the API takes and gives about spaces."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Input, Instant, Output
from app.core.text import Line, MarkdownText, ShortText, Whole
from app.features.spaces.models import SpaceState, Visibility


class SpaceDraft(Input):
    """A new space; it is open."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "initiative_id": "01930d2e-7c00-7000-8000-000000000001",
                    "title": "Articuler les ingénieries",
                    "question": "Comment les ingénieries nationales et territoriales se complètent-elles ?",
                    "visibility": "initiative",
                }
            ]
        }
    )

    initiative_id: UUID
    number: Whole | None = Field(default=None, description="The next one, unless given.")
    title: Line
    question: ShortText | None = None
    summary: MarkdownText | None = None
    visibility: Visibility = Visibility.MEMBERS


class SpacePatch(Input):
    """What changes; a null empties a text."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"visibility": "public"}]})

    number: Whole | None = None
    title: Line | None = None
    question: ShortText | None = None
    summary: MarkdownText | None = None
    visibility: Visibility | None = None


class MemberDraft(Input):
    """An organisation that joins; it takes part in the initiative."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"organisation_id": "01930d2e-7c00-7000-8000-000000000002"}]}
    )

    organisation_id: UUID
    since: Instant | None = Field(default=None, description="Now, unless it joined earlier.")


class FacilitatorDraft(Input):
    """A person who will run the space; one of the initiative's organisations gave them a mandate to contribute."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"person_id": "01930d2e-7c00-7000-8000-000000000003"}]})

    person_id: UUID
    since: Instant | None = Field(default=None, description="Now, unless they began earlier.")


class MemberOut(Output):
    """An organisation in the space, from when to when."""

    space_id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_profile: str
    since: datetime | None
    until: datetime | None
    abilities: list[str] = Field(default_factory=list)


class FacilitatorOut(Output):
    """A person who runs the space, from when to when."""

    space_id: UUID
    person_id: UUID
    person_name: str | None
    since: datetime | None
    until: datetime | None
    abilities: list[str] = Field(default_factory=list)


class SpaceCard(Output):
    """A space in a list."""

    id: UUID
    initiative_id: UUID
    number: int
    title: str
    question: str
    visibility: Visibility
    state: SpaceState
    members_count: int = Field(description="How many organisations are in it today.")
    read_from: Literal["inside", "outside"] = Field(
        description="Inside, everybody is named; outside, only what was let out."
    )
    created_at: datetime
    version: int
    abilities: list[str] = Field(default_factory=list)


class SpaceOut(SpaceCard):
    """A space."""

    summary: str
    facilitators_count: int
    facilitators: list[FacilitatorOut] = Field(description="Those of today, named inside the space only.")


class AccessWish(Input):
    """Why somebody asks to be let in."""

    space_id: UUID
    reason: ShortText | None = None


class AccessAnswer(Input):
    """Which of the person's organisations comes in; none: not this time."""

    organisation_id: UUID | None = None
