"""Notes of a session: many small rows, so that people who write at once never write over each other."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, Versioned, access
from app.features.identity.models import ActedBy, acted_by


class SessionNote(Base, Identified, Stamped, Versioned, ActedBy):
    """What somebody noted. It may say which organisation spoke, and is that organisation's word only once taken up."""

    __tablename__ = "session_notes"

    session_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID | None]
    agenda_item_id: Mapped[UUID | None]
    markdown: Mapped[str]
    html: Mapped[str]
    edited_at: Mapped[datetime | None]
    edited_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    removed_at: Mapped[datetime | None]
    speaker_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    """Who was heard; their own people alone make a contribution of it."""
    contribution_id: Mapped[UUID | None]
    contribution_space_id: Mapped[UUID | None]
    """The session's, or the one that was chosen for a note of a plenary."""

    __table_args__ = (
        ForeignKeyConstraint(["session_id", "initiative_id"], ["sessions.id", "sessions.initiative_id"]),
        ForeignKeyConstraint(["agenda_item_id", "session_id"], ["agenda_items.id", "agenda_items.session_id"]),
        ForeignKeyConstraint(
            ["contribution_id", "contribution_space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name="fk_session_notes_contribution",
        ),
        CheckConstraint("(contribution_id IS NULL) = (contribution_space_id IS NULL)", "contribution_placed"),
        CheckConstraint("contribution_id IS NULL OR speaker_organisation_id IS NOT NULL", "taken_up_by_who_spoke"),
        Index("ix_session_notes_session", "session_id", "created_at", "id"),
        *acted_by(),
        access(Access.KEEP),
    )


class SessionNoteRevision(Base):
    """The note as it was worded once, by whom. The database writes it, by whatever path the words come."""

    __tablename__ = "session_note_revisions"

    note_id: Mapped[UUID] = mapped_column(ForeignKey("session_notes.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    markdown: Mapped[str]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    saved_at: Mapped[datetime]

    __table_args__ = (access(Access.READ),)
