"""Where somebody lands who has just accepted an invitation: on a question that waits for an answer."""

from __future__ import annotations

from fastapi import Response

from app.core.db import Reader
from app.features.statements.models import Kind
from app.features.statements.queries.feed import Filters, list_contributions
from app.policy.actions import Action
from app.policy.actor import Actor
from app.web.deps import Read
from app.web.forms import page_router
from app.web.screen import Looking

router = page_router()
LOOKED_AT = 50
"""Questions among which one without an answer is sought, the newest first."""


@router.get("/bienvenue")
async def arrive(screen: Looking, read: Read) -> Response:
    """On to the newest question that nobody has answered, else to the one space, else home."""
    screen.require_signed_in()
    return screen.see(await _first_place(read, screen.actor), said="welcome")


async def _first_place(read: Reader, actor: Actor) -> str:
    found = await list_contributions(read, actor, Filters(kind=Kind.QUESTION), limit=LOOKED_AT)
    for row in found.items:
        counts = row["counts"]
        answers = counts and counts["replies_for"] + counts["replies_against"] + counts["replies_other"]
        if answers == 0 and Action.STATEMENT_REPLY.value in row["abilities"]:
            return f"/contributions/{row['id']}"
    if len(actor.speaking_spaces) == 1:
        return f"/espaces/{next(iter(actor.speaking_spaces))}"
    return "/"
