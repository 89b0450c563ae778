"""One's own agenda: what is to come, one session as a file, and the secret address that calendars follow."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.features.sessions import actions, queries
from app.features.sessions.calendars import MEDIA_TYPE, calendar_of
from app.web import respond
from app.web.deps import Cursor, Db, Read, SettingsDep
from app.web.forms import again, page_router
from app.web.idempotency import CREATES
from app.web.screen import Acting, Looking

router = page_router()
SHOWN = 25


@router.get("/calendrier/{calendar_secret}.ics")
async def my_calendar(request: Request, calendar_secret: str, read: Read, settings: SettingsDep) -> Response:
    """The sessions of whoever has this address."""
    owner = await queries.get_owner(read, calendar_secret)
    sessions = await queries.list_calendar(read, owner)
    await read.release()
    answer = respond.plain(request, calendar_of(sessions, settings.base_url, "Alliage"), media_type=MEDIA_TYPE)
    answer.headers["Referrer-Policy"] = "no-referrer"  # the secret is in the address
    return answer


@router.get("/seances/{session_id}/seance.ics")
async def one_session(screen: Looking, read: Read, session_id: UUID, settings: SettingsDep) -> Response:
    """One session for a calendar program."""
    session = await queries.get_card(read, screen.actor, session_id)
    await read.release()
    answer = respond.plain(screen.request, calendar_of([session], settings.base_url), media_type=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="seance-{session.number}.ics"'
    return answer


@router.get("/agenda")
async def agenda(screen: Looking, read: Read, cursor: Cursor = None) -> Response:
    """My sessions to come, what they await, and whether I have a secret address."""
    screen.require_signed_in()
    page = await queries.list_my_upcoming(read, screen.actor, cursor=cursor, limit=SHOWN)
    awaited = await queries.list_awaiting_answer(read, screen.actor)
    made_at = await queries.find_made_at(read, screen.actor)
    return await screen.show(
        "sessions/agenda.html", page=page, awaited=awaited, made_at=made_at, cursor=cursor, address=""
    )


@router.post("/agenda/adresse", openapi_extra=again("/agenda") | CREATES | {"x-issues-secret": True})
async def make_address(screen: Acting, db: Db, settings: SettingsDep) -> Response:
    """A new secret address, shown in this page alone; the one before is dead."""
    made, secret = await actions.make_address(db, screen.actor)
    page = await queries.list_my_upcoming(db, screen.actor, cursor=None, limit=SHOWN)
    answer = await screen.show(
        "sessions/agenda.html",
        page=page,
        awaited=[],
        made_at=made.created_at,
        cursor=None,
        address=f"{settings.base_url}/calendrier/{secret}.ics",
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post("/agenda/adresse/revoquer", openapi_extra=again("/agenda"))
async def revoke_address(screen: Acting, db: Db) -> Response:
    """End it."""
    await actions.revoke_address(db, screen.actor)
    return screen.see("/agenda", said="calendar-revoked")
