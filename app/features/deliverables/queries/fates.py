"""What became of each contribution in the scope: one status for each, the same for the gate, the queue and the coverage.

In this order: `cited` by the accepted text, on words that stand; treated (`merged`, `answered`,
`set_aside`) on its present revision; `waived`; `outdated`, cited or treated on words that moved
since; `untreated`. A merge counts while what it was merged into is in the scope, or cited.

Moderating a contribution takes nothing out of the scope: hidden on the eve of a publication and
shown again the day after, it would vanish from the gate and from the report (promise 4). It waits
for a treatment or a waiver like the others. What was hidden already where it was imported from was
never readable here, and is not answered for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CompoundSelect,
    Select,
    String,
    and_,
    case,
    exists,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
)
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
from app.features.statements.models import ModerationReason, StatementState, StatementType

D: FromClause = Deliverable.__table__
SC: FromClause = ScopeSpace.__table__
T: FromClause = Treatment.__table__
W: FromClause = Waiver.__table__


MODERATED_HERE = and_(
    S.c.state == StatementState.MODERATED, S.c.state_reason.is_distinct_from(ModerationReason.IMPORTED)
)


OF_THE_SCOPE = (
    S.c.type == StatementType.CONTRIBUTION,
    S.c.kind == func.any(D.c.kinds),
    S.c.published_at <= D.c.cutoff_at,
)
"""What a deliverable answers for of its spaces, whatever became of it since."""


def _from_scope(deliverable_id: UUID, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(D.join(SC, SC.c.deliverable_id == D.c.id).join(S, S.c.space_id == SC.c.space_id))
        .where(D.c.id == deliverable_id, *OF_THE_SCOPE)
    )


def scoped(deliverable_id: UUID, *columns: Any) -> Select[Any]:
    """Columns of the contributions in the scope that everybody in their space can read."""
    return _from_scope(deliverable_id, *columns).where(S.c.state == StatementState.PUBLISHED)


def answered_for(deliverable_id: UUID, *columns: Any) -> CompoundSelect[Any]:
    """Columns of the contributions in the scope, those moderated here too: two questions, so that each has its index."""
    return union_all(
        scoped(deliverable_id, *columns),
        _from_scope(deliverable_id, *columns).where(MODERATED_HERE),
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


def _waiver(scope: FromClause, deliverable_id: UUID, kind: WaiverKind) -> ColumnElement[bool]:
    return exists(
        select(literal(1)).where(
            W.c.deliverable_id == deliverable_id,
            W.c.statement_id == scope.c.id,
            W.c.revision_id == scope.c.head_id,
            W.c.kind == kind,
            W.c.revoked_at.is_(None),
        )
    )


IN_SCOPE = (
    "id",
    "head_id",
    "initiative_id",
    "space_id",
    "organisation_id",
    "person_id",
    "capacity",
    "origin",
    "kind",
    "state",
    "state_reason",
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
"""What the readers of a fate need to know of its contribution."""


def _whole(deliverable_id: UUID) -> FromClause:
    return answered_for(deliverable_id, *(S.c[name] for name in IN_SCOPE)).subquery("scope")


def picked(deliverable_id: UUID, ids: Sequence[UUID]) -> FromClause:
    """Some contributions of the scope, as `fates` takes them."""
    scope = _whole(deliverable_id)
    return select(scope).where(scope.c.id.in_(ids)).subquery("picked")


def fates(deliverable_id: UUID, cited: CTE | None = None, of: FromClause | None = None) -> CTE:
    """A row for each contribution in the scope: its place and speaker, its current treatment, its `fate` and `because`.

    `of` are rows of IN_SCOPE, when not the whole scope is asked for.
    What the text cites is asked by `IN` and not joined: PostgreSQL hashes it whatever it believes of its
    size, where a join was planned as a nested loop whose time grew with the square of the scope.
    """
    scope = _whole(deliverable_id) if of is None else of
    cited = cited_statements(deliverable_id) if cited is None else cited
    current = T.alias("current_treatment")
    fate, because = _judged(deliverable_id, scope, cited, current)
    citations = select(cited.c.citations).where(cited.c.statement_id == scope.c.id).scalar_subquery()
    return (
        select(
            scope,
            fate.label("fate"),
            because.label("because"),
            current.c.id.label("treatment_id"),
            *(current.c[name] for name in ("outcome", "target_id", "reason_code", "sentence", "by_rule")),
            current.c.revision_id.label("treated_revision_id"),
            current.c.created_at.label("treated_at"),
            current.c.person_id.label("treated_by"),
            func.coalesce(citations, 0).label("citations"),
        )
        .select_from(
            scope.outerjoin(
                current,
                and_(
                    current.c.deliverable_id == deliverable_id,
                    current.c.statement_id == scope.c.id,
                    current.c.superseded_at.is_(None),
                ),
            )
        )
        .cte("fates")
    )


def _judged(
    deliverable_id: UUID, scope: FromClause, cited: CTE, current: FromClause
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The fate of a contribution, and why it is outdated when it is."""
    stands = select(cited.c.statement_id).where(cited.c.stands)
    on_head = current.c.revision_id == scope.c.head_id
    target_counts = or_(
        current.c.outcome != Outcome.MERGED,
        current.c.target_id.in_(stands),
        _target_in_scope(deliverable_id, current),
    )
    was = or_(current.c.id.is_not(None), scope.c.id.in_(select(cited.c.statement_id)))
    fate = case(
        (scope.c.id.in_(stands), Fate.CITED),
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
    return fate, because


def _target_in_scope(deliverable_id: UUID, current: FromClause) -> ColumnElement[bool]:
    """Whether what a contribution was merged into is answered for by the same deliverable."""
    target, deliverable, space = S.alias("target"), D.alias("of_target"), SC.alias("space_of_target")
    return exists(
        select(literal(1))
        .select_from(
            target.join(space, space.c.space_id == target.c.space_id).join(
                deliverable, deliverable.c.id == space.c.deliverable_id
            )
        )
        .where(
            target.c.id == current.c.target_id,
            deliverable.c.id == deliverable_id,
            target.c.type == StatementType.CONTRIBUTION,
            target.c.state == StatementState.PUBLISHED,
            target.c.kind == func.any(deliverable.c.kinds),
            target.c.published_at <= deliverable.c.cutoff_at,
        )
    )
