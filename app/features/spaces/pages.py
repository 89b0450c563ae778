"""Asking to be let into a space, and answering."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from app.features.spaces.actions import requests as actions
from app.features.spaces.queries import get_space, list_requests
from app.features.spaces.schemas import AccessAnswer, AccessWish
from app.policy.actions import Action
from app.policy.decide import require
from app.web.deps import Db, Read
from app.web.forms import Filled, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting, Looking

router = page_router()
REQUESTS = "/espaces/{space_id}/demandes"


@router.post("/demandes-acces", openapi_extra=CREATES)
async def ask(screen: Acting, db: Db, form: Filled) -> Response:
    """Ask those who run a space, of which one reads the card, to be let in."""
    made = await actions.ask(db, screen.actor, read(AccessWish, form))
    return screen.see(f"/demarches/{made.initiative_id}", said="access-asked")


@router.get(REQUESTS)
async def requests(screen: Looking, read_: Read, space_id: UUID) -> Response:
    """Who asks, for those who run the space."""
    screen.require_signed_in()
    space = await get_space(read_, screen.actor, space_id)
    require(screen.actor, Action.SPACE_EDIT, space)
    found = await list_requests(read_, screen.actor, space_id)
    return await screen.show("spaces/requests.html", space=space, requests=found, form=screen.form())


@router.post(f"{REQUESTS}/{{request_id}}", openapi_extra=again(REQUESTS))
async def answer(screen: Acting, db: Db, form: Filled, space_id: UUID, request_id: UUID) -> Response:
    """Let an organisation in, or not this time."""
    made = await actions.answer(db, screen.actor, space_id, request_id, read(AccessAnswer, form))
    return screen.see(REQUESTS.format(space_id=space_id), said="access-granted" if made.granted else "access-declined")
