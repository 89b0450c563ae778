"""A note that becomes a contribution, and the contribution that a point of an agenda is about."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.features.sessions.api.agenda import answer_item
from app.features.sessions.api.rights import EDITING
from app.features.sessions.schemas import AgendaItemOut
from app.features.statements import schemas
from app.features.statements.actions import meetings
from app.features.statements.api.answers import CLOSED, answer
from app.features.statements.queries.shape import full
from app.web.api import api_router, problems
from app.web.auth import Writer
from app.web.deps import Db, IfMatch

router = api_router("contributions")


@router.post(
    "/notes/{note_id}/contribution",
    status_code=201,
    response_model=schemas.StatementFull,
    responses=problems(NotFound, Forbidden, Conflict, Invalid, *CLOSED),
)
async def take_up(request: Request, note_id: UUID, body: schemas.NoteTakeUp, actor: Writer, db: Db) -> Response:
    """Make your organisation's contribution of a note in which it was heard; the words are those that you send."""
    row = await meetings.take_up(db, actor, note_id, body)
    return answer(request, full(actor, row), status=201)


@router.put("/agenda-items/{item_id}/contribution", response_model=AgendaItemOut, responses=EDITING)
async def link_contribution(
    request: Request, item_id: UUID, body: schemas.AgendaContribution, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Say which contribution of the session's space a point of the agenda is about; null for none."""
    await meetings.link_contribution(db, actor, item_id, body, expected)
    return await answer_item(request, db, actor, item_id)
