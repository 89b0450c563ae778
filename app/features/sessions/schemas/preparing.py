"""What the API takes and gives about the agenda and the answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from app.core.i18n import later
from app.core.schema import Input, Output
from app.core.text import Line, Name, Whole
from app.features.sessions.models import LONGEST_ITEM, AnswerChoice
from app.features.sessions.schemas.meeting import SessionCard
from app.policy.actor import Capacity

Minutes = Annotated[int, Field(ge=1, le=LONGEST_ITEM, description="How long it takes.")]
EXAMPLE = "01930d2e-7c00-7000-8000-000000000004"


class AgendaItemDraft(Input):
    """A point to add, at the end unless `position` says where."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"title": "Tour de table", "minutes": 30, "presenter_organisation_id": EXAMPLE}]
        }
    )

    title: Line
    minutes: Minutes
    presenter_organisation_id: UUID | None = None
    position: Whole | None = Field(default=None, description="From 0.")


class AgendaItemPatch(Input):
    """What changes; a null takes the presenter away."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"minutes": 45}]})

    title: Line | None = None
    minutes: Minutes | None = None
    presenter_organisation_id: UUID | None = None


class AgendaItemMove(Input):
    """Where the point goes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"position": 0}]})

    position: Whole = Field(description="From 0.")


class AgendaItemOut(Output):
    """A point of the agenda; its hours are UTC, and follow from what stands before it."""

    id: UUID
    session_id: UUID
    position: int
    title: str
    minutes: int
    presenter_organisation_id: UUID | None
    presenter_name: str | None
    contribution_id: UUID | None = Field(description="What it is about.")
    starts_at: datetime
    ends_at: datetime
    version: int
    abilities: list[str] = Field(default_factory=list)


class AnswerDraft(Input):
    """Whether the organisation comes; `sends` names a colleague (`sent_person_id`) or anybody else (`sent_name`)."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"answer": "comes"}, {"answer": "sends", "sent_name": "Camille Durand"}]}
    )

    answer: AnswerChoice
    sent_person_id: UUID | None = None
    sent_name: Name | None = None

    @model_validator(mode="after")
    def _somebody_is_sent(self) -> AnswerDraft:
        named = (self.sent_person_id is not None) + (self.sent_name is not None)
        if named != (self.answer == AnswerChoice.SENDS):
            raise ValueError(
                later(
                    "« sends » nomme une personne, par sent_person_id ou par sent_name ; les autres n’en nomment pas."
                )
            )
        return self


class AnswerOut(Output):
    """What an organisation answered. A null `answer` is no answer: silence is not consent."""

    session_id: UUID
    organisation_id: UUID
    organisation_name: str
    answer: AnswerChoice | None
    sent_person_id: UUID | None
    sent_person_name: str | None
    sent_name: str | None
    answered_at: datetime | None
    person_id: UUID | None = Field(description="Who answered for it.")
    person_name: str | None
    capacity: Capacity | None
    version: int = Field(description="What `If-Match` compares; 0 before the first answer.")


class UpcomingOut(Output):
    """A session to come, and what your organisations answered."""

    session: SessionCard
    answers: dict[UUID, AnswerChoice] = Field(description="By organisation; those that are not there did not answer.")


class AwaitedOut(Output):
    """What a session awaits of an organisation that you speak for."""

    what: Annotated[str, Field(json_schema_extra={"enum": ["answer", "minutes"]})]
    due_at: datetime
    organisation_id: UUID
    organisation_name: str
    session: SessionCard


class CalendarOut(Output):
    """Whether you have a secret calendar address; the address itself is shown once, when it is made."""

    made_at: datetime | None


class NewCalendarOut(Output):
    """The secret address of your sessions: whoever has it reads them. It is in this answer and nowhere else."""

    address: str
    made_at: datetime
