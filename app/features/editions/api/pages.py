"""The shelf as a page: what a browser reads first, and where a reader finds the fingerprint to compare with."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from app.features.editions.queries import shelf
from app.features.editions.renderers.words import day
from app.web.auth import Caller
from app.web.deps import Cursor, Read
from app.web.templates import page

router = APIRouter(include_in_schema=False)
PARIS = ZoneInfo("Europe/Paris")


@router.get("/lire")
async def editions(request: Request, actor: Caller, read: Read, cursor: Cursor = None) -> Response:
    """The editions that the caller may read, newest first."""
    found = await shelf.list_editions(read, actor, cursor=cursor)
    await read.release()
    return page(request, "plain/editions.html", editions=found.items, next_cursor=found.next_cursor, day=_day)


def _day(moment: datetime) -> str:
    return day(moment.astimezone(PARIS).isoformat())
