"""`/sessions` themselves."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from app.core.db import Handle, Reader
from app.core.schema import Instant, Listing
from app.features.sessions import actions, queries
from app.features.sessions.api.rights import ADDING, EDITING, MOVING, READING
from app.features.sessions.models import SessionState
from app.features.sessions.schemas import MinutesOpening, SessionCard, SessionDraft, SessionOut, SessionPatch
from app.policy.actor import Actor
from app.policy.decide import abilities
from app.web import respond
from app.web.api import PREFIX, api_router
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read
from app.web.objects import page, shape

router = api_router("sessions")

Since = Annotated[Instant | None, Query(description="Those that begin then or later.")]
Until = Annotated[Instant | None, Query(description="Those that begin before.")]


def _wanted(
    initiative_id: UUID | None = None,
    space_id: UUID | None = None,
    plenary: bool | None = None,
    state: SessionState | None = None,
    since: Since = None,
    until: Until = None,
) -> queries.Wanted:
    return queries.Wanted(initiative_id, space_id, plenary, state, since, until)


Filters = Annotated[queries.Wanted, Depends(_wanted)]


@router.get("/sessions", response_model=Listing[SessionCard])
async def list_sessions(
    request: Request, filters: Filters, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """The sessions that you may read, by date."""
    found = await queries.list_sessions(read, actor, filters, cursor=cursor, limit=limit)
    await read.release()
    items = (shape(SessionCard, row, abilities(actor, row, "session")) for row in found.items)
    return page(request, Listing[SessionCard], found, items)


@router.post("/sessions", response_model=SessionOut, status_code=201, responses=ADDING)
async def plan_session(request: Request, body: SessionDraft, actor: Writer, db: Db) -> Response:
    """Plan a session of a space, or a plenary."""
    session = await actions.plan(db, actor, body)
    return await _answer(request, db, actor, session.id, status=201)


@router.get("/sessions/{session_id}", response_model=SessionOut, responses=READING)
async def get_session(request: Request, session_id: UUID, actor: Caller, read: Read) -> Response:
    """One session."""
    return await _answer(request, read, actor, session_id)


@router.patch("/sessions/{session_id}", response_model=SessionOut, responses=EDITING)
async def edit_session(
    request: Request, session_id: UUID, body: SessionPatch, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Change its title, its times or its place."""
    await actions.edit(db, actor, session_id, body, expected)
    return await _answer(request, db, actor, session_id)


@router.post("/sessions/{session_id}/hold", response_model=SessionOut, responses=MOVING)
async def hold_session(request: Request, session_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Say that it took place."""
    await actions.hold(db, actor, session_id, expected)
    return await _answer(request, db, actor, session_id)


@router.post("/sessions/{session_id}/open-minutes", response_model=SessionOut, responses=MOVING)
async def open_minutes(
    request: Request,
    session_id: UUID,
    expected: IfMatch,
    actor: Writer,
    db: Db,
    body: MinutesOpening | None = None,
) -> Response:
    """Put the minutes to the organisations that came: they may amend or validate them, for two weeks unless you say."""
    await actions.open_minutes(db, actor, session_id, body or MinutesOpening(), expected)
    return await _answer(request, db, actor, session_id)


@router.post("/sessions/{session_id}/lock", response_model=SessionOut, responses=MOVING)
async def lock_session(request: Request, session_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Make minutes, attendance and decisions final."""
    await actions.lock(db, actor, session_id, expected)
    return await _answer(request, db, actor, session_id)


async def _answer(request: Request, handle: Handle, actor: Actor, session_id: UUID, status: int = 200) -> Response:
    found = await queries.get_session(handle, actor, session_id)
    if isinstance(handle, Reader):
        await handle.release()
    card = shape(SessionCard, found.card, abilities(actor, found.card, "session"))
    body = SessionOut(
        **card.model_dump(exclude={"starts_local", "ends_local"}),
        attendance=found.attendance,
        decisions_count=found.decisions_count,
        open_actions_count=found.open_actions_count,
        minutes_n=found.minutes_n,
    )
    location = f"{PREFIX}/sessions/{session_id}" if status == 201 else ""
    return respond.item(request, body, version=card.version, status=status, location=location)
