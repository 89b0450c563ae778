"""What can be found: a row for each published statement, each organisation and each passage on the shelf, kept by triggers.

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


class PublishedPassage(Base):
    """A passage of the latest edition of a deliverable that is on the shelf, in the words that pages show of it."""

    __tablename__ = "published_passages"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Made of the edition and of `n`: nothing of what is not published shows in it."""
    edition_id: Mapped[UUID]
    n: Mapped[int]
    """Its number in the edition: `/editions/{edition_id}#p{n}`."""
    deliverable_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    edition_n: Mapped[int]
    title: Mapped[str]
    """Of the deliverable, as it was published."""
    section: Mapped[str]
    """The title of the part that it stands in."""
    kind: Mapped[str]
    language: Mapped[str]
    published_at: Mapped[datetime]
    body: Mapped[str]
    """From the frozen payload, less what consent has taken back since."""
    words: Mapped[str] = mapped_column(TSVECTOR())

    __table_args__ = (
        Index("ix_published_passages_words", "words", postgresql_using="gin"),
        Index("ix_published_passages_newest", text("published_at DESC"), text("id DESC")),
        Index("ix_published_passages_deliverable", "deliverable_id"),
        access(Access.READ),
    )
