"""What became of a contribution, for those who read it inside its space: in each edition, and for co-pilots now.

The text that is being written is its editors' alone, and so is what they decide meanwhile: a member is told
what held when an edition was published. What the text cited then is frozen with it; a treatment is the last
that was given before it (ids are dated, and an edition's is made under the lock that treatments wait for).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, and_, case, cast, exists, literal, null, or_, select, true, tuple_, union_all
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.core.errors import NotFound
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.features.deliverables.models import (
    Deliverable,
    Fate,
    PassageCitation,
    PassageRevision,
    Treatment,
    Waiver,
    WaiverKind,
)
from app.features.deliverables.models.markers import without_markers
from app.features.editions.models import EditionPassage
from app.features.editions.queries.shelf import EC, ED, EW, C
from app.features.editions.schemas import Became, CitingPassage, EditionName
from app.features.statements.models import Revision, Statement, StatementType
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.predicates import among

S: FromClause = Statement.__table__
T: FromClause = Treatment.__table__
W: FromClause = Waiver.__table__
D: FromClause = Deliverable.__table__
EP: FromClause = EditionPassage.__table__
PC: FromClause = PassageCitation.__table__
PR: FromClause = PassageRevision.__table__
R: FromClause = Revision.__table__

SAID = ("target_id", "reason_code", "sentence", "revision_id")


async def list_became(
    read: Handle, actor: Actor, contribution_id: UUID, cursor: str | None = None, limit: int = LIMIT
) -> Page[Became]:
    """What became of a contribution, the newest first; NotFound outside its space, as when it is hidden. Three statements."""
    known = select(S.c.id).where(
        S.c.id == contribution_id,
        S.c.type == StatementType.CONTRIBUTION,
        visible(actor, Statement, Action.STATEMENT_READ),
        among(S.c.space_id, actor.inner_spaces),
    )
    if (await read.execute(known)).first() is None:
        raise NotFound("Cette contribution n’existe pas, ou vous n’y avez pas accès.")
    each = union_all(_published(actor, contribution_id), _deciding(actor, contribution_id)).subquery("each")
    # What it was merged into may stand in a space that the caller is not in.
    into = and_(S.c.id == each.c.target_id, visible(actor, Statement, Action.STATEMENT_READ))
    question = select(each, S.c.id.label("into_id"), R.c.title.label("into_title")).select_from(
        each.outerjoin(S, into).outerjoin(R, R.c.id == S.c.head_id)
    )
    if after := mark_of(cursor):
        question = question.where(tuple_(each.c.at, each.c.id) < tuple_(after.key, after.id))
    rows = (await read.execute(question.order_by(each.c.at.desc(), each.c.id.desc()).limit(limit + 1))).all()
    page = page_of(rows, limit, lambda row: Mark(row.at, row.id))
    passages = await _passages(
        read, contribution_id, [row.edition_id for row in page.items if row.outcome == Fate.CITED]
    )
    return Page([_became(row, passages.get(row.edition_id, [])) for row in page.items], page.next_cursor)


def _published(actor: Actor, contribution_id: UUID) -> Select[Any]:
    """What held when each edition was published; one that was withdrawn is told to co-pilots alone."""
    cited = exists(select(literal(1)).where(EC.c.edition_id == ED.c.id, EC.c.statement_id == contribution_id))
    treated = (
        select(T.c.id, T.c.outcome, *(T.c[name] for name in SAID))
        .where(T.c.deliverable_id == ED.c.deliverable_id, T.c.statement_id == contribution_id, T.c.id < ED.c.id)
        .order_by(T.c.id.desc())
        .limit(1)
        .lateral("treated")
    )
    waived = (
        select(W.c.id, W.c.reason)
        .where(
            W.c.deliverable_id == ED.c.deliverable_id,
            W.c.statement_id == contribution_id,
            W.c.id < ED.c.id,
            W.c.kind != WaiverKind.OUTDATED_CITATION,
            or_(W.c.revoked_at.is_(None), W.c.revoked_at > ED.c.published_at),
        )
        .order_by(W.c.id.desc())
        .limit(1)
        .lateral("waived")
    )
    said = {name: case((cited, null()), else_=treated.c[name]) for name in SAID}
    said["sentence"] = case((cited, null()), (treated.c.id.is_(None), waived.c.reason), else_=treated.c.sentence)
    outcome = case((cited, Fate.CITED), (treated.c.id.is_not(None), treated.c.outcome), else_=Fate.WAIVED)
    return (
        select(
            ED.c.published_at.label("at"),
            ED.c.id,
            ED.c.deliverable_id,
            ED.c.title,
            ED.c.id.label("edition_id"),
            ED.c.n,
            ED.c.label,
            cast(outcome, String).label("outcome"),
            *(said[name].label(name) for name in SAID),
        )
        .select_from(ED.outerjoin(EW, EW.c.edition_id == ED.c.id).outerjoin(treated, true()).outerjoin(waived, true()))
        .where(
            ED.c.initiative_id == _initiative(contribution_id),
            or_(EW.c.edition_id.is_(None), among(ED.c.initiative_id, actor.piloted)),
            or_(cited, treated.c.id.is_not(None), waived.c.id.is_not(None)),
        )
    )


def _deciding(actor: Actor, contribution_id: UUID) -> Select[Any]:
    """The treatments that hold now and that no edition has printed yet: for those who read the deliverable."""
    printed = exists(select(literal(1)).where(ED.c.deliverable_id == T.c.deliverable_id, ED.c.id > T.c.id))
    return (
        select(
            T.c.created_at.label("at"),
            T.c.id,
            T.c.deliverable_id,
            D.c.title,
            cast(null(), ED.c.id.type).label("edition_id"),
            cast(null(), ED.c.n.type).label("n"),
            cast(null(), String).label("label"),
            T.c.outcome,
            *(T.c[name] for name in SAID),
        )
        .select_from(T.join(D, D.c.id == T.c.deliverable_id))
        .where(
            T.c.statement_id == contribution_id,
            T.c.superseded_at.is_(None),
            ~printed,
            visible(actor, Treatment, Action.DELIVERABLE_READ),
        )
    )


def _initiative(contribution_id: UUID) -> Any:
    own = S.alias("own")
    return select(own.c.initiative_id).where(own.c.id == contribution_id).scalar_subquery()


async def _passages(read: Handle, contribution_id: UUID, editions: list[UUID]) -> dict[UUID, list[CitingPassage]]:
    """The passages of those editions that cite it, as they were frozen."""
    if not editions:
        return {}
    rows = await read.execute(
        select(EP.c.edition_id, EP.c.ordinal, EC.c.number, C.c.relation, PR.c.markdown)
        .select_from(
            EC.join(C, C.c.id == EC.c.citation_id)
            .join(PC, PC.c.citation_id == EC.c.citation_id)
            .join(EP, and_(EP.c.edition_id == EC.c.edition_id, EP.c.passage_revision_id == PC.c.passage_revision_id))
            .join(PR, PR.c.id == EP.c.passage_revision_id)
        )
        .where(EC.c.edition_id.in_(editions), EC.c.statement_id == contribution_id)
        .order_by(EP.c.edition_id, EP.c.ordinal, EC.c.number)
    )
    found: dict[UUID, list[CitingPassage]] = {}
    for row in rows:
        text = without_markers(row.markdown)
        passage = CitingPassage(ordinal=row.ordinal, note=row.number, relation=row.relation, markdown=text)
        found.setdefault(row.edition_id, []).append(passage)
    return found


def _became(row: Any, passages: list[CitingPassage]) -> Became:
    edition = EditionName(id=row.edition_id, n=row.n, label=row.label) if row.edition_id else None
    return Became(
        at=row.at,
        outcome=row.outcome,
        target_id=row.into_id,
        target=row.into_title,
        reason_code=row.reason_code,
        sentence=row.sentence,
        revision_id=row.revision_id,
        deliverable_id=row.deliverable_id,
        deliverable=row.title,
        edition=edition,
        passages=passages,
    )
