"""What the API takes and gives about sessions, their attendance, minutes and decisions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, computed_field

from app.core.schema import Input, Output
from app.core.text import Line, MarkdownText, ShortText, WebAddress, Whole
from app.core.zones import WallTime, ZoneName, local_iso
from app.features.initiatives.schemas import Day
from app.features.sessions.models import ActionState, AttendanceStatus, DecisionKind, SessionState
from app.policy.actor import Capacity

ATTENDANCE_MOST = 500


class SessionDraft(Input):
    """A new session: of a space, or plenary without one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "initiative_id": "01930d2e-7c00-7000-8000-000000000001",
                    "space_id": "01930d2e-7c00-7000-8000-000000000002",
                    "title": "Premier tour de table",
                    "starts_at": "2020-04-07T14:00",
                    "ends_at": "2020-04-07T16:00",
                    "timezone": "Europe/Paris",
                    "url": "https://example.org/visio",
                }
            ]
        }
    )

    initiative_id: UUID
    space_id: UUID | None = Field(default=None, description="Empty for a plenary.")
    number: Whole | None = Field(default=None, description="The next one, unless given.")
    title: Line
    starts_at: WallTime
    ends_at: WallTime
    timezone: ZoneName = "Europe/Paris"
    place: Line | None = None
    url: WebAddress | None = None


class SessionPatch(Input):
    """What changes; a null empties the place or the link."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ends_at": "2020-04-07T16:30", "place": "Lyon"}]})

    number: Whole | None = None
    title: Line | None = None
    starts_at: WallTime | None = None
    ends_at: WallTime | None = None
    timezone: ZoneName | None = None
    place: Line | None = None
    url: WebAddress | None = None
    minutes_until: WallTime | None = Field(
        default=None, description="The end of the window for amendments, once the minutes are open."
    )


class MinutesOpening(Input):
    """Until when those who came may amend or validate the minutes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2020-04-21T18:00"}]})

    until: WallTime | None = Field(default=None, description="In the zone of the session; two weeks, unless given.")


class Attendant(Input):
    """A person for an organisation, or an organisation of which nobody is named."""

    organisation_id: UUID
    person_id: UUID | None = None
    status: AttendanceStatus


class AttendanceSheet(Input):
    """Everybody: what the sheet does not list is taken off it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"entries": [{"organisation_id": "01930d2e-7c00-7000-8000-000000000004", "status": "present"}]}
            ]
        }
    )

    entries: Annotated[list[Attendant], Field(max_length=ATTENDANCE_MOST)]


class Ticked(Input):
    """The organisations that are there, as whoever runs a session ticks them."""

    present: Annotated[list[UUID], Field(max_length=ATTENDANCE_MOST)] = Field(default_factory=list)


class MinutesDraft(Input):
    """The whole minutes; each saving is a revision."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"markdown": "## Tour de table\n\nDouze présents."}]})

    markdown: MarkdownText


class DecisionDraft(Input):
    """What was decided, or what is to be done."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "action",
                    "text": "Remonter les besoins de trésorerie.",
                    "owner_organisation_id": "01930d2e-7c00-7000-8000-000000000004",
                    "due_on": "2020-04-15",
                }
            ]
        }
    )

    text: ShortText
    kind: DecisionKind = DecisionKind.DECISION
    owner_organisation_id: UUID | None = Field(default=None, description="Who sees to it.")
    due_on: Day | None = None


class DecisionPatch(Input):
    """What changes; a null takes the owner or the day away."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Remonter les besoins avant le 20 avril."}]})

    text: ShortText | None = None
    owner_organisation_id: UUID | None = None
    due_on: Day | None = None


class SessionCard(Output):
    """A session in a list. `starts_at` and `ends_at` are UTC; `…_local` show the clocks of its zone."""

    id: UUID
    initiative_id: UUID
    space_id: UUID | None
    number: int
    title: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    place: str
    url: str | None
    state: SessionState
    minutes_until: datetime | None = Field(description="The end of the window for amendments, while minutes are open.")
    version: int
    abilities: list[str] = Field(default_factory=list)

    @computed_field(examples=["2020-04-07T14:00:00+02:00"])  # type: ignore[prop-decorator]
    @property
    def starts_local(self) -> str:
        """The beginning on the clocks of the zone, with the offset of that day."""
        return local_iso(self.starts_at, self.timezone)

    @computed_field(examples=["2020-04-07T16:00:00+02:00"])  # type: ignore[prop-decorator]
    @property
    def ends_local(self) -> str:
        """The end on the clocks of the zone, with the offset of that day."""
        return local_iso(self.ends_at, self.timezone)


class SessionOut(SessionCard):
    """A session, with counts of what was kept of it."""

    attendance: dict[AttendanceStatus, int]
    decisions_count: int
    open_actions_count: int
    minutes_n: int = Field(description="The revision of the minutes in force; 0 when there are none.")


class AttendanceOut(Output):
    """Who came, or was expected."""

    organisation_id: UUID
    organisation_name: str
    person_id: UUID | None
    person_name: str | None
    status: AttendanceStatus


class SignedOutput(Output):
    """Who did it, for whom, as what."""

    person_id: UUID | None
    person_name: str | None
    organisation_id: UUID | None
    organisation_name: str | None
    capacity: Capacity | None


class MinutesOut(SignedOutput):
    """The minutes in force. `n` is what `If-Match` compares; 0 before the first saving."""

    session_id: UUID
    n: int
    markdown: str
    html: str = Field(description="Safe to show as it is.")
    saved_at: datetime | None
    abilities: list[str] = Field(default_factory=list)


class MinutesRevisionOut(SignedOutput):
    """One saving of the minutes."""

    session_id: UUID
    n: int
    length: int = Field(description="Characters of its plain text.")
    saved_at: datetime


class ChangeOut(Output):
    """A run of words that stayed, went or came."""

    op: Literal["same", "removed", "added"]
    text: str


class DifferencesOut(Output):
    """From one revision to another, word by word; revision 0 is the empty text."""

    before: int
    after: int
    changes: list[ChangeOut]


class DecisionRevisionOut(SignedOutput):
    """A decision as it was worded once; without its words when it was removed."""

    decision_id: UUID
    n: int
    text: str
    saved_at: datetime


class DecisionOut(SignedOutput):
    """What was decided; a removed one keeps its number and loses its words."""

    id: UUID
    session_id: UUID
    n: int
    kind: DecisionKind
    text: str
    owner_organisation_id: UUID | None
    owner_name: str | None
    due_on: date | None
    state: ActionState | None = Field(description="Of an action: open or done.")
    done_at: datetime | None
    removed_at: datetime | None
    created_at: datetime
    version: int
    abilities: list[str] = Field(default_factory=list)
