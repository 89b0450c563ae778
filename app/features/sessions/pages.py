"""The secret calendar address: no cookie, no account, what its owner may see at this instant."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.features.sessions import queries
from app.features.sessions.calendars import MEDIA_TYPE, calendar_of
from app.web import respond
from app.web.deps import Read, SettingsDep

router = APIRouter(include_in_schema=False)


@router.get("/calendrier/{calendar_secret}.ics")
async def my_calendar(request: Request, calendar_secret: str, read: Read, settings: SettingsDep) -> Response:
    """The sessions of whoever has this address."""
    owner = await queries.get_owner(read, calendar_secret)
    sessions = await queries.list_calendar(read, owner)
    await read.release()
    answer = respond.plain(request, calendar_of(sessions, settings.base_url, "Alliage"), media_type=MEDIA_TYPE)
    answer.headers["Referrer-Policy"] = "no-referrer"  # the secret is in the address
    return answer
