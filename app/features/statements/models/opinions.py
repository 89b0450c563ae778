"""What is attached to a statement: positions of organisations, sources, tallies counted elsewhere."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, access, one_of
from app.features.identity.models import ActedBy, acted_by
from app.features.statements.models.vocabulary import SourceCategory, Stance


class Position(Base, Identified, Stamped, ActedBy):
    """A position: one organisation, one contribution, one current stance; earlier ones stay readable."""

    __tablename__ = "positions"

    statement_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID]
    stance: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    origin: Mapped[str] = mapped_column(default="posted")
    superseded_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["statement_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
        ),
        Index(
            "uq_positions_current",
            "statement_id",
            "organisation_id",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index("ix_positions_organisation", "organisation_id", "id"),
        one_of("stance", Stance),
        *acted_by("origin"),
        access(Access.APPEND, "superseded_at"),
    )


class Source(Base, Identified, Stamped, ActedBy):
    """A document that a statement leans on."""

    __tablename__ = "sources"

    statement_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID]
    category: Mapped[str]
    title: Mapped[str]
    url: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    origin: Mapped[str] = mapped_column(default="posted")
    occurred_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["statement_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
        ),
        Index("ix_sources_statement", "statement_id", "id"),
        one_of("category", SourceCategory),
        *acted_by("origin"),
        access(Access.APPEND, "removed_at"),
    )


class Tally(Base, Stamped):
    """Votes counted elsewhere and imported: never mixed with positions of organisations, always named so."""

    __tablename__ = "tallies"

    statement_id: Mapped[UUID] = mapped_column(ForeignKey("statements.id"), primary_key=True)
    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID]
    source: Mapped[str]
    votes_for: Mapped[int]
    votes_against: Mapped[int]
    votes_mixed: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(
            ["statement_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
        ),
        CheckConstraint("votes_for >= 0 AND votes_against >= 0 AND votes_mixed >= 0", "counts"),
        access(Access.KEEP),
    )
