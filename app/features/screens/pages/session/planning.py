"""A session is planned, and what was planned is changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Response

from app.core.i18n import gettext
from app.features.initiatives.queries import get_card as get_initiative
from app.features.screens.pages.session.fields import emptied
from app.features.sessions import actions
from app.features.sessions.actions.session import Plenary
from app.features.sessions.queries import SessionRow, get_card
from app.features.sessions.schemas import SessionDraft, SessionPatch
from app.features.spaces.queries import get_space
from app.policy.actions import Action
from app.policy.decide import require
from app.web.conflict import written_on
from app.web.deps import Db, Read
from app.web.forms import Filled, again, page_router, read
from app.web.frame import Entry
from app.web.idempotency import CREATES
from app.web.screen import Acting, Looking

router = page_router()
ZONES = (
    *("Europe/Paris", "America/Martinique", "America/Guadeloupe", "America/Cayenne", "Indian/Reunion"),
    *("Indian/Mayotte", "Pacific/Noumea", "Pacific/Tahiti", "America/Miquelon"),
)
"""The clocks of France; a session planned by the API elsewhere keeps its own."""


@router.get("/espaces/{space_id}/seances/nouvelle")
async def new_in_space(screen: Looking, read: Read, space_id: UUID) -> Response:
    """The form of a session of a space."""
    screen.require_signed_in()
    space = await get_space(read, screen.actor, space_id)
    require(screen.actor, Action.SESSION_PLAN, space)
    crumb = [Entry(space.title, f"/espaces/{space.id}"), Entry(gettext("Prévoir une séance"), "")]
    return await _form(
        screen, f"/espaces/{space.id}/seances/nouvelle", f"/espaces/{space.id}", crumb, space.initiative_id, space.title
    )


@router.post(
    "/espaces/{space_id}/seances/nouvelle", openapi_extra=again("/espaces/{space_id}/seances/nouvelle") | CREATES
)
async def plan_in_space(screen: Acting, db: Db, space_id: UUID, form: Filled) -> Response:
    """A session of a space."""
    space = await get_space(db, screen.actor, space_id)
    said = read(SessionDraft, form, initiative_id=space.initiative_id, space_id=space.id)
    made = await actions.plan(db, screen.actor, said)
    return screen.see(f"/seances/{made.id}", said="session-planned")


@router.get("/demarches/{reference}/seances/nouvelle")
async def new_plenary(screen: Looking, read: Read, reference: str) -> Response:
    """The form of a plenary."""
    screen.require_signed_in()
    initiative = await get_initiative(read, screen.actor, reference)
    require(screen.actor, Action.SESSION_PLAN, Plenary(initiative.id))
    home = f"/demarches/{initiative.id}"
    crumb = [Entry(initiative.title, home), Entry(gettext("Prévoir une plénière"), "")]
    return await _form(screen, f"{home}/seances/nouvelle", home, crumb, initiative.id)


@router.post(
    "/demarches/{reference}/seances/nouvelle", openapi_extra=again("/demarches/{reference}/seances/nouvelle") | CREATES
)
async def plan_plenary(screen: Acting, db: Db, reference: str, form: Filled) -> Response:
    """A plenary."""
    initiative = await get_initiative(db, screen.actor, reference)
    made = await actions.plan(db, screen.actor, read(SessionDraft, form, initiative_id=initiative.id, space_id=None))
    return screen.see(f"/seances/{made.id}", said="session-planned")


@router.get("/seances/{session_id}/modifier")
async def change(screen: Looking, read: Read, session_id: UUID) -> Response:
    """The same form, for a session that stands."""
    screen.require_signed_in()
    card = await get_card(read, screen.actor, session_id)
    require(screen.actor, Action.SESSION_EDIT, card)
    home = f"/seances/{card.id}"
    crumb = [Entry(card.title, home), Entry(gettext("Modifier"), "")]
    return await _form(screen, f"{home}/modifier", home, crumb, card.initiative_id, card=card)


@router.post("/seances/{session_id}/modifier", openapi_extra=again("/seances/{session_id}/modifier"))
async def edit(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """Its title, its times, its place."""
    patch = read(SessionPatch, form, **emptied(form, "place", "url"))
    await actions.edit(db, screen.actor, session_id, patch, written_on(form))
    return screen.see(f"/seances/{session_id}", said="session-edited")


async def _form(
    screen: Looking,
    action: str,
    back: str,
    crumb: list[Entry],
    initiative_id: UUID,
    space: str = "",
    card: SessionRow | None = None,
) -> Response:
    known: dict[str, Any] = {"timezone": ZONES[0]}
    zones = list(ZONES)
    if card is not None:
        zone = ZoneInfo(card.timezone)
        known = {
            "title": card.title,
            "starts_at": f"{card.starts_at.astimezone(zone):%Y-%m-%dT%H:%M}",
            "ends_at": f"{card.ends_at.astimezone(zone):%Y-%m-%dT%H:%M}",
            "timezone": card.timezone,
            "place": card.place,
            "url": card.url,
        }
        zones += [card.timezone] if card.timezone not in zones else []
    return await screen.show(
        "session/plan.html",
        action=action,
        back=back,
        crumb=crumb,
        initiative_id=initiative_id,
        space=space,
        card=card,
        form=screen.form(**known),
        zones=[(zone, zone.rpartition("/")[2].replace("_", " ")) for zone in zones],
    )
