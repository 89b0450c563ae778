"""What somebody is writing and has not sent: theirs alone.

Saving a draft is no event. Events say what was done to things that others know of; a draft is typed alone, saved every few
seconds, and may never be sent: a row each time would tell administrators who writes about what at what hour, and would
outnumber all that happened. What is sent is recorded when it is sent.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.model import Access, Base, Identified, Versioned, access


class Draft(Base, Identified, Versioned):
    """One form, as far as one person has filled it in; deleted with the person.

    `initiative_id` and `space_id` are where its author said that they were writing. They point at nothing that the
    database checks: a draft must be saved, and found again, also when its author has lost the space meanwhile.
    """

    __tablename__ = "drafts"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    key: Mapped[str]
    """Which form, as `keys.py` names those of our pages: `contribution:new:<space>`, `reply:edit:<reply>`."""
    initiative_id: Mapped[UUID | None]
    space_id: Mapped[UUID | None]
    body: Mapped[dict[str, str]] = mapped_column(JSONB)
    """The fields of the form, by name."""
    saved_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_drafts_newest", "person_id", text("saved_at DESC"), text("id DESC")),
        Index("ix_drafts_saved_at", "saved_at"),
        access(Access.FULL),
    )
