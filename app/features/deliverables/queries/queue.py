"""The queue of treatments: the contributions of the scope with what became of each, and those that arrived after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, and_, exists, func, select, true, tuple_, union, union_all
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.core.errors import NotFound, invalid
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.features.deliverables.models import Deliverable, Fate, ScopeSpace, Section, Treatment, Waiver
from app.features.deliverables.queries.fates import IN_SCOPE, MODERATED_HERE, OF_THE_SCOPE, D, fates
from app.features.deliverables.queries.finding import sought
from app.features.deliverables.queries.outline import NOT_FOUND
from app.features.deliverables.queries.sources import S
from app.features.deliverables.schemas.fates import Arrived, InQueue, QueuedTreatment, TreatmentOut, WaiverOut
from app.features.harvest.models import Extract, ExtractFiling, Filing
from app.features.identity.models import Organisation
from app.features.search.models import Findable
from app.features.statements.models import Revision, Statement, StatementState, StatementType
from app.policy.actions import Action
from app.policy.actor import Actor, Capacity
from app.policy.decide import visible

O: FromClause = Organisation.__table__  # noqa: E741 - as in the statements' own queries
H: FromClause = Revision.__table__.alias("heads")
T: FromClause = Treatment.__table__
W: FromClause = Waiver.__table__
FOUND: FromClause = Findable.__table__
SC: FromClause = ScopeSpace.__table__

WAIVER_NOT_FOUND = "Cette dispense n’existe pas, ou vous n’y avez pas accès."
LOOKED_AT = 2_000
"""Contributions judged for one page of those that met one fate."""


async def check_deliverable(read: Handle, actor: Actor, deliverable_id: UUID, action: Action) -> None:
    """NotFound unless the caller may read that of the deliverable."""
    question = select(D.c.id).where(D.c.id == deliverable_id, visible(actor, Deliverable, action))
    if (await read.execute(question)).first() is None:
        raise NotFound(NOT_FOUND)


async def list_queue(
    read: Handle,
    actor: Actor,
    deliverable_id: UUID,
    *,
    status: Fate | None = None,
    space_id: UUID | None = None,
    section_id: UUID | None = None,
    cited: bool | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: int = LIMIT,
) -> Page[InQueue]:
    """A page of the scope, newest first, narrowed: one fate, what a section is about, cited or not yet, some words.

    What became of a contribution is in no index: of a page that asks for one fate, the `LOOKED_AT` next
    contributions are judged, and the page may be short, or empty, with a cursor that goes on after them.
    """
    await check_deliverable(read, actor, deliverable_id, Action.DELIVERABLE_READ)
    narrowed = [visible(actor, Statement, Action.STATEMENT_READ)]
    if space_id is not None:
        narrowed.append(S.c.space_id == space_id)
    if section_id is not None:
        narrowed += await _about(read, actor, deliverable_id, section_id)
    if q is not None:
        narrowed.append(exists().where(FOUND.c.object_id == S.c.id, FOUND.c.words.op("@@")(sought(q))))
    if after := mark_of(cursor):
        narrowed.append(tuple_(S.c.occurred_at, S.c.id) < tuple_(after.key, after.id))
    judging = status is not None or cited is not None
    looked_at = newest(deliverable_id, narrowed, LOOKED_AT if judging else limit + 1)
    each = fates(deliverable_id, of=looked_at)
    found = select(each, H.c.title, H.c.excerpt, O.c.name.label("organisation"), O.c.family).select_from(
        each.join(H, H.c.id == each.c.head_id).outerjoin(
            O, and_(O.c.id == each.c.organisation_id, each.c.capacity == Capacity.ORGANISATION)
        )
    )
    if status is not None:
        found = found.where(each.c.fate == status)
    if cited is not None:
        found = found.where(each.c.citations > 0 if cited else each.c.citations == 0)
    rows = (await read.execute(_with_last(looked_at, found, limit))).all()
    items = [_queued(row) for row in rows if row.id is not None]
    page = page_of(items, limit, lambda item: Mark(item.occurred_at, item.statement_id))
    if judging and page.next_cursor is None and rows and rows[0].looked == LOOKED_AT:
        return Page(page.items, Mark(rows[0].last_at, rows[0].last_id).cursor())
    return page


def newest(deliverable_id: UUID, narrowed: Sequence[ColumnElement[bool]], most: int) -> CTE:
    """The newest contributions of the scope, at most `most`: space by space, so that each walks its index and stops."""

    def of_each_space(state: ColumnElement[bool]) -> Select[Any]:
        inside = (
            select(*(S.c[name] for name in IN_SCOPE))
            .where(
                S.c.space_id == SC.c.space_id,
                *OF_THE_SCOPE,
                state,
                *narrowed,
            )
            .order_by(S.c.occurred_at.desc(), S.c.id.desc())
            .limit(most)
            .correlate(SC, D)
            .lateral()
        )
        scope = D.join(SC, SC.c.deliverable_id == D.c.id)
        return select(*inside.c).select_from(scope.join(inside, true())).where(D.c.id == deliverable_id)

    every = union_all(of_each_space(S.c.state == StatementState.PUBLISHED), of_each_space(MODERATED_HERE)).subquery()
    ordered = select(*every.c).order_by(every.c.occurred_at.desc(), every.c.id.desc())
    return ordered.limit(most).cte("looked_at")


def _with_last(looked_at: CTE, found: Select[Any], limit: int) -> Select[Any]:
    """The rows of a page; on each, and on a row of nulls when there is none, how many were judged and the last of them."""
    inner = found.subquery("found")
    page = select(inner).order_by(inner.c.occurred_at.desc(), inner.c.id.desc()).limit(limit + 1).subquery("page")
    last = (
        select(looked_at.c.occurred_at.label("last_at"), looked_at.c.id.label("last_id"))
        .order_by(looked_at.c.occurred_at, looked_at.c.id)
        .limit(1)
        .subquery("last")
    )
    looked = select(func.count()).select_from(looked_at).scalar_subquery()
    return (
        select(page, last, looked.label("looked"))
        .select_from(last.outerjoin(page, true()))
        .order_by(page.c.occurred_at.desc(), page.c.id.desc())
    )


async def _about(read: Handle, actor: Actor, deliverable_id: UUID, section_id: UUID) -> list[ColumnElement[bool]]:
    """What a section is about: its space, its theme, or the whole scope."""
    question = select(Section.about_space_id, Section.about_theme_id).where(
        Section.id == section_id,
        Section.deliverable_id == deliverable_id,
        visible(actor, Section, Action.DELIVERABLE_READ),
    )
    section = (await read.execute(question)).first()
    if section is None:
        raise invalid("query:section_id", "Cette partie n’existe pas dans ce livrable.")
    if section.about_theme_id is not None:
        filed = select(Filing.statement_id).where(Filing.theme_id == section.about_theme_id)
        extracts = select(Extract.statement_id).join(ExtractFiling, ExtractFiling.extract_id == Extract.id)
        filed_by_extract = extracts.where(ExtractFiling.theme_id == section.about_theme_id)
        return [S.c.id.in_(union(filed, filed_by_extract))]
    return [] if section.about_space_id is None else [S.c.space_id == section.about_space_id]


def _queued(row: Any) -> InQueue:
    same = (
        "space_id",
        "kind",
        "state",
        "title",
        "excerpt",
        "organisation",
        "family",
        "capacity",
        "consent",
        "origin",
        "occurred_at",
    )
    named = row.capacity == Capacity.ORGANISATION
    return InQueue.model_construct(
        **{name: getattr(row, name) for name in same},
        statement_id=row.id,
        organisation_id=row.organisation_id if named else None,
        published_at=row.published_at,
        revision_id=row.head_id,
        status=row.fate,
        because=row.because,
        treatment=_treatment(row) if row.treatment_id else None,
        citations=row.citations,
    )


def _treatment(row: Any) -> QueuedTreatment:
    return QueuedTreatment.model_construct(
        id=row.treatment_id,
        revision_id=row.treated_revision_id,
        outcome=row.outcome,
        target_id=row.target_id,
        reason_code=row.reason_code,
        sentence=row.sentence,
        by_rule=row.by_rule,
        person_id=row.treated_by,
        created_at=row.treated_at,
    )


async def get_treatment(read: Handle, actor: Actor, treatment_id: UUID) -> TreatmentOut:
    """One treatment, superseded or not, or NotFound."""
    question = select(T).where(T.c.id == treatment_id, visible(actor, Treatment, Action.DELIVERABLE_READ))
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound("Ce traitement n’existe pas, ou vous n’y avez pas accès.")
    return TreatmentOut.model_validate(row)


async def list_treatments_of(
    read: Handle,
    actor: Actor,
    deliverable_id: UUID,
    statement_id: UUID,
    cursor: str | None = None,
    limit: int = LIMIT,
) -> Page[TreatmentOut]:
    """A page of the treatments that a contribution had in a deliverable, newest first."""
    question = select(T).where(
        T.c.deliverable_id == deliverable_id,
        T.c.statement_id == statement_id,
        visible(actor, Treatment, Action.DELIVERABLE_READ),
    )
    if after := mark_of(cursor):
        question = question.where(tuple_(T.c.created_at, T.c.id) < tuple_(after.key, after.id))
    rows = (await read.execute(question.order_by(T.c.created_at.desc(), T.c.id.desc()).limit(limit + 1))).all()
    items = [TreatmentOut.model_validate(row) for row in rows]
    return page_of(items, limit, lambda treatment: Mark(treatment.created_at, treatment.id))


async def get_waiver(read: Handle, actor: Actor, waiver_id: UUID) -> WaiverOut:
    """One waiver, or NotFound."""
    question = select(W).where(W.c.id == waiver_id, visible(actor, Waiver, Action.DELIVERABLE_READ))
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(WAIVER_NOT_FOUND)
    return WaiverOut.model_validate(row)


async def list_waivers(
    read: Handle, actor: Actor, deliverable_id: UUID, cursor: str | None = None, limit: int = LIMIT
) -> Page[WaiverOut]:
    """A page of a deliverable's waivers, revoked ones too, newest first."""
    await check_deliverable(read, actor, deliverable_id, Action.DELIVERABLE_READ)
    question = select(W).where(W.c.deliverable_id == deliverable_id, visible(actor, Waiver, Action.DELIVERABLE_READ))
    if after := mark_of(cursor):
        question = question.where(tuple_(W.c.created_at, W.c.id) < tuple_(after.key, after.id))
    rows = (await read.execute(question.order_by(W.c.created_at.desc(), W.c.id.desc()).limit(limit + 1))).all()
    items = [WaiverOut.model_validate(row) for row in rows]
    return page_of(items, limit, lambda waiver: Mark(waiver.created_at, waiver.id))


