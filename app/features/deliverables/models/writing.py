"""The text: deliverables, their scope, sections, passages and the revisions of passages."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, Versioned, access, one_of
from app.features.deliverables.models.vocabulary import Angle, DeliverableState, PassageKind, PassageState
from app.features.identity.models import ActedBy, acted_by


class Deliverable(Base, Identified, Stamped, Versioned):
    """A synthesis, or another text that the co-pilots publish."""

    __tablename__ = "deliverables"

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey("initiatives.id"))
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    template: Mapped[str] = mapped_column(default="standard")
    language: Mapped[str] = mapped_column(default="fr")
    state: Mapped[str] = mapped_column(default=DeliverableState.WRITING)
    kinds: Mapped[list[str]]
    """Scope: the kinds of contributions."""
    cutoff_at: Mapped[datetime]
    """Scope: what was published later belongs to the next edition."""
    next_citation: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        UniqueConstraint("id", "initiative_id", name="uq_deliverables_place"),
        Index("ix_deliverables_initiative", "initiative_id", "id"),
        one_of("state", DeliverableState),
        access(Access.KEEP),
    )


class ScopeSpace(Base):
    """Scope: a space whose contributions the deliverable answers for."""

    __tablename__ = "scope_spaces"

    deliverable_id: Mapped[UUID] = mapped_column(primary_key=True)
    space_id: Mapped[UUID] = mapped_column(primary_key=True)
    initiative_id: Mapped[UUID]

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]),
        ForeignKeyConstraint(["space_id", "initiative_id"], ["spaces.id", "spaces.initiative_id"]),
        access(Access.FULL),
    )


class Section(Base, Identified, Stamped, Versioned):
    """A part of the text; parts hold parts."""

    __tablename__ = "sections"

    deliverable_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    position: Mapped[int]
    title: Mapped[str]
    angle: Mapped[str] = mapped_column(default=Angle.FREE)
    about_space_id: Mapped[UUID | None]
    about_theme_id: Mapped[UUID | None] = mapped_column(ForeignKey("themes.id", ondelete="SET NULL"))
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]),
        ForeignKeyConstraint(["parent_id", "deliverable_id"], ["sections.id", "sections.deliverable_id"]),
        ForeignKeyConstraint(["about_space_id", "initiative_id"], ["spaces.id", "spaces.initiative_id"]),
        UniqueConstraint("id", "deliverable_id", name="uq_sections_place"),
        CheckConstraint("parent_id <> id", "not_its_own_parent"),
        Index("ix_sections_order", "deliverable_id", "parent_id", "position"),
        one_of("angle", Angle),
        access(Access.KEEP),
    )


class Passage(Base, Identified, Stamped, Versioned):
    """A block of the text; its words are in its revisions."""

    __tablename__ = "passages"

    deliverable_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    section_id: Mapped[UUID]
    position: Mapped[int]
    kind: Mapped[str]
    head_id: Mapped[UUID | None]
    """The accepted revision in force; empty while everything is only proposed."""
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]),
        ForeignKeyConstraint(["section_id", "deliverable_id"], ["sections.id", "sections.deliverable_id"]),
        ForeignKeyConstraint(
            ["head_id", "id"],
            ["passage_revisions.id", "passage_revisions.passage_id"],
            name="fk_passages_head",
            use_alter=True,
            deferrable=True,
            initially="DEFERRED",
        ),
        UniqueConstraint("id", "deliverable_id", name="uq_passages_place"),
        Index("ix_passages_order", "section_id", "position", postgresql_where=text("removed_at IS NULL")),
        Index("ix_passages_deliverable", "deliverable_id", postgresql_where=text("removed_at IS NULL")),
        one_of("kind", PassageKind),
        access(Access.KEEP),
    )


class PassageRevision(Base, Identified, Stamped, ActedBy):
    """The words of a passage, once. A suggestion is a proposed revision on a base."""

    __tablename__ = "passage_revisions"

    passage_id: Mapped[UUID]
    deliverable_id: Mapped[UUID]
    n: Mapped[int]
    base_id: Mapped[UUID | None]
    markdown: Mapped[str]
    html: Mapped[str]
    caption: Mapped[str | None]
    """What a table or a figure is called."""
    alt: Mapped[str | None]
    """What it says, in words, for those who do not see it."""
    figure_id: Mapped[UUID | None]
    state: Mapped[str]
    by_rule: Mapped[str | None]
    """The rule that proposed it, when no person wrote it."""
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime | None]
    decided_by_rule: Mapped[str | None]
    """The rule by which a person accepted many at once; empty when they decided on this one."""
    refusal_reason: Mapped[str | None]
    """Why it was refused, for whoever proposed it; up to 500 characters."""

    __table_args__ = (
        ForeignKeyConstraint(["passage_id", "deliverable_id"], ["passages.id", "passages.deliverable_id"]),
        ForeignKeyConstraint(["base_id", "passage_id"], ["passage_revisions.id", "passage_revisions.passage_id"]),
        ForeignKeyConstraint(["figure_id", "deliverable_id"], ["figures.id", "figures.deliverable_id"]),
        CheckConstraint("(caption IS NULL) = (alt IS NULL)", "named_and_told"),
        CheckConstraint("figure_id IS NULL OR caption IS NOT NULL", "figure_is_told"),
        UniqueConstraint("passage_id", "n"),
        UniqueConstraint("id", "passage_id", name="uq_passage_revisions_of"),
        UniqueConstraint("id", "deliverable_id", name="uq_passage_revisions_place"),
        CheckConstraint("state <> 'accepted' OR decided_by IS NOT NULL", "accepted_by_a_person"),
        CheckConstraint("refusal_reason IS NULL OR state = 'refused'", "reason_of_a_refusal"),
        CheckConstraint("char_length(refusal_reason) BETWEEN 1 AND 500", "reason_is_short"),
        CheckConstraint("state <> 'refused' OR refusal_reason IS NOT NULL", "refused_with_a_reason"),
        one_of("state", PassageState),
        *acted_by(),
        access(Access.APPEND, "state", "decided_by", "decided_at", "decided_by_rule", "refusal_reason"),
    )
