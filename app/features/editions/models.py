"""What was published: numbered, dated, frozen. No role can change or delete it; a withdrawal is another row."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, access
from app.features.identity.models import ActedBy, acted_by


class EditionWithdrawalReason(StrEnum):
    """Why an edition was taken off the shelf; the class alone is public."""

    MISTAKE = "mistake"
    SUPERSEDED = "superseded"
    CONSENT = "consent"
    """Somebody's words should not have left as they did."""
    PERSONAL_DATA = "personal_data"
    UNLAWFUL = "unlawful"
    OTHER = "other"


class Edition(Base, Identified, ActedBy):
    """A publication. `payload` is canonical JSON (RFC 8785); everything else is rendered from it once."""

    __tablename__ = "editions"

    deliverable_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    n: Mapped[int]
    label: Mapped[str]
    title: Mapped[str]
    published_at: Mapped[datetime]
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    """Of the payload."""
    manifest_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    """Of `manifest.json`, which lists every file with its hash: the edition's fingerprint."""

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]),
        UniqueConstraint("deliverable_id", "n"),
        CheckConstraint("sha256 = sha256(payload)", "payload_hash"),
        Index("ix_editions_initiative", "initiative_id", "published_at"),
        *acted_by(),
        access(Access.APPEND),
    )


class EditionFile(Base):
    """A file of an edition, rendered once; what is served is these bytes."""

    __tablename__ = "edition_files"

    edition_id: Mapped[UUID] = mapped_column(ForeignKey("editions.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]
    renderer: Mapped[str]
    renderer_version: Mapped[str]

    __table_args__ = (CheckConstraint("sha256 = sha256(content)", "content_hash"), access(Access.APPEND))


class EditionPassage(Base):
    """Which passage revision the edition froze, and where it stood."""

    __tablename__ = "edition_passages"

    edition_id: Mapped[UUID] = mapped_column(ForeignKey("editions.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[UUID] = mapped_column(ForeignKey("sections.id"))
    passage_revision_id: Mapped[UUID] = mapped_column(ForeignKey("passage_revisions.id"))

    __table_args__ = (Index("ix_edition_passages_revision", "passage_revision_id"), access(Access.APPEND))


class EditionCitation(Base):
    """Which statement the edition cites, by which extract: the way back from words to where they were used."""

    __tablename__ = "edition_citations"

    edition_id: Mapped[UUID] = mapped_column(ForeignKey("editions.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    citation_id: Mapped[UUID] = mapped_column(ForeignKey("citations.id"))
    statement_id: Mapped[UUID] = mapped_column(ForeignKey("statements.id"))

    __table_args__ = (Index("ix_edition_citations_statement", "statement_id"), access(Access.APPEND))


class EditionWithdrawal(Base):
    """An edition taken off the shelf, by whom and why; its bytes stay."""

    __tablename__ = "edition_withdrawals"

    edition_id: Mapped[UUID] = mapped_column(ForeignKey("editions.id"), primary_key=True)
    at: Mapped[datetime]
    reason: Mapped[str]
    """An `EditionWithdrawalReason`."""
    by_person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))

    __table_args__ = (access(Access.APPEND),)
