"""Live pages: `/live`, and who is writing where."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Query, Request, Response

from app.core.clock import now
from app.core.errors import Forbidden, NotFound, Unauthenticated, Unavailable, WrongState
from app.features.initiatives.queries import InitiativeArchived
from app.features.live import actions, queries
from app.features.live.following import WRITERS, follow_one, listed
from app.features.live.stream import TooManyStreams
from app.features.sessions.queries import SessionLocked
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Db, Read

router = api_router("live")

WRITING = problems(NotFound, Forbidden, WrongState, SessionLocked, InitiativeArchived)
Mark = Annotated[str | None, Query(max_length=64, description="Go on after this event: the `id` of one, or of a page.")]
LastEventId = Annotated[str | None, Header(max_length=64, description="What browsers send when they connect again.")]
STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`ready`, then `changed` (ids, verb, version), `presence`, `reload` (read the page again), "
        "`closed` (no longer allowed: the last one).",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'id: 812-1599142000\nevent: changed\ndata: {"verb":"passage.rewritten","object_type":'
                '"passage","object_id":"01930d2e-7c00-7000-8000-000000000006","version":3,"mine":false}\n\n',
            }
        },
    }
}


@router.get(
    "/live",
    responses=STREAMED | problems(Unauthenticated, NotFound, TooManyStreams, Unavailable),
)
async def follow(
    request: Request,
    actor: Caller,
    deliverable_id: UUID | None = None,
    session_id: UUID | None = None,
    space_id: UUID | None = None,
    after: Mark = None,
    last_event_id: LastEventId = None,
) -> Response:
    """Follow a deliverable, a session or a space as server-sent events: what changes, and who is writing where."""
    asked = {
        "deliverable": ("deliverable_id", deliverable_id),
        "session": ("session_id", session_id),
        "space": ("space_id", space_id),
    }
    return await follow_one(request, actor, asked, last_event_id or after)


async def _written(request: Request, db: Db, actor: Writer, kind: str, thing: UUID) -> Response:
    return listed(request, await actions.arrive(db, actor, kind, thing))


@router.put("/passages/{passage_id}/presence", response_model=WRITERS, responses=WRITING)
async def write_passage(request: Request, passage_id: UUID, actor: Writer, db: Db) -> Response:
    """Say that you are writing this passage, for 45 seconds; say it again every 15. Who else is there."""
    return await _written(request, db, actor, "passage", passage_id)


@router.put("/sections/{section_id}/presence", response_model=WRITERS, responses=WRITING)
async def write_section(request: Request, section_id: UUID, actor: Writer, db: Db) -> Response:
    """The same for a section to which you are adding a passage."""
    return await _written(request, db, actor, "section", section_id)


@router.put("/sessions/{session_id}/notes/presence", response_model=WRITERS, responses=WRITING)
async def write_notes(request: Request, session_id: UUID, actor: Writer, db: Db) -> Response:
    """The same for the notes of a session."""
    return await _written(request, db, actor, "notes", session_id)


@router.put("/sessions/{session_id}/minutes/presence", response_model=WRITERS, responses=WRITING)
async def write_minutes(request: Request, session_id: UUID, actor: Writer, db: Db) -> Response:
    """The same for the minutes of a session."""
    return await _written(request, db, actor, "minutes", session_id)


@router.delete("/passages/{passage_id}/presence", status_code=204, responses=problems(NotFound))
async def leave_passage(passage_id: UUID, actor: Writer, db: Db) -> Response:
    """Say that you write there no more."""
    await actions.leave(db, actor, "passage", passage_id)
    return Response(status_code=204)


@router.delete("/sections/{section_id}/presence", status_code=204, responses=problems(NotFound))
async def leave_section(section_id: UUID, actor: Writer, db: Db) -> Response:
    """Say that you write there no more."""
    await actions.leave(db, actor, "section", section_id)
    return Response(status_code=204)


@router.delete("/sessions/{session_id}/notes/presence", status_code=204, responses=problems(NotFound))
async def leave_notes(session_id: UUID, actor: Writer, db: Db) -> Response:
    """Say that you write there no more."""
    await actions.leave(db, actor, "notes", session_id)
    return Response(status_code=204)


@router.delete("/sessions/{session_id}/minutes/presence", status_code=204, responses=problems(NotFound))
async def leave_minutes(session_id: UUID, actor: Writer, db: Db) -> Response:
    """Say that you write there no more."""
    await actions.leave(db, actor, "minutes", session_id)
    return Response(status_code=204)


async def _writers(request: Request, actor: Caller, read: Read, scope: str, thing: UUID) -> Response:
    return listed(request, await queries.list_writers_of(read, actor, scope, thing, now()))


@router.get("/deliverables/{deliverable_id}/presence", response_model=WRITERS, responses=WRITING)
async def list_writers(request: Request, deliverable_id: UUID, actor: Caller, read: Read) -> Response:
    """Who is writing where in the deliverable, for those who may write in it."""
    return await _writers(request, actor, read, "deliverable", deliverable_id)


@router.get("/sessions/{session_id}/presence", response_model=WRITERS, responses=WRITING)
async def list_note_takers(request: Request, session_id: UUID, actor: Caller, read: Read) -> Response:
    """Who is writing where in the session, for those who may take notes there."""
    return await _writers(request, actor, read, "session", session_id)
