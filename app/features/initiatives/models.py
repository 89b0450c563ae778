"""The process as a whole: its dates, its organisations, its words."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, Versioned, access, one_of
from app.core.states import StateMachine
from app.policy.actor import ParticipationRole


class InitiativeState(StrEnum):
    """Where the process is."""

    PREPARATION = "preparation"
    OPEN = "open"
    CLOSED = "closed"
    """No new contribution; treatments, reviews and editions go on."""
    ARCHIVED = "archived"


INITIATIVE_STATES = StateMachine(
    "initiative",
    InitiativeState.PREPARATION,
    {
        InitiativeState.PREPARATION: {"open": InitiativeState.OPEN},
        InitiativeState.OPEN: {"close": InitiativeState.CLOSED},
        InitiativeState.CLOSED: {"open": InitiativeState.OPEN, "archive": InitiativeState.ARCHIVED},
        InitiativeState.ARCHIVED: {},
    },
)


class Initiative(Base, Identified, Stamped, Versioned):
    """A démarche."""

    __tablename__ = "initiatives"

    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    """Markdown."""
    note: Mapped[str] = mapped_column(default="")
    """What readers must know of its data: that they are demonstration data, or imported ones, and from where."""
    languages: Mapped[list[str]]
    timezone: Mapped[str] = mapped_column(default="Europe/Paris")
    """Whose clocks its editions print."""
    state: Mapped[str] = mapped_column(default=InitiativeState.PREPARATION)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    demonstration: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (one_of("state", InitiativeState), access(Access.KEEP))


class Phase(Base, Identified, Stamped, Versioned):
    """A dated stage."""

    __tablename__ = "phases"

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey("initiatives.id"))
    title: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    __table_args__ = (
        Index("ix_phases_initiative", "initiative_id", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", "dates_in_order"),
        access(Access.FULL),
    )


class Milestone(Base, Identified, Stamped, Versioned):
    """Something that happened on a day, with a link to it."""

    __tablename__ = "milestones"

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey("initiatives.id"))
    on_date: Mapped[date]
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    url: Mapped[str | None]

    __table_args__ = (Index("ix_milestones_initiative", "initiative_id", "on_date"), access(Access.FULL))


class Term(Base, Identified, Stamped, Versioned):
    """A word of a taxonomy of the initiative. Its code never changes, so that statements can carry it."""

    __tablename__ = "terms"

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey("initiatives.id"))
    taxonomy: Mapped[str]
    code: Mapped[str]
    label: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("initiative_id", "code"), access(Access.KEEP))


class Participation(Base, Identified, Stamped):
    """An organisation in an initiative, from when to when."""

    __tablename__ = "participations"

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey("initiatives.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    role: Mapped[str]
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE())

    __table_args__ = (
        ExcludeConstraint(
            ("initiative_id", "="),
            ("organisation_id", "="),
            ("during", "&&"),
            name="ex_participations_overlap",
            using="gist",
        ),
        Index("ix_participations_organisation", "organisation_id"),
        one_of("role", ParticipationRole),
        access(Access.APPEND, "during"),
    )


class AccessGrant(Base, Identified, Stamped):
    """An administrator's reasoned, one-hour right to read an initiative's restricted content, seen by its co-pilots."""

    __tablename__ = "access_grants"

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey("initiatives.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    reason: Mapped[str]
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE())

    __table_args__ = (
        Index("ix_access_grants_initiative", "initiative_id", "id"),
        access(Access.APPEND, "during"),
    )
