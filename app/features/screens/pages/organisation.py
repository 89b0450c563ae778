"""An organisation: who it is, who speaks for it, what it said and where it stands, as far as its reader may know."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response

from app.core.i18n import gettext
from app.features.identity.queries.mandates import MandateFilters, list_mandates
from app.features.identity.queries.organisations import get_organisation, list_participations
from app.features.identity.territories import NAMES
from app.features.statements.queries.feed import Filters, list_contributions
from app.features.statements.queries.positions import list_standings
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import allowed
from app.web.deps import Cursor, Read
from app.web.forms import page_router
from app.web.frame import Entry
from app.web.screen import Looking

router = page_router()
PER_PAGE = 15
PEOPLE = 100
"""People shown on the page; an organisation has a few."""


@router.get("/organisations/{organisation_id}")
async def organisation(
    screen: Looking, read: Read, organisation_id: UUID, vue: str = "", cursor: Cursor = None
) -> Response:
    """Its card for everybody; its people for its people; its words and positions as each may read them."""
    actor = screen.actor
    card = await get_organisation(read, actor, organisation_id)
    seats = await list_participations(read, actor, organisation_id)
    ours = organisation_id in actor.organisations or actor.is_admin
    people = (
        await list_mandates(
            read, actor, MandateFilters(organisation=organisation_id, running=True), limit=PEOPLE, cursor=None
        )
        if ours
        else None
    )
    positions = vue == "positions" and bool(actor.inner_spaces)
    here = f"/organisations/{organisation_id}"
    values: dict[str, Any] = {
        "card": card,
        "seats": seats,
        "people": people.items if people else [],
        "ours": ours,
        "may_edit": allowed(actor, Action.ORGANISATION_EDIT, card),
        "manages": actor.manages(organisation_id) or actor.is_admin,
        "territories": [NAMES[code] for code in card.territories],
        "tabs": _tabs(actor, here, positions=positions),
        "here": here,
        "cursor": cursor,
    }
    if positions:
        values["standings"] = await list_standings(read, actor, organisation_id, cursor, PER_PAGE)
    else:
        filters = Filters(organisation_id=organisation_id)
        values["said_by"] = await list_contributions(read, actor, filters, cursor, PER_PAGE)
    return await screen.show("organisation/organisation.html", **values)


def _tabs(actor: Actor, here: str, *, positions: bool) -> tuple[Entry, ...]:
    """Positions never leave their space: whoever is inside none has one tab, and so none is drawn."""
    if not actor.inner_spaces:
        return ()
    return (
        Entry(gettext("Ce qu’elle a dit"), here, current=not positions),
        Entry(gettext("Ses positions"), f"{here}?vue=positions", current=positions),
    )
