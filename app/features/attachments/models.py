"""Files that people attach: to a contribution, or to a session as its papers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, Versioned, access, one_of
from app.features.identity.models import ActedBy, acted_by


class AttachmentState(StrEnum):
    """Where a file is."""

    PENDING = "pending"
    """Its place is kept while it arrives; nobody sees it."""
    STORED = "stored"
    REMOVED = "removed"
    """Taken off: its bytes are deleted soon after, its fingerprint and length stay."""
    ERASED = "erased"
    """Erased with the words that it came with: its name is gone too."""


class Attachment(Base, Identified, Stamped, Versioned, ActedBy):
    """A file of a contribution or of a session. Its bytes are in the store (`app.core.storage`), by its id."""

    __tablename__ = "attachments"

    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID | None]
    statement_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(default=AttachmentState.PENDING)
    name: Mapped[str] = mapped_column(default="")
    media_type: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(BigInteger)
    """In bytes; while it arrives, the most that it may be."""
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was removed or erased."""
    purged_at: Mapped[datetime | None]
    """When its bytes were deleted."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["statement_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name="fk_attachments_statement",
        ),
        ForeignKeyConstraint(
            ["session_id", "initiative_id"],
            ["sessions.id", "sessions.initiative_id"],
            name="fk_attachments_session",
        ),
        CheckConstraint("(statement_id IS NULL) <> (session_id IS NULL)", "owner"),
        CheckConstraint("statement_id IS NULL OR space_id IS NOT NULL", "place"),
        CheckConstraint("size >= 0", "size"),
        CheckConstraint(
            "CASE state WHEN 'pending' THEN stored_at IS NULL AND sha256 IS NULL "
            "ELSE stored_at IS NOT NULL AND sha256 IS NOT NULL AND octet_length(sha256) = 32 AND media_type <> '' END",
            "arrived",
        ),
        CheckConstraint("(ended_at IS NULL) = (state IN ('pending', 'stored'))", "ended"),
        CheckConstraint("purged_at IS NULL OR ended_at IS NOT NULL", "purged"),
        one_of("state", AttachmentState),
        *acted_by(),
        Index(
            "ix_attachments_statement",
            "statement_id",
            "stored_at",
            "id",
            postgresql_where=text("state = 'stored' AND statement_id IS NOT NULL"),
        ),
        Index(
            "ix_attachments_session",
            "session_id",
            "stored_at",
            "id",
            postgresql_where=text("state = 'stored' AND session_id IS NOT NULL"),
        ),
        Index("ix_attachments_quota", "organisation_id", postgresql_where=text("state IN ('pending', 'stored')")),
        Index(
            "ix_attachments_unpurged",
            "id",
            postgresql_where=text("purged_at IS NULL AND state IN ('removed', 'erased')"),
        ),
        access(Access.FULL),
    )
