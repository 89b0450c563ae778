"""Calendars: one session as a file, and the secret address of one's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from app.core.errors import NotFound
from app.features.identity.actions.signing_in import SignInNeeded
from app.features.sessions import actions, queries
from app.features.sessions.api.rights import READING
from app.features.sessions.calendars import MEDIA_TYPE, calendar_of
from app.features.sessions.schemas import CalendarOut, NewCalendarOut
from app.policy.decide import ReadOnlyToken
from app.policy.speaker import require_signed_in
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Db, Read, SettingsDep

router = api_router("sessions")
SECRET = {"x-issues-secret": True}
CALENDAR_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}}


@router.get("/sessions/{session_id}/calendar", response_class=Response, responses=READING | CALENDAR_FILE)
async def get_calendar(
    request: Request, session_id: UUID, actor: Caller, read: Read, settings: SettingsDep
) -> Response:
    """The session for a calendar program (iCalendar, `.ics`)."""
    session = await queries.get_card(read, actor, session_id)
    await read.release()
    answer = respond.plain(request, calendar_of([session], settings.base_url), media_type=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="seance-{session.number}.ics"'
    return answer


@router.get("/me/calendar", response_model=CalendarOut)
async def get_my_calendar(request: Request, actor: Caller, read: Read) -> Response:
    """Whether you have a secret calendar address."""
    require_signed_in(actor)
    made_at = await queries.find_made_at(read, actor)
    await read.release()
    return respond.plain(request, CalendarOut(made_at=made_at))


@router.post(
    "/me/calendar",
    response_model=NewCalendarOut,
    status_code=201,
    openapi_extra=SECRET,
    responses=problems(SignInNeeded, ReadOnlyToken),
)
async def make_my_calendar(request: Request, actor: Writer, db: Db, settings: SettingsDep) -> Response:
    """Make the secret address of your sessions, shown in this answer alone; the one that you had ends."""
    made, secret = await actions.make_address(db, actor)
    address = f"{settings.base_url}/calendrier/{secret}.ics"
    answer = respond.plain(request, NewCalendarOut(address=address, made_at=made.created_at), status=201)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.delete("/me/calendar", status_code=204, responses=problems(NotFound, ReadOnlyToken))
async def revoke_my_calendar(actor: Writer, db: Db) -> Response:
    """End the address: the next request at it finds nothing."""
    await actions.revoke_address(db, actor)
    return Response(status_code=204)
