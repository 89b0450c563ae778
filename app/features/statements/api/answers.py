"""How statements are answered: read again inside the transaction, as the caller sees them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.core.schema import Listing
from app.features.initiatives.queries import InitiativeClosed
from app.features.sessions.queries import SessionLocked
from app.features.spaces.queries import SpaceClosed
from app.features.statements.queries.detail import get_statement
from app.features.statements.schemas import PositionOut, SourceOut, StatementFull, StatementSummary
from app.policy.actor import Actor
from app.web import respond
from app.web.deps import Db

SUMMARIES = Listing[StatementSummary]
POSITIONS = Listing[PositionOut]
SOURCES = Listing[SourceOut]
CLOSED = (InitiativeClosed, SpaceClosed, SessionLocked)
Revision = Annotated[int, Query(ge=1, le=1_000_000)]


def answer(request: Request, body: StatementFull, *, status: int = 200) -> Response:
    """A statement with its `ETag`; where it is, when it was just made."""
    noun = "contributions" if body.type == "contribution" else "replies"
    location = f"/api/v1/{noun}/{body.id}" if status == 201 else ""
    return respond.item(request, body, version=body.version, status=status, location=location)


async def written(request: Request, db: Db, actor: Actor, statement_id: UUID, *, status: int = 200) -> Response:
    """The statement after a change, before its commit."""
    await db.flush()
    return answer(request, await get_statement(db, actor, statement_id), status=status)
