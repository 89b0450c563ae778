"""An organisation: who it is, who speaks for it, what it said and where it stands, as far as its reader may know."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response

from app.core.db import Reader
from app.core.i18n import gettext
from app.core.paging import Page
from app.features.events.queries import list_audit
from app.features.identity.queries.mandates import MandateFilters, MandateRow, list_mandates
from app.features.identity.queries.organisations import get_organisation, list_participations
from app.features.identity.territories import NAMES
from app.features.screens.audit import history
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
POSITIONS, HISTORY = "positions", "historique"
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
    leads = actor.manages(organisation_id)
    view = vue if (vue == POSITIONS and actor.inner_spaces) or (vue == HISTORY and leads) else ""
    people = await _people(read, actor, organisation_id, former=view == HISTORY) if ours or leads else []
    here = f"/organisations/{organisation_id}"
    values: dict[str, Any] = {
        "card": card,
        "seats": seats,
        "people": [it for it in people if it.running],
        "ours": ours,
        "may_edit": allowed(actor, Action.ORGANISATION_EDIT, card),
        "manages": actor.manages(organisation_id) or actor.is_admin,
        "territories": [NAMES[code] for code in card.territories],
        "tabs": _tabs(actor, here, view, leads=leads),
        "here": here,
        "cursor": cursor,
    }
    if view == HISTORY:
        done = await list_audit(read, actor, organisation_id, cursor, PER_PAGE)
        values["done"] = Page(history(actor, organisation_id, done.items, people), done.next_cursor)
    elif view == POSITIONS:
        values["standings"] = await list_standings(read, actor, organisation_id, cursor, PER_PAGE)
    else:
        filters = Filters(organisation_id=organisation_id)
        values["said_by"] = await list_contributions(read, actor, filters, cursor, PER_PAGE)
    return await screen.show("organisation/organisation.html", **values)


async def _people(read: Reader, actor: Actor, organisation_id: UUID, *, former: bool) -> list[MandateRow]:
    """Who speaks for it; `former`: and who did, whose acts its history names."""
    filters = MandateFilters(organisation=organisation_id, running=None if former else True)
    return list((await list_mandates(read, actor, filters, limit=PEOPLE, cursor=None)).items)


def _tabs(actor: Actor, here: str, view: str, *, leads: bool) -> tuple[Entry, ...]:
    """Positions never leave their space, and history is for those who manage: one tab alone is not drawn."""
    tabs = [Entry(gettext("Ce qu’elle a dit"), here, current=not view)]
    if actor.inner_spaces:
        tabs.append(Entry(gettext("Ses positions"), f"{here}?vue={POSITIONS}", current=view == POSITIONS))
    if leads:
        tabs.append(Entry(gettext("Historique"), f"{here}?vue={HISTORY}", current=view == HISTORY))
    return tuple(tabs) if len(tabs) > 1 else ()
