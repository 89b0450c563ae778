"""What is new, what is awaited, what became of what was said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.core.schema import Input, Output, choices
from app.features.deliverables.models import Fate
from app.features.statements.schemas import Speaker

MOST_MARKED = 200


class SinceKind(StrEnum):
    """From when on something is new."""

    VISIT = "visit"
    WEEK = "week"
    DATE = "date"


class VisitOut(Output):
    """The visit that runs, and the end of the one before."""

    started_at: datetime
    since_at: datetime | None = Field(description="The last request of the visit before; empty in the first one.")


class SeenIn(Input):
    """What was on the page: these statements, or everything that the space holds now."""

    statement_ids: list[UUID] = Field(default_factory=list, max_length=MOST_MARKED)
    everything: bool = False


class SeenOut(Output):
    """Which of the statements sent had not been seen before."""

    new: list[UUID]


class UnseenSpace(Output):
    """How much of a space its reader has not seen."""

    space_id: UUID
    new: int = Field(description="Statements, at most 100: show 100 as « 99+ ».")


class UnseenOut(Output):
    """The spaces in which something is new."""

    items: list[UnseenSpace]


class DifferenceOut(Output):
    """One line about a revision."""

    added: int = Field(description="Words.")
    removed: int = Field(description="Words.")
    sentence: str = Field(description="The first sentence that changed, as it reads now.")


class ChangeLine(Output):
    """One thing that happened; the same thing done several times to one object is one line."""

    event_id: int
    at: datetime
    verb: str = Field(examples=["contribution.submitted"])
    sentence: str = Field(
        description="What was done, in French, to follow whoever did it.", examples=["a publié une contribution"]
    )
    times: int
    object_type: str
    object_id: UUID
    title: str | None = Field(description="Of the object as the caller may read it now.")
    root_id: UUID | None = Field(description="The contribution to open, for what was said.")
    kind: str | None
    excerpt: str | None
    by: Speaker | None = Field(description="Who did it, as far as the caller may know.")
    difference: DifferenceOut | None
    data: dict[str, Any]


class SpaceChanges(Output):
    """What happened in one space; without a space, in the initiative as a whole."""

    space_id: UUID | None
    number: int | None
    title: str | None
    items: list[ChangeLine]
    others: int = Field(description="How many more, at most 100: show 100 as « 99+ ».")


class ChangesOut(Output):
    """What changed, by space, the newest first."""

    since: Annotated[str, choices(SinceKind)]
    since_at: datetime
    first_visit: bool = Field(description="There was no visit before: a week is shown instead.")
    reading_minutes: int = Field(description="To read all that was said, at 200 words a minute.")
    groups: list[SpaceChanges]


class AwaitedOut(Output):
    """A question of a space that an organisation has neither answered nor taken a position on."""

    contribution_id: UUID
    space_id: UUID
    space: str
    title: str | None
    excerpt: str | None
    occurred_at: datetime
    organisation_id: UUID = Field(description="Whose word is awaited.")
    organisation: str
    deadline: datetime | None = Field(description="The next session of the space, or the end of the phase.")
    before_session_id: UUID | None = Field(description="The session that is the deadline; else it is a phase.")


class TreatedOut(Output):
    """What became of a contribution of one's organisation, in the latest edition that says something of it."""

    contribution_id: UUID
    title: str | None
    organisation_id: UUID
    outcome: Annotated[str, choices(Fate)]
    sentence: str | None
    reason_code: str | None
    edition_id: UUID
    edition_n: int
    edition_label: str
    deliverable: str
    at: datetime


class ExpectedOut(Output):
    """What is expected of the caller's organisations, and what was made of what they said."""

    awaited: list[AwaitedOut]
    more_awaited: bool
    treated: list[TreatedOut]