def _arrived(deliverable_id: UUID, actor: Actor) -> Select[Any]:
    return (
        select(
            S.c.id.label("statement_id"),
            S.c.space_id,
            S.c.kind,
            S.c.capacity,
            S.c.published_at,
            H.c.title,
            O.c.id.label("organisation_id"),
            O.c.name.label("organisation"),
        )
        .select_from(
            D.join(SC, SC.c.deliverable_id == D.c.id)
            .join(S, S.c.space_id == SC.c.space_id)
            .join(H, H.c.id == S.c.head_id)
            .outerjoin(O, and_(O.c.id == S.c.organisation_id, S.c.capacity == Capacity.ORGANISATION))
        )
        .where(
            D.c.id == deliverable_id,
            S.c.type == StatementType.CONTRIBUTION,
            S.c.state == StatementState.PUBLISHED,
            S.c.kind == func.any(D.c.kinds),
            S.c.published_at > D.c.cutoff_at,
            visible(actor, Statement, Action.STATEMENT_READ),
        )
    )


async def list_arrived_after(
    read: Handle, actor: Actor, deliverable_id: UUID, cursor: str | None = None, limit: int = LIMIT
) -> Page[Arrived]:
    """A page of what was published after the cut-off, oldest first: it belongs to the next edition."""
    await check_deliverable(read, actor, deliverable_id, Action.DELIVERABLE_READ)
    question = _arrived(deliverable_id, actor)
    if after := mark_of(cursor):
        question = question.where(tuple_(S.c.published_at, S.c.id) > tuple_(after.key, after.id))
    rows = (await read.execute(question.order_by(S.c.published_at, S.c.id).limit(limit + 1))).all()
    items = [Arrived.model_validate(row) for row in rows]
    return page_of(items, limit, lambda item: Mark(item.published_at, item.statement_id))
