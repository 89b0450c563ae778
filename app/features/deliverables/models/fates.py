"""What became of each contribution: treatments, the waivers that let one through the gate, and the count of a large scope."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, access, one_of
from app.features.deliverables.models.vocabulary import Outcome, SetAsideReason, WaiverKind
from app.features.identity.models import ActedBy, acted_by


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
        ForeignKeyConstraint(["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]),
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
        ForeignKeyConstraint(["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]),
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


class ScopeCount(Base):
    """What became of the contributions of a scope, as it was lately counted: what pages show where counting takes seconds.

    Numbers and ids only. It decides nothing: publishing counts again, under its lock.
    """

    __tablename__ = "scope_counts"

    deliverable_id: Mapped[UUID] = mapped_column(ForeignKey("deliverables.id"), primary_key=True)
    counted_at: Mapped[datetime]
    in_scope: Mapped[int]
    by_speaker: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """For each organisation, and once for what was said personally (`organisation_id` null): its `Counts`."""
    waiting: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    """The oldest contributions that wait for a decision, of each fate that waits."""

    __table_args__ = (access(Access.KEEP),)
