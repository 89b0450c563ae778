"""The list of extracts, with where each is cited: the floor of the harvest does not know citations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, exists, func, literal, not_, select
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.features.deliverables.models import Citation
from app.features.deliverables.schemas.citing import ExtractInUse, Use
from app.features.harvest.queries import XF, X, extract_of, extracts
from app.policy.actor import Actor

C: FromClause = Citation.__table__
_UUIDS = ARRAY(Uuid())


async def list_extracts(
    read: Handle,
    actor: Actor,
    *,
    initiative_id: UUID | None = None,
    space_id: UUID | None = None,
    theme_id: UUID | None = None,
    statement_id: UUID | None = None,
    cited: bool | None = None,
    cursor: str | None = None,
    limit: int = LIMIT,
) -> Page[ExtractInUse]:
    """A page of extracts, newest first; `uses` tells only of deliverables that the caller may read."""
    readable = C.c.initiative_id == func.any(literal(sorted(actor.piloted), _UUIDS))
    uses = select(func.json_agg(func.json_build_array(C.c.deliverable_id, C.c.id, C.c.number, C.c.relation))).where(
        C.c.extract_id == X.c.id, readable
    )
    question = extracts(actor).add_columns(uses.scalar_subquery().label("uses"))
    equal = {X.c.initiative_id: initiative_id, X.c.space_id: space_id, X.c.statement_id: statement_id}
    question = question.where(*(column == value for column, value in equal.items() if value is not None))
    if theme_id is not None:
        question = question.where(exists().where(XF.c.extract_id == X.c.id, XF.c.theme_id == theme_id))
    if cited is not None:
        named = exists().where(C.c.extract_id == X.c.id, readable)
        question = question.where(named if cited else not_(named))
    if after := mark_of(cursor, str):
        question = question.where(X.c.id < after.id)
    rows = (await read.execute(question.order_by(X.c.id.desc()).limit(limit + 1))).all()
    return page_of([_in_use(actor, row) for row in rows], limit, lambda extract: Mark("", extract.id))


def _in_use(actor: Actor, row: Any) -> ExtractInUse:
    uses = [
        Use.model_construct(deliverable_id=UUID(of), citation_id=UUID(citation), number=number, relation=relation)
        for of, citation, number, relation in row.uses or []
    ]
    return ExtractInUse.model_construct(**dict(extract_of(actor, row)), uses=uses)
