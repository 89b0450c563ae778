"""`/sessions/{id}/minutes` and their revisions."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response

from app.core.richtext.differences import Comparison, apart
from app.core.schema import Listing
from app.core.text import LARGEST_INTEGER
from app.features.sessions import actions, queries
from app.features.sessions.api.rights import EDITING, READING
from app.features.sessions.schemas import (
    ChangeOut,
    DifferencesOut,
    MinutesDraft,
    MinutesOut,
    MinutesRevisionOut,
)
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import allowed
from app.web import respond
from app.web.api import api_router
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read
from app.web.objects import page, shape

router = api_router("sessions")

Number = Annotated[int, Path(ge=1, le=LARGEST_INTEGER)]
Before = Annotated[int, Query(ge=0, le=LARGEST_INTEGER, description="0 is the empty text.")]
After = Annotated[int, Query(ge=0, le=LARGEST_INTEGER)]


@router.get("/sessions/{session_id}/minutes", response_model=MinutesOut, responses=READING)
async def get_minutes(request: Request, session_id: UUID, actor: Caller, read: Read) -> Response:
    """The minutes in force; empty, with `n` 0, before the first saving."""
    session = await queries.get_card(read, actor, session_id, Action.MINUTES_READ)
    row = await queries.get_minutes(read, session.id)
    await read.release()
    return respond.item(request, _shown(actor, session, row), version=row.n)


@router.put("/sessions/{session_id}/minutes", response_model=MinutesOut, responses=EDITING)
async def save_minutes(
    request: Request, session_id: UUID, body: MinutesDraft, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Save new minutes. `If-Match` names the revision that they were written on (`"v0"` for the first)."""
    await actions.save_minutes(db, actor, session_id, body, expected)
    session = await queries.get_card(db, actor, session_id)
    row = await queries.get_minutes(db, session_id)
    return respond.item(request, _shown(actor, session, row), version=row.n)


@router.post("/sessions/{session_id}/minutes/compose", response_model=MinutesOut, responses=EDITING)
async def compose_minutes(request: Request, session_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Write the minutes from the agenda, attendance, notes, decisions and actions, as a revision that you edit afterwards.

    `If-Match` names the revision in force (`"v0"` before the first), which stays among the revisions.
    """
    await actions.compose_minutes(db, actor, session_id, expected)
    session = await queries.get_card(db, actor, session_id)
    row = await queries.get_minutes(db, session_id)
    return respond.item(request, _shown(actor, session, row), version=row.n)


@router.get(
    "/sessions/{session_id}/minutes/revisions",
    response_model=Listing[MinutesRevisionOut],
    responses=READING,
)
async def list_revisions(
    request: Request, session_id: UUID, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """Every saving, the latest first."""
    session = await queries.get_card(read, actor, session_id, Action.MINUTES_READ)
    found = await queries.list_revisions(read, session.id, cursor=cursor, limit=limit)
    await read.release()
    items = (MinutesRevisionOut.model_validate(row) for row in found.items)
    return page(request, Listing[MinutesRevisionOut], found, items)


@router.get("/sessions/{session_id}/minutes/revisions/{n}", response_model=MinutesOut, responses=READING)
async def get_revision(request: Request, session_id: UUID, n: Number, actor: Caller, read: Read) -> Response:
    """The minutes as they were saved once."""
    session = await queries.get_card(read, actor, session_id, Action.MINUTES_READ)
    row = await queries.get_minutes(read, session.id, n)
    await read.release()
    return respond.item(request, shape(MinutesOut, row), version=row.n)


@router.get("/sessions/{session_id}/minutes/differences", response_model=DifferencesOut, responses=READING)
async def compare_minutes(
    request: Request, session_id: UUID, before: Before, after: After, actor: Caller, read: Read
) -> Response:
    """What changed between two revisions, word by word."""
    session = await queries.get_card(read, actor, session_id, Action.MINUTES_READ)
    texts = await queries.get_plain_texts(read, session.id, before, after)
    await read.release()
    found = await apart(lambda: Comparison().differences(*texts))
    changes = [ChangeOut.model_validate(change) for change in found]
    return respond.plain(request, DifferencesOut(before=before, after=after, changes=changes))


def _shown(actor: Actor, session: queries.SessionRow, row: queries.MinutesRow) -> MinutesOut:
    writing = allowed(actor, Action.MINUTES_WRITE, session)
    return shape(MinutesOut, row, [Action.MINUTES_WRITE.value] if writing else [])
