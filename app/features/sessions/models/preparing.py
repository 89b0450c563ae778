"""What a session is prepared with: its agenda, and who says that they come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, Versioned, access, one_of
from app.features.identity.models import ActedBy, acted_by

LONGEST_ITEM = 1_440


class AgendaItem(Base, Identified, Stamped, Versioned):
    """A point of the agenda: its hours follow from the session's beginning and from what stands before it."""

    __tablename__ = "agenda_items"

    session_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID | None]
    position: Mapped[int]
    title: Mapped[str]
    minutes: Mapped[int]
    """How long it takes."""
    presenter_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    contribution_id: Mapped[UUID | None]
    """What it is about: a contribution of the session's own space, so that whoever reads one reads the other."""
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["session_id", "initiative_id"], ["sessions.id", "sessions.initiative_id"]),
        ForeignKeyConstraint(
            ["contribution_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name="fk_agenda_items_contribution",
        ),
        # Its columns are compared together only where none is null: a plenary has no space
        CheckConstraint("contribution_id IS NULL OR space_id IS NOT NULL", "contribution_of_the_space"),
        CheckConstraint(f"minutes BETWEEN 1 AND {LONGEST_ITEM}", "some_minutes"),
        UniqueConstraint("id", "session_id", name="uq_agenda_items_of"),
        Index("ix_agenda_items_session", "session_id", "position"),
        access(Access.KEEP),
    )


class AnswerChoice(StrEnum):
    """What an organisation says before a session. That it says nothing is no answer, and is shown as such."""

    COMES = "comes"
    DOES_NOT = "does_not"
    SENDS = "sends"
    """It comes by the person that it names."""


class SessionAnswer(Base, Identified, Stamped, Versioned, ActedBy):
    """What an organisation answered, the last time; the earlier answers are told by the events."""

    __tablename__ = "session_answers"

    session_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID | None]
    answer: Mapped[str]
    sent_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    sent_name: Mapped[str | None]
    """Somebody without an account here."""
    answered_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["session_id", "initiative_id"], ["sessions.id", "sessions.initiative_id"]),
        UniqueConstraint("session_id", "organisation_id"),
        one_of("answer", AnswerChoice),
        CheckConstraint(
            "num_nonnulls(sent_person_id, sent_name) = CASE answer WHEN 'sends' THEN 1 ELSE 0 END", "somebody_sent"
        ),
        *acted_by(),
        access(Access.KEEP),
    )
