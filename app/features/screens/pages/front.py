"""What a visitor sees first: what Alliage does, what is public, and the way in."""

from __future__ import annotations

from fastapi import Response

from app.core.db import Reader
from app.features.editions.queries.shelf import list_editions
from app.features.initiatives.queries import list_initiatives
from app.web.screen import Screen

SHOWN = 3


async def show_front(screen: Screen, read: Reader) -> Response:
    """The newest public initiatives and editions, and what they are."""
    initiatives = await list_initiatives(read, screen.actor, state=None, cursor=None, limit=SHOWN)
    editions = await list_editions(read, screen.actor, limit=SHOWN)
    return await screen.show("screens/front.html", initiatives=initiatives.items, editions=editions.items)
