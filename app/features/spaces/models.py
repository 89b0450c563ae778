"""Working groups: a guiding question, member organisations, facilitators."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, Versioned, access, one_of
from app.core.states import StateMachine


class Visibility(StrEnum):
    """Who may read a space; writing always takes membership."""

    MEMBERS = "members"
    INITIATIVE = "initiative"
    PUBLIC = "public"


class SpaceState(StrEnum):
    """Whether a space takes contributions."""

    OPEN = "open"
    CLOSED = "closed"


SPACE_STATES = StateMachine(
    "space",
    SpaceState.OPEN,
    {SpaceState.OPEN: {"close": SpaceState.CLOSED}, SpaceState.CLOSED: {"reopen": SpaceState.OPEN}},
)


class Space(Base, Identified, Stamped, Versioned):
    """An espace de travail."""

    __tablename__ = "spaces"

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey("initiatives.id"))
    number: Mapped[int]
    title: Mapped[str]
    question: Mapped[str] = mapped_column(default="")
    summary: Mapped[str] = mapped_column(default="")
    visibility: Mapped[str] = mapped_column(default=Visibility.MEMBERS)
    state: Mapped[str] = mapped_column(default=SpaceState.OPEN)

    __table_args__ = (
        UniqueConstraint("initiative_id", "number"),
        UniqueConstraint("id", "initiative_id", name="uq_spaces_place"),
        Index("ix_spaces_public", "id", postgresql_where=text("visibility = 'public'")),
        one_of("visibility", Visibility),
        one_of("state", SpaceState),
        access(Access.KEEP),
    )


class SpaceMember(Base, Identified, Stamped):
    """An organisation in a space, from when to when."""

    __tablename__ = "space_members"

    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE())

    __table_args__ = (
        ForeignKeyConstraint(["space_id", "initiative_id"], ["spaces.id", "spaces.initiative_id"]),
        ExcludeConstraint(
            ("space_id", "="),
            ("organisation_id", "="),
            ("during", "&&"),
            name="ex_space_members_overlap",
            using="gist",
        ),
        Index("ix_space_members_organisation", "organisation_id", "space_id"),
        access(Access.APPEND, "during"),
    )


class Facilitator(Base, Identified, Stamped):
    """A person who runs a space, from when to when."""

    __tablename__ = "facilitators"

    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE())

    __table_args__ = (
        ForeignKeyConstraint(["space_id", "initiative_id"], ["spaces.id", "spaces.initiative_id"]),
        ExcludeConstraint(
            ("space_id", "="),
            ("person_id", "="),
            ("during", "&&"),
            name="ex_facilitators_overlap",
            using="gist",
        ),
        Index("ix_facilitators_person", "person_id"),
        access(Access.APPEND, "during"),
    )


class AccessRequest(Base, Identified, Stamped):
    """Somebody outside a space asks those who run it to let their organisation in."""

    __tablename__ = "access_requests"

    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    asked_on: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    granted: Mapped[bool | None]
    told_at: Mapped[datetime | None]
    """When those who run the space were written to."""

    __table_args__ = (
        ForeignKeyConstraint(["space_id", "initiative_id"], ["spaces.id", "spaces.initiative_id"]),
        Index("uq_access_requests_space_id_person_id_asked_on", "space_id", "person_id", "asked_on", unique=True),
        Index("ix_access_requests_waiting", "space_id", "created_at"),
        CheckConstraint("(answered_at IS NULL) = (granted IS NULL)", "answered_or_not"),
        access(Access.KEEP),
    )
