"""What became of each contribution in the scope: one status for each, the same for the gate, the queue and the coverage.

In this order: `cited` by the accepted text, on words that stand; treated (`merged`, `answered`,
`set_aside`) on its present revision; `waived`; `outdated`, cited or treated on words that moved
since; `untreated`. A merge counts while what it was merged into is in the scope, or cited.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, and_, case, exists, func, literal, not_, null, or_, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import CTE, FromClause

from app.features.deliverables.models import (
    Deliverable,
    Fate,
    Outcome,
    OutdatedBecause,
    ScopeSpace,
    Treatment,
    Waiver,
    WaiverKind,
)
from app.features.deliverables.queries.sources import CITED_WORDS, UNSETTLED, C, S, in_force
from app.features.statements.models import StatementState, StatementType

D: FromClause = Deliverable.__table__
SC: FromClause = ScopeSpace.__table__
T: FromClause = Treatment.__table__
W: FromClause = Waiver.__table__


def in_scope() -> ColumnElement[bool]:
    """Whether a statement is one that the deliverable answers for; on the tables S, joined to SC and D."""
    return and_(
        S.c.type == StatementType.CONTRIBUTION,
        S.c.state == StatementState.PUBLISHED,
        S.c.kind == func.any(D.c.kinds),
        S.c.published_at <= D.c.cutoff_at,
    )


def scoped(deliverable_id: UUID, *columns: Any) -> Select[Any]:
    """Columns of the contributions in the scope."""
    return (
        select(*columns)
        .select_from(D.join(SC, SC.c.deliverable_id == D.c.id).join(S, S.c.space_id == SC.c.space_id))
        .where(D.c.id == deliverable_id, in_scope())
    )


def cited_statements(deliverable_id: UUID) -> CTE:
    """The statements that the accepted text cites; `stands`: by one citation at least whose source has not moved."""
    named = in_force(deliverable_id)
    return (
        select(
            C.c.statement_id,
            func.bool_or(not_(UNSETTLED)).label("stands"),
            func.count().label("citations"),
        )
        .select_from(CITED_WORDS.join(named, named.c.citation_id == C.c.id))
        .group_by(C.c.statement_id)
        .cte("cited_statements")
    )


def _waiver(scope: CTE, deliverable_id: UUID, kind: WaiverKind) -> ColumnElement[bool]:
    return exists(
        select(literal(1)).where(
            W.c.deliverable_id == deliverable_id,
            W.c.statement_id == scope.c.id,
            W.c.revision_id == scope.c.head_id,
            W.c.kind == kind,
            W.c.revoked_at.is_(None),
        )
    )


def fates(deliverable_id: UUID, cited: CTE | None = None) -> CTE:
    """A row for each contribution in the scope: its place and speaker, its current treatment, its `fate` and `because`."""
    scope = scoped(
        deliverable_id,
        *(
            S.c[name]
            for name in (
                "id",
                "head_id",
                "initiative_id",
                "space_id",
                "organisation_id",
                "person_id",
                "capacity",
                "origin",
                "kind",
                "consent",
                "occurred_at",
                "published_at",
                "positions_supports",
                "positions_nuances",
                "positions_objects",
                "replies_for",
                "replies_against",
                "replies_other",
            )
        ),
    ).cte("scope")
    cited = cited_statements(deliverable_id) if cited is None else cited
    of_target = cited.alias("cited_target")
    target = scope.alias("target")
    current = (
        select(T).where(T.c.deliverable_id == deliverable_id, T.c.superseded_at.is_(None)).cte("current_treatments")
    )
    on_head = current.c.revision_id == scope.c.head_id
    target_counts = or_(
        current.c.outcome != Outcome.MERGED, target.c.id.is_not(None), func.coalesce(of_target.c.stands, False)
    )
    is_cited = func.coalesce(cited.c.stands, False)
    was = or_(current.c.id.is_not(None), cited.c.statement_id.is_not(None))
    fate = case(
        (is_cited, Fate.CITED),
        (and_(on_head, target_counts), current.c.outcome),
        (and_(was, _waiver(scope, deliverable_id, WaiverKind.OUTDATED_TREATMENT)), Fate.WAIVED),
        (was, Fate.OUTDATED),
        (_waiver(scope, deliverable_id, WaiverKind.UNTREATED), Fate.WAIVED),
        else_=Fate.UNTREATED,
    )
    because: ColumnElement[Any] = case(
        (fate != literal(Fate.OUTDATED, String), null()),
        (and_(on_head, not_(target_counts)), OutdatedBecause.TARGET_GONE),
        (current.c.id.is_not(None), OutdatedBecause.REVISED_SINCE_TREATED),
        else_=OutdatedBecause.REVISED_SINCE_CITED,
    )
    return (
        select(
            scope,
            fate.label("fate"),
            because.label("because"),
            current.c.id.label("treatment_id"),
            current.c.outcome,
            current.c.target_id,
            current.c.reason_code,
            current.c.sentence,
            current.c.by_rule,
            current.c.revision_id.label("treated_revision_id"),
            current.c.created_at.label("treated_at"),
            current.c.person_id.label("treated_by"),
            func.coalesce(cited.c.citations, 0).label("citations"),
        )
        .select_from(
            scope.outerjoin(current, current.c.statement_id == scope.c.id)
            .outerjoin(cited, cited.c.statement_id == scope.c.id)
            .outerjoin(target, target.c.id == current.c.target_id)
            .outerjoin(of_target, of_target.c.statement_id == current.c.target_id)
        )
        .cte("fates")
    )
