"""What changed from one edition to another of the same deliverable."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import NotFound
from app.core.i18n import gettext
from app.features.editions.pages.reader import SISTERS, crumb, show_withdrawn
from app.features.editions.queries import shelf
from app.features.editions.queries.differences import get_differences
from app.web.deps import Read
from app.web.forms import page_router
from app.web.screen import Looking

router = page_router()


@router.get("/editions/{edition_id}/changements")
async def changes(request: Request, screen: Looking, read: Read, edition_id: UUID) -> Response:
    """Passage by passage, since `depuis`, or since the edition before where the address names none of the same deliverable."""
    card = await shelf.get_edition(read, screen.actor, edition_id)
    sisters = (await shelf.list_editions(read, screen.actor, deliverable_id=card.deliverable_id, limit=SISTERS)).items
    if not card.files:
        return await show_withdrawn(screen, card, sisters)
    others = [one for one in sisters if one.id != card.id and not one.withdrawn]
    asked = request.query_params.get("depuis", "")
    before = next((one for one in others if one.n < card.n), None)
    since = next((one for one in others if str(one.id) == asked), before)
    if since is None:
        raise NotFound(gettext("Il n’y a pas d’autre édition de ce livrable à comparer."))
    found = await get_differences(read, screen.actor, edition_id, since.id)
    return await screen.show(
        "editions/changes.html",
        card=card,
        since=since,
        others=others,
        found=found,
        crumb=crumb(card, gettext("Changements")),
    )
