"""The secret address by which a person's own calendar program reads their sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, access


class CalendarAddress(Base, Identified, Stamped):
    """One at a time for each person: shown once, stored as a hash, dead once renewed or revoked."""

    __tablename__ = "calendar_addresses"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_calendar_addresses_live", "person_id", unique=True, postgresql_where=text("revoked_at IS NULL")),
        access(Access.KEEP),
    )
