"""What a search answers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Input, Listing, Output, choices
from app.core.text import LONGEST_MARKDOWN
from app.features.identity.models import Family, Profile
from app.features.statements.schemas import StatementSummary


class FindableType(StrEnum):
    """What can be found."""

    CONTRIBUTION = "contribution"
    REPLY = "reply"
    ORGANISATION = "organisation"
    PASSAGE = "passage"
    """Of the latest edition of a deliverable that is on the shelf."""


class Sort(StrEnum):
    """What comes first."""

    BEST = "best"
    NEWEST = "newest"


class Segment(Output):
    """A piece of text."""

    text: str
    hit: bool = Field(description="Whether it is what was looked for.")


class OrganisationFound(Output):
    """An organisation, as far as a list needs it."""

    id: UUID
    name: str
    acronym: str | None
    profile: Annotated[str, choices(Profile)]
    family: Annotated[str, choices(Family)] | None


class PassageFound(Output):
    """A published passage, and the edition that it stands in."""

    edition_id: UUID
    n: int = Field(description="Its number in the edition.")
    deliverable_id: UUID
    edition_n: int
    title: str = Field(description="Of the deliverable, as it was published.")
    section: str = Field(description="The title of the part that it stands in.")
    kind: str
    published_at: datetime
    url: str = Field(description="The page of the edition, at this passage.")


class FindingOut(Output):
    """One answer: a contribution or a reply (`statement`), an organisation, or a published passage."""

    id: UUID
    type: Annotated[str, choices(FindableType)]
    title: list[Segment]
    excerpt: list[Segment] = Field(description="The words around what was found; fragments are joined by « … ».")
    statement: StatementSummary | None
    organisation: OrganisationFound | None
    passage: PassageFound | None


class Typed(Input):
    """What somebody has typed so far of a contribution."""

    space_id: UUID
    text: str = Field(max_length=LONGEST_MARKDOWN, examples=["Les associations manquent de trésorerie depuis mars."])


class SimilarOut(Output):
    """Contributions of the space that say nearly the same, the nearest first."""

    items: list[StatementSummary]


class SearchOut(Listing[FindingOut]):
    """A page of answers. At most 1,000 candidates are compared, the newest of each space that you read."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [],
                    "next_cursor": None,
                    "ranked": 1000,
                    "more": True,
                    "explanation": None,
                }
            ]
        }
    )

    ranked: int | None = Field(description="How many candidates were compared; empty with `sort=newest`.")
    more: bool = Field(description="Whether older texts match too: narrow the search, or sort by `newest`.")
    explanation: str | None = Field(description="Why nothing could be looked for.")
