"""What has become of the words that a citation points to: the expressions that every reading of citations shares.

A citation is *moved* when its extract's revision is no longer the head, or when its source was
withdrawn or moderated; a co-pilot who keeps it with a note settles that, for this head and this
state only. It is *forbidden* when the consent in force does not allow what it does, and *erased*
when its words are gone: nothing settles those two but taking the citation out.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, exists, func, literal, not_, or_, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import CTE, FromClause

from app.features.deliverables.models import (
    AckChoice,
    Citation,
    CitationAck,
    Passage,
    PassageCitation,
    Relation,
    Section,
    Waiver,
    WaiverKind,
)
from app.features.harvest.models import Extract
from app.features.statements.models import CONSENT_WIDTH, Consent, Revision, Statement, StatementState

C: FromClause = Citation.__table__
E: FromClause = Extract.__table__
R: FromClause = Revision.__table__
S: FromClause = Statement.__table__
P: FromClause = Passage.__table__
PC: FromClause = PassageCitation.__table__
SE: FromClause = Section.__table__
A: FromClause = CitationAck.__table__
W: FromClause = Waiver.__table__

CITED_WORDS: FromClause = (
    C.join(E, E.c.id == C.c.extract_id).join(R, R.c.id == E.c.revision_id).join(S, S.c.id == C.c.statement_id)
)
"""A citation, its extract, the revision that holds the words, and the statement they were said in."""


def _width(column: Any) -> ColumnElement[int]:
    return case({str(consent): width for consent, width in CONSENT_WIDTH.items()}, value=column)


STANDING: ColumnElement[str] = case((S.c.state != StatementState.PUBLISHED, S.c.state), else_=S.c.root_state)
"""The state of the words: their statement's own, or that of the contribution it answers."""

LATER = Revision.__table__.alias("later_revisions")
_later: ColumnElement[int] = (
    select(func.max(_width(LATER.c.consent)))
    .where(LATER.c.statement_id == R.c.statement_id, LATER.c.n > R.c.n)
    .correlate(R)
    .scalar_subquery()
)
consent_in_force: ColumnElement[int] = func.greatest(
    _width(R.c.consent), _width(S.c.consent), case((R.c.id != S.c.head_id, _later))
)
"""The width of the strictest consent (see CONSENT_WIDTH): of the revision cited, of those after it, and of the statement now.

Of the statement's own author: what a reply answers does not leave with its quote, and has no say in it (docs/adr/0004).
A consent that was tightened and is wider again does not reach back to the words that it was tightened for.
"""

FORBIDDEN: ColumnElement[bool] = or_(
    consent_in_force >= CONSENT_WIDTH[Consent.INTERNAL],
    and_(C.c.relation == Relation.QUOTES, consent_in_force >= CONSENT_WIDTH[Consent.PARAPHRASE]),
)
ERASED: ColumnElement[bool] = E.c.quote == ""
MOVED: ColumnElement[bool] = or_(E.c.revision_id != S.c.head_id, STANDING != StatementState.PUBLISHED)
KEPT: ColumnElement[bool] = exists(
    select(literal(1)).where(
        A.c.citation_id == C.c.id,
        A.c.choice == AckChoice.KEPT,
        A.c.seen_revision_id == S.c.head_id,
        A.c.seen_state == STANDING,
    )
)
WAIVED: ColumnElement[bool] = and_(
    STANDING == StatementState.PUBLISHED,
    exists(
        select(literal(1)).where(
            W.c.deliverable_id == C.c.deliverable_id,
            W.c.statement_id == C.c.statement_id,
            W.c.kind == WaiverKind.OUTDATED_CITATION,
            W.c.revision_id == S.c.head_id,
            W.c.revoked_at.is_(None),
        )
    ),
)
"""A waiver lets a revised source through, never one that was withdrawn or moderated since."""

OUTDATED: ColumnElement[bool] = or_(FORBIDDEN, ERASED, and_(MOVED, not_(KEPT)))
UNSETTLED: ColumnElement[bool] = or_(FORBIDDEN, ERASED, and_(MOVED, not_(KEPT), not_(WAIVED)))
"""What stops a publication."""


def in_force(deliverable_id: UUID) -> CTE:
    """The ids of the citations that the accepted text names: heads of passages that stand, in sections that stand."""
    return (
        select(PC.c.citation_id)
        .distinct()
        .select_from(
            P.join(SE, and_(SE.c.id == P.c.section_id, SE.c.removed_at.is_(None))).join(
                PC, PC.c.passage_revision_id == P.c.head_id
            )
        )
        .where(P.c.deliverable_id == deliverable_id, P.c.removed_at.is_(None))
        .cte("in_force")
    )


def consent_of(width: int) -> Consent:
    """The consent of that width."""
    return list(Consent)[width]


def cited_ids(deliverable_id: UUID) -> Select[tuple[UUID]]:
    """The statements that the accepted text cites."""
    named = in_force(deliverable_id)
    return select(C.c.statement_id).join(named, named.c.citation_id == C.c.id)
