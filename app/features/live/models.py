"""Who is writing where, for a minute at a time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, access


class Presence(Base):
    """Somebody has a text open for writing. Unlogged: it costs no write-ahead log, and a crash forgets it, as it should."""

    __tablename__ = "presences"

    place: Mapped[str] = mapped_column(primary_key=True)
    """`passage:<id>`, `section:<id>`, `notes:<session>`, `minutes:<session>`."""
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    scope_id: Mapped[UUID]
    """The deliverable or the session that the place belongs to."""
    since: Mapped[datetime]
    until: Mapped[datetime]

    __table_args__ = (
        Index("ix_presences_scope_id", "scope_id", "until"),
        Index("ix_presences_until", "until"),
        access(Access.FULL) | {"prefixes": ["UNLOGGED"]},
    )
