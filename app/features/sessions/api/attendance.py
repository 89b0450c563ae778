"""`/sessions/{id}/attendance`."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.schema import Listing
from app.features.sessions import actions, queries
from app.features.sessions.api.rights import EDITING, READING
from app.features.sessions.schemas import ATTENDANCE_MOST, AttendanceOut, AttendanceSheet
from app.web.api import api_router
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read
from app.web.objects import page, shape
from app.web.respond import etag_of

router = api_router("sessions")


@router.get("/sessions/{session_id}/attendance", response_model=Listing[AttendanceOut], responses=READING)
async def list_attendance(
    request: Request, session_id: UUID, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """Who came, or was expected, by organisation."""
    session = await queries.get_card(read, actor, session_id)
    found = await queries.list_attendance(read, session.id, cursor=cursor, limit=limit)
    await read.release()
    return page(request, Listing[AttendanceOut], found, (shape(AttendanceOut, row) for row in found.items))


@router.put("/sessions/{session_id}/attendance", response_model=Listing[AttendanceOut], responses=EDITING)
async def record_attendance(
    request: Request, session_id: UUID, body: AttendanceSheet, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Replace the sheet. `If-Match` names the version of the session; the `ETag` answered is its new one."""
    session = await actions.record_attendance(db, actor, session_id, body, expected)
    found = await queries.list_attendance(db, session.id, cursor=None, limit=ATTENDANCE_MOST)
    response = page(request, Listing[AttendanceOut], found, (shape(AttendanceOut, row) for row in found.items))
    response.headers["ETag"] = etag_of(session.version, bytes(response.body))
    return response
