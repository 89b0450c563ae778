"""The shelf as a page: what a browser reads first, and where a reader finds the fingerprint to compare with."""

from __future__ import annotations

from fastapi import Response

from app.features.editions.queries import shelf
from app.web.deps import Cursor, Read
from app.web.forms import page_router
from app.web.screen import Looking

router = page_router()


@router.get("/lire")
async def editions(screen: Looking, read: Read, cursor: Cursor = None) -> Response:
    """The editions that the caller may read, newest first."""
    found = await shelf.list_editions(read, screen.actor, cursor=cursor)
    return await screen.show("editions/shelf.html", editions=found.items, cursor=cursor, next_cursor=found.next_cursor)
