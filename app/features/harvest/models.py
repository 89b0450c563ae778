"""Themes, and the extracts that were filed under them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, Versioned, access
from app.features.identity.models import ActedBy, acted_by


class Theme(Base, Identified, Stamped, Versioned):
    """A place in a tree where words are filed: of one space, or of the whole initiative."""

    __tablename__ = "themes"

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey("initiatives.id"))
    space_id: Mapped[UUID | None]
    parent_id: Mapped[UUID | None]
    title: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        ForeignKeyConstraint(["space_id", "initiative_id"], ["spaces.id", "spaces.initiative_id"]),
        ForeignKeyConstraint(["parent_id", "initiative_id"], ["themes.id", "themes.initiative_id"]),
        UniqueConstraint("id", "initiative_id", name="uq_themes_place"),
        CheckConstraint("parent_id <> id", "not_its_own_parent"),
        Index("ix_themes_initiative", "initiative_id", "position"),
        access(Access.FULL),
    )


class Filing(Base, Stamped):
    """A contribution under a theme."""

    __tablename__ = "filings"

    theme_id: Mapped[UUID] = mapped_column(primary_key=True)
    statement_id: Mapped[UUID] = mapped_column(primary_key=True)
    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID]
    by_person: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))

    __table_args__ = (
        ForeignKeyConstraint(["theme_id", "initiative_id"], ["themes.id", "themes.initiative_id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["statement_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
        ),
        Index("ix_filings_statement", "statement_id"),
        access(Access.FULL),
    )


TAKEN_BY_HAND = "by_rule IS NULL AND quote <> ''"
"""Which extracts are one for each span: not those of a draft's rule, nor erased ones."""


class Extract(Base, Identified, Stamped, ActedBy):
    """A span of words of one revision: `quote` is `plain[start:end]`, which the database checks."""

    __tablename__ = "extracts"

    revision_id: Mapped[UUID]
    statement_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID]
    start: Mapped[int]
    """Offset of the first code point of the quote in `plain`, from 0."""
    end: Mapped[int]
    """Offset after the last one."""
    quote: Mapped[str]
    before: Mapped[str]
    """Up to 60 code points before it, to find it again by eye."""
    after: Mapped[str]
    by_rule: Mapped[str | None]

    __table_args__ = (
        ForeignKeyConstraint(["revision_id", "statement_id"], ["revisions.id", "revisions.statement_id"]),
        ForeignKeyConstraint(
            ["statement_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
        ),
        UniqueConstraint("id", "statement_id", name="uq_extracts_of"),
        CheckConstraint('"start" >= 0 AND "end" > "start"', "span"),
        Index("uq_extracts_span", "revision_id", "start", "end", unique=True, postgresql_where=text(TAKEN_BY_HAND)),
        Index("ix_extracts_statement", "statement_id"),
        Index("ix_extracts_initiative", "initiative_id", "id"),
        *acted_by(),
        access(Access.APPEND),
    )


class ExtractFiling(Base, Stamped):
    """An extract under a theme."""

    __tablename__ = "extract_filings"

    theme_id: Mapped[UUID] = mapped_column(ForeignKey("themes.id", ondelete="CASCADE"), primary_key=True)
    extract_id: Mapped[UUID] = mapped_column(ForeignKey("extracts.id"), primary_key=True)
    by_person: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))

    __table_args__ = (Index("ix_extract_filings_extract", "extract_id"), access(Access.FULL))
