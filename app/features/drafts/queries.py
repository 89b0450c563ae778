"""Reading one's own drafts. Nobody else reads them by any path: not colleagues, not administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, case, func, literal, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import Handle
from app.core.errors import NotFound
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.features.drafts.models import Draft
from app.features.drafts.schemas import DraftLine, DraftOut
from app.features.spaces.models import Space
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.speaker import require_signed_in

D = Draft.__table__
MISSING = "Vous n’avez pas de brouillon sous ce nom."
TEXTS = ("markdown", "reason", "text", "summary", "description")
"""The fields in which a form has its words, the first that there is."""


async def find_draft(read: Handle, actor: Actor, key: str) -> DraftOut | None:
    """One's own draft of this form."""
    question = select(D).where(D.c.key == key, visible(actor, Draft, Action.DRAFT_READ))
    row = (await read.execute(question)).one_or_none()
    return None if row is None else DraftOut.model_validate(row)


async def get_draft(read: Handle, actor: Actor, key: str) -> DraftOut:
    """The same, or NotFound."""
    require_signed_in(actor)
    found = await find_draft(read, actor, key)
    if found is None:
        raise NotFound(MISSING)
    return found


def _words() -> ColumnElement[str]:
    texts = [D.c.body[name].astext for name in TEXTS]
    return func.coalesce(*texts, literal("", Text()))


async def list_drafts(
    read: Handle,
    actor: Actor,
    *,
    initiative_id: UUID | None = None,
    space_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = LIMIT,
) -> Page[DraftLine]:
    """One's own drafts, the one last touched first. The space is named only while its author may read it; the words stay."""
    require_signed_in(actor)
    words, space = _words(), Space.__table__
    question = (
        select(
            *(D.c[name] for name in ("id", "key", "version", "saved_at", "initiative_id", "space_id")),
            space.c.title.label("space"),
            func.left(func.coalesce(D.c.body["title"].astext, ""), 200).label("title"),
            func.left(words, 300).label("excerpt"),
            case((words == "", 0), else_=func.cardinality(func.regexp_split_to_array(func.btrim(words), r"\s+"))).label(
                "words"
            ),
        )
        .select_from(D.outerjoin(space, and_(space.c.id == D.c.space_id, visible(actor, Space, Action.SPACE_READ))))
        .where(visible(actor, Draft, Action.DRAFT_READ))
        .order_by(D.c.saved_at.desc(), D.c.id.desc())
        .limit(limit + 1)
    )
    for column, value in ((D.c.initiative_id, initiative_id), (D.c.space_id, space_id)):
        if value is not None:
            question = question.where(column == value)
    if after := mark_of(cursor):
        question = question.where(tuple_(D.c.saved_at, D.c.id) < tuple_(after.key, after.id))
    rows: list[Any] = list(await read.execute(question))
    page = page_of(rows, limit, lambda row: Mark(row.saved_at, row.id))
    return Page([DraftLine.model_validate(row) for row in page.items], page.next_cursor)
