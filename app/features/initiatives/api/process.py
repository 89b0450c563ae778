"""`/initiatives` themselves."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from app.core.db import Handle, Reader
from app.core.schema import Listing
from app.features.initiatives import actions, queries
from app.features.initiatives.api.rights import ADDING, EDITING, MOVING, READING, editing
from app.features.initiatives.models import InitiativeState
from app.features.initiatives.schemas import (
    InitiativeCard,
    InitiativeDraft,
    InitiativeOut,
    InitiativePatch,
    MilestoneOut,
    PhaseOut,
    TermOut,
)
from app.policy.actor import Actor
from app.policy.decide import abilities
from app.web import respond
from app.web.api import PREFIX, api_router
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read
from app.web.objects import page, shape

router = api_router("initiatives")


@router.get("/initiatives", response_model=Listing[InitiativeCard])
async def list_initiatives(
    request: Request,
    actor: Caller,
    read: Read,
    state: InitiativeState | None = None,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Response:
    """The initiatives that you may read; visitors see those that have something public."""
    found = await queries.list_initiatives(read, actor, state=state, cursor=cursor, limit=limit)
    await read.release()
    items = (shape(InitiativeCard, row, abilities(actor, row, "initiative")) for row in found.items)
    return page(request, Listing[InitiativeCard], found, items)


@router.post("/initiatives", response_model=InitiativeOut, status_code=201, responses=ADDING)
async def create_initiative(request: Request, body: InitiativeDraft, actor: Writer, db: Db) -> Response:
    """Begin an initiative (administrators)."""
    initiative = await actions.create(db, actor, body)
    return await _answer(request, db, actor, str(initiative.id), status=201)


@router.get("/initiatives/{reference}", response_model=InitiativeOut, responses=READING)
async def get_initiative(request: Request, reference: str, actor: Caller, read: Read) -> Response:
    """One initiative, by id or short name, with its dates, its organisations and its words."""
    return await _answer(request, read, actor, reference)


@router.patch("/initiatives/{reference}", response_model=InitiativeOut, responses=EDITING)
async def edit_initiative(
    request: Request, reference: str, body: InitiativePatch, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Change its texts and dates."""
    initiative = await actions.edit(db, actor, reference, body, expected)
    return await _answer(request, db, actor, str(initiative.id))


@router.post("/initiatives/{reference}/open", response_model=InitiativeOut, responses=MOVING)
async def open_initiative(request: Request, reference: str, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Let organisations contribute."""
    initiative = await actions.reopen(db, actor, reference, expected)
    return await _answer(request, db, actor, str(initiative.id))


@router.post("/initiatives/{reference}/close", response_model=InitiativeOut, responses=MOVING)
async def close_initiative(request: Request, reference: str, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take no new contribution; treatments, reviews and editions go on."""
    initiative = await actions.close(db, actor, reference, expected)
    return await _answer(request, db, actor, str(initiative.id))


@router.post("/initiatives/{reference}/archive", response_model=InitiativeOut, responses=MOVING)
async def archive_initiative(request: Request, reference: str, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Keep a closed initiative to be read; nothing in it changes any more."""
    initiative = await actions.archive(db, actor, reference, expected)
    return await _answer(request, db, actor, str(initiative.id))


async def _answer(request: Request, handle: Handle, actor: Actor, reference: str, status: int = 200) -> Response:
    """The whole initiative, read on the handle of the request."""
    found = await queries.get_initiative(handle, actor, reference)
    if isinstance(handle, Reader):
        await handle.release()
    card = shape(InitiativeCard, found.card, abilities(actor, found.card, "initiative"))
    edit: dict[str, Any] = {"abilities": editing(actor, found.card)}
    body = InitiativeOut(
        **card.model_dump(),
        phases=[PhaseOut(**row | edit) for row in found.phases],
        milestones=[MilestoneOut(**row | edit) for row in found.milestones],
        participations=found.participations,
        copilots=found.copilots,
        terms=[TermOut(**row | edit) for row in found.terms],
    )
    location = f"{PREFIX}/initiatives/{card.id}" if status == 201 else ""
    return respond.item(request, body, version=card.version, status=status, location=location)
