"""What can be found: one row for each published statement and each organisation, kept by triggers.

The row carries the columns that filters and `visible` need, so that a search reads one table.
Triggers keep it (alembic/versions), because whatever changes a statement, by any path, must
change what is found in the same transaction.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, access


class Findable(Base):
    """A contribution, a reply or an organisation, as search sees it."""

    __tablename__ = "findables"

    object_id: Mapped[UUID] = mapped_column(primary_key=True)
    object_type: Mapped[str]
    initiative_id: Mapped[UUID | None]
    space_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]
    profile: Mapped[str | None]
    kind: Mapped[str | None]
    side: Mapped[str | None]
    tags: Mapped[list[str]]
    released: Mapped[bool]
    """May be read from outside its space."""
    named: Mapped[bool]
    """Its organisation may be known outside its space: what a filter by organisation may find there."""
    occurred_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(TSVECTOR())

    __table_args__ = (
        Index("ix_findables_words", "space_id", "words", postgresql_using="gin"),
        Index("ix_findables_newest", "space_id", text("occurred_at DESC"), text("object_id DESC")),
        access(Access.READ),
    )
