"""What the text rests on: citations, the passage revisions that name them, what was decided when a source moved."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, access, one_of
from app.features.deliverables.models.vocabulary import AckChoice, Relation
from app.features.identity.models import ActedBy, acted_by


class Citation(Base, Identified, Stamped, ActedBy):
    """What a passage rests on: an extract and what it does there. Other words or another relation are another citation."""

    __tablename__ = "citations"

    deliverable_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    number: Mapped[int]
    """Its key in texts: `[@c7]` for 7."""
    extract_id: Mapped[UUID]
    statement_id: Mapped[UUID]
    relation: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]),
        ForeignKeyConstraint(["extract_id", "statement_id"], ["extracts.id", "extracts.statement_id"]),
        UniqueConstraint("deliverable_id", "number"),
        UniqueConstraint("deliverable_id", "extract_id", "relation"),
        UniqueConstraint("id", "deliverable_id", name="uq_citations_place"),
        Index("ix_citations_statement", "statement_id"),
        one_of("relation", Relation),
        *acted_by(),
        access(Access.APPEND),
    )


class PassageCitation(Base):
    """A citation that a passage revision names, in the order of its markers."""

    __tablename__ = "passage_revision_citations"

    passage_revision_id: Mapped[UUID] = mapped_column(primary_key=True)
    citation_id: Mapped[UUID] = mapped_column(primary_key=True)
    deliverable_id: Mapped[UUID]
    ordinal: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(
            ["passage_revision_id", "deliverable_id"],
            ["passage_revisions.id", "passage_revisions.deliverable_id"],
        ),
        ForeignKeyConstraint(["citation_id", "deliverable_id"], ["citations.id", "citations.deliverable_id"]),
        Index("ix_passage_revision_citations_citation", "citation_id"),
        access(Access.APPEND),
    )


class CitationAck(Base, Identified, Stamped):
    """A co-pilot saw that a citation's source had moved, and chose what to do about it."""

    __tablename__ = "citation_acks"

    citation_id: Mapped[UUID] = mapped_column(ForeignKey("citations.id"))
    deliverable_id: Mapped[UUID]
    seen_revision_id: Mapped[UUID] = mapped_column(ForeignKey("revisions.id"))
    seen_state: Mapped[str]
    choice: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    replaced_by: Mapped[UUID | None] = mapped_column(ForeignKey("citations.id"))
    by_person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))

    __table_args__ = (
        Index("ix_citation_acks_citation", "citation_id", "id"),
        one_of("choice", AckChoice),
        access(Access.APPEND),
    )
