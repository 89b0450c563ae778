"""The synthesis while it is written: sections, passages, the citations they rest on, and what became of each contribution.

A marker in a text alone is not sound: copying, splitting, restoring and freezing each break it.
So a citation is a row, a passage revision names exactly the citations that its markers name, and
a quotation passage has no words of its own (docs/adr/0005).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, Versioned, access, one_of
from app.core.states import StateMachine
from app.features.identity.models import ActedBy, acted_by


class DeliverableState(StrEnum):
    """Whether a deliverable can change. Its editions never do."""

    WRITING = "writing"
    CLOSED = "closed"


DELIVERABLE_STATES = StateMachine(
    "deliverable",
    DeliverableState.WRITING,
    {
        DeliverableState.WRITING: {"close": DeliverableState.CLOSED},
        DeliverableState.CLOSED: {"reopen": DeliverableState.WRITING},
    },
)


class Angle(StrEnum):
    """The part of the standard template that a section belongs to."""

    DATABASE = "database"
    """The shared database: empty, and says so, until it exists."""
    FRUITS = "fruits"
    LESSONS = "lessons"
    FREE = "free"


class PassageKind(StrEnum):
    """What a passage is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST = "list"
    QUOTATION = "quotation"
    """Rendered from its citation, never typed."""


class PassageState(StrEnum):
    """Whether a passage's text counts."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Relation(StrEnum):
    """What an extract does for the passage that cites it."""

    QUOTES = "quotes"
    SUPPORTS = "supports"
    NUANCES = "nuances"
    CONTRADICTS = "contradicts"


class Outcome(StrEnum):
    """What became of a contribution that is not cited."""

    MERGED = "merged"
    ANSWERED = "answered"
    SET_ASIDE = "set_aside"


class SetAsideReason(StrEnum):
    """Why; a sentence goes with it."""

    OFF_TOPIC = "off_topic"
    DUPLICATE = "duplicate"
    TOO_VAGUE = "too_vague"
    OUT_OF_MANDATE = "out_of_mandate"
    ALREADY_DONE = "already_done"
    NEEDS_MORE_WORK = "needs_more_work"
    NO_SUPPORT = "no_support"
    INTERNAL = "internal"
    """Its author keeps it inside the space."""


class AckChoice(StrEnum):
    """The three ways out of an outdated citation."""

    RENEWED = "renewed"
    KEPT = "kept"
    REMOVED = "removed"


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
        ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]
        ),
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
        ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]
        ),
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
        ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]
        ),
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
    state: Mapped[str]
    by_rule: Mapped[str | None]
    """The rule that proposed it, when no person wrote it."""
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime | None]
    decided_by_rule: Mapped[str | None]
    """The rule by which a person accepted many at once; empty when they decided on this one."""

    __table_args__ = (
        ForeignKeyConstraint(["passage_id", "deliverable_id"], ["passages.id", "passages.deliverable_id"]),
        ForeignKeyConstraint(
            ["base_id", "passage_id"], ["passage_revisions.id", "passage_revisions.passage_id"]
        ),
        UniqueConstraint("passage_id", "n"),
        UniqueConstraint("id", "passage_id", name="uq_passage_revisions_of"),
        UniqueConstraint("id", "deliverable_id", name="uq_passage_revisions_place"),
        CheckConstraint("state <> 'accepted' OR decided_by IS NOT NULL", "accepted_by_a_person"),
        one_of("state", PassageState),
        *acted_by(),
        access(Access.APPEND, "state", "decided_by", "decided_at", "decided_by_rule"),
    )


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
        ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]
        ),
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


class Treatment(Base, Identified, Stamped, ActedBy):
    """What became of a contribution; `cited` is derived from accepted passages and never stored."""

    __tablename__ = "treatments"

    deliverable_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    statement_id: Mapped[UUID]
    revision_id: Mapped[UUID]
    """The words that were judged: a later revision has to be treated again."""
    outcome: Mapped[str]
    target_id: Mapped[UUID | None]
    """The contribution it was merged into."""
    reason_code: Mapped[str | None]
    sentence: Mapped[str]
    by_rule: Mapped[str | None]
    superseded_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]
        ),
        ForeignKeyConstraint(["revision_id", "statement_id"], ["revisions.id", "revisions.statement_id"]),
        ForeignKeyConstraint(["target_id"], ["statements.id"]),
        CheckConstraint(
            "CASE outcome WHEN 'merged' THEN target_id IS NOT NULL AND target_id <> statement_id AND reason_code IS NULL "
            "WHEN 'set_aside' THEN reason_code IS NOT NULL AND target_id IS NULL "
            "ELSE target_id IS NULL AND reason_code IS NULL END",
            "outcome_complete",
        ),
        CheckConstraint("char_length(sentence) >= 10", "sentence_said"),
        Index(
            "uq_treatments_current",
            "deliverable_id",
            "statement_id",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index("ix_treatments_statement", "statement_id"),
        one_of("outcome", Outcome),
        one_of("reason_code", SetAsideReason, optional=True),
        *acted_by(),
        access(Access.APPEND, "superseded_at"),
    )


class WaiverKind(StrEnum):
    """What a waiver lets pass."""

    UNTREATED = "untreated"
    OUTDATED_TREATMENT = "outdated_treatment"
    OUTDATED_CITATION = "outdated_citation"


class Waiver(Base, Identified, Stamped, ActedBy):
    """A co-pilot let a contribution through the gate, with a name and a reason; printed in the publication report."""

    __tablename__ = "waivers"

    deliverable_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    statement_id: Mapped[UUID]
    revision_id: Mapped[UUID]
    kind: Mapped[str]
    reason: Mapped[str]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]
        ),
        ForeignKeyConstraint(["revision_id", "statement_id"], ["revisions.id", "revisions.statement_id"]),
        CheckConstraint("char_length(reason) >= 10", "reason_said"),
        Index(
            "uq_waivers_current",
            "deliverable_id",
            "statement_id",
            "kind",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        one_of("kind", WaiverKind),
        *acted_by(),
        access(Access.APPEND, "revoked_at"),
    )
