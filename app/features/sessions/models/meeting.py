"""Meetings: when, where, who came, what was noted and decided."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, Versioned, access, one_of
from app.core.states import StateMachine
from app.features.identity.models import ActedBy, acted_by


class SessionState(StrEnum):
    """Where a meeting is."""

    PLANNED = "planned"
    HELD = "held"
    MINUTES_OPEN = "minutes_open"
    LOCKED = "locked"
    """Minutes and attendance are final, and no contribution is attached any more."""


SESSION_STATES = StateMachine(
    "session",
    SessionState.PLANNED,
    {
        SessionState.PLANNED: {"hold": SessionState.HELD},
        SessionState.HELD: {"open_minutes": SessionState.MINUTES_OPEN, "lock": SessionState.LOCKED},
        SessionState.MINUTES_OPEN: {"lock": SessionState.LOCKED},
        SessionState.LOCKED: {},
    },
)


class Session(Base, Identified, Stamped, Versioned):
    """A séance: numbered in its space, or plenary when it has none."""

    __tablename__ = "sessions"

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey("initiatives.id"))
    space_id: Mapped[UUID | None]
    number: Mapped[int]
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    timezone: Mapped[str] = mapped_column(default="Europe/Paris")
    place: Mapped[str] = mapped_column(default="")
    url: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=SessionState.PLANNED)
    minutes_until: Mapped[datetime | None]
    """Until when those who came may amend or validate its minutes; the lock ends it too."""

    __table_args__ = (
        ForeignKeyConstraint(["space_id", "initiative_id"], ["spaces.id", "spaces.initiative_id"]),
        UniqueConstraint("initiative_id", "space_id", "number", postgresql_nulls_not_distinct=True),
        UniqueConstraint("id", "initiative_id", name="uq_sessions_place"),
        CheckConstraint("ends_at > starts_at", "times_in_order"),
        Index("ix_sessions_starts", "initiative_id", "starts_at"),
        one_of("state", SessionState),
        access(Access.KEEP),
    )


class AttendanceStatus(StrEnum):
    """Whether somebody came."""

    EXPECTED = "expected"
    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"


class Attendance(Base, Identified, Stamped):
    """A person, or an organisation without a named person, at a session."""

    __tablename__ = "attendances"

    session_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    status: Mapped[str]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))

    __table_args__ = (
        ForeignKeyConstraint(["session_id", "initiative_id"], ["sessions.id", "sessions.initiative_id"]),
        UniqueConstraint("session_id", "organisation_id", "person_id", postgresql_nulls_not_distinct=True),
        one_of("status", AttendanceStatus),
        access(Access.FULL),
    )


class MinutesRevision(Base, Identified, Stamped, ActedBy):
    """The minutes as they were saved once; the last one is in force."""

    __tablename__ = "minutes_revisions"

    session_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID | None]
    n: Mapped[int]
    markdown: Mapped[str]
    plain: Mapped[str]
    html: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(["session_id", "initiative_id"], ["sessions.id", "sessions.initiative_id"]),
        UniqueConstraint("session_id", "n"),
        *acted_by(),
        access(Access.APPEND),
    )


class DecisionKind(StrEnum):
    """Whether something was settled, or is to be done."""

    DECISION = "decision"
    ACTION = "action"


class ActionState(StrEnum):
    """Where what is to be done stands."""

    OPEN = "open"
    DONE = "done"


ACTION_STATES = StateMachine(
    "action",
    ActionState.OPEN,
    {ActionState.OPEN: {"finish": ActionState.DONE}, ActionState.DONE: {"reopen": ActionState.OPEN}},
)


class Decision(Base, Identified, Stamped, Versioned, ActedBy):
    """What a session decided: a decision, or an action that somebody owns until a day."""

    __tablename__ = "decisions"

    session_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID | None]
    n: Mapped[int]
    text: Mapped[str]
    removed_at: Mapped[datetime | None]
    kind: Mapped[str] = mapped_column(default=DecisionKind.DECISION)
    owner_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    """Who sees to it."""
    due_on: Mapped[date | None]
    state: Mapped[str | None]
    """Of an action alone."""
    done_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["session_id", "initiative_id"], ["sessions.id", "sessions.initiative_id"]),
        UniqueConstraint("session_id", "n"),
        one_of("kind", DecisionKind),
        one_of("state", ActionState, optional=True),
        CheckConstraint("(kind = 'action') = (state IS NOT NULL)", "action_state"),
        CheckConstraint("(state IS NOT NULL AND state = 'done') = (done_at IS NOT NULL)", "action_done"),
        Index("ix_decisions_owner", "owner_organisation_id", postgresql_where=sql("state = 'open'")),
        *acted_by(),
        access(Access.KEEP),
    )


class DecisionRevision(Base, Identified, Stamped, ActedBy):
    """A decision as it was worded once; the last one is in force. The database writes the first with the decision."""

    __tablename__ = "decision_revisions"

    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decisions.id"))
    n: Mapped[int]
    text: Mapped[str]

    __table_args__ = (UniqueConstraint("decision_id", "n"), *acted_by(), access(Access.APPEND))
