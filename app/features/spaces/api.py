"""`/spaces`, their member organisations and their facilitators."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.core.changes import AlreadyEnded
from app.core.db import Handle, Reader
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, PreconditionRequired, WrongState
from app.core.schema import Listing
from app.features.initiatives.queries import InitiativeArchived
from app.features.spaces import actions, queries
from app.features.spaces.models import SpaceState
from app.features.spaces.schemas import (
    FacilitatorDraft,
    FacilitatorOut,
    MemberDraft,
    MemberOut,
    SpaceCard,
    SpaceDraft,
    SpaceOut,
    SpacePatch,
)
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import abilities, allowed
from app.web import respond
from app.web.api import PREFIX, api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read
from app.web.objects import page, shape

router = api_router("spaces")
ROUTERS = (router,)

READING = problems(NotFound)
ADDING = problems(NotFound, Forbidden, Conflict, InitiativeArchived, Invalid)
ENDING = problems(NotFound, Forbidden, AlreadyEnded, InitiativeArchived)
EDITING = problems(NotFound, Forbidden, InitiativeArchived, PreconditionFailed, Invalid, PreconditionRequired)
MOVING = problems(NotFound, Forbidden, WrongState, InitiativeArchived, PreconditionFailed, PreconditionRequired)

EDITED = [Action.SPACE_EDIT.value]
Running = Annotated[bool, Query(description="Only those of today; false for those who left too.")]


@router.get("/spaces", response_model=Listing[SpaceCard])
async def list_spaces(
    request: Request,
    actor: Caller,
    read: Read,
    initiative_id: UUID | None = None,
    state: SpaceState | None = None,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Response:
    """The spaces that you may read, by number."""
    found = await queries.list_spaces(read, actor, initiative_id=initiative_id, state=state, cursor=cursor, limit=limit)
    await read.release()
    items = (shape(SpaceCard, row, abilities(actor, row, "space")) for row in found.items)
    return page(request, Listing[SpaceCard], found, items)


@router.post("/spaces", response_model=SpaceOut, status_code=201, responses=problems(Forbidden, Conflict, Invalid))
async def create_space(request: Request, body: SpaceDraft, actor: Writer, db: Db) -> Response:
    """Open a space in an initiative that you co-pilot."""
    space = await actions.create(db, actor, body)
    row = await queries.get_made(db, space.id)
    location = f"{PREFIX}/spaces/{row.id}"
    return respond.item(request, _whole(actor, row, []), version=row.version, status=201, location=location)


@router.get("/spaces/{space_id}", response_model=SpaceOut, responses=READING)
async def get_space(request: Request, space_id: UUID, actor: Caller, read: Read) -> Response:
    """One space; its facilitators are named inside it, and counted outside."""
    return await _answer(request, read, actor, space_id)


@router.patch("/spaces/{space_id}", response_model=SpaceOut, responses=EDITING)
async def edit_space(
    request: Request, space_id: UUID, body: SpacePatch, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Change its texts, or who may read it."""
    await actions.edit(db, actor, space_id, body, expected)
    return await _answer(request, db, actor, space_id)


@router.post("/spaces/{space_id}/close", response_model=SpaceOut, responses=MOVING)
async def close_space(request: Request, space_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take no more contributions."""
    await actions.close(db, actor, space_id, expected)
    return await _answer(request, db, actor, space_id)


@router.post("/spaces/{space_id}/reopen", response_model=SpaceOut, responses=MOVING)
async def reopen_space(request: Request, space_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take contributions again."""
    await actions.reopen(db, actor, space_id, expected)
    return await _answer(request, db, actor, space_id)


@router.get("/spaces/{space_id}/members", response_model=Listing[MemberOut], responses=READING)
async def list_members(
    request: Request,
    space_id: UUID,
    actor: Caller,
    read: Read,
    running: Running = True,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Response:
    """The member organisations, by name."""
    space = await queries.get_space(read, actor, space_id)
    found = await queries.list_members(read, space.id, running=running, cursor=cursor, limit=limit)
    await read.release()
    items = (shape(MemberOut, row, _editing(actor, space, row.until)) for row in found.items)
    return page(request, Listing[MemberOut], found, items)


@router.post("/spaces/{space_id}/members", response_model=MemberOut, status_code=201, responses=ADDING)
async def add_member(request: Request, space_id: UUID, body: MemberDraft, actor: Writer, db: Db) -> Response:
    """Let an organisation of the initiative into the space."""
    member = await actions.add_member(db, actor, space_id, body)
    row = await queries.get_member(db, member.id)
    location = f"{PREFIX}/spaces/{space_id}/members"
    return respond.item(request, shape(MemberOut, row, EDITED), version=1, status=201, location=location)


@router.post("/spaces/{space_id}/members/{organisation_id}/end", response_model=MemberOut, responses=ENDING)
async def end_member(request: Request, space_id: UUID, organisation_id: UUID, actor: Writer, db: Db) -> Response:
    """Let an organisation leave the space."""
    member = await actions.end_member(db, actor, space_id, organisation_id)
    return respond.item(request, shape(MemberOut, await queries.get_member(db, member.id)), version=1)


@router.get(
    "/spaces/{space_id}/facilitators",
    response_model=Listing[FacilitatorOut],
    responses=problems(NotFound, Forbidden),
)
async def list_facilitators(
    request: Request,
    space_id: UUID,
    actor: Caller,
    read: Read,
    running: Running = True,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Who runs the space, the latest first; for its readers inside."""
    space = await queries.get_space(read, actor, space_id)
    found = await queries.list_facilitators(read, actor, space.id, running=running, cursor=cursor, limit=limit)
    await read.release()
    items = (shape(FacilitatorOut, row, _editing(actor, space, row.until)) for row in found.items)
    return page(request, Listing[FacilitatorOut], found, items)


@router.post("/spaces/{space_id}/facilitators", response_model=FacilitatorOut, status_code=201, responses=ADDING)
async def add_facilitator(request: Request, space_id: UUID, body: FacilitatorDraft, actor: Writer, db: Db) -> Response:
    """Let somebody run the space."""
    made = await actions.add_facilitator(db, actor, space_id, body)
    row = await queries.get_facilitator(db, made.id)
    location = f"{PREFIX}/spaces/{space_id}/facilitators"
    return respond.item(request, shape(FacilitatorOut, row, EDITED), version=1, status=201, location=location)


@router.post("/spaces/{space_id}/facilitators/{person_id}/end", response_model=FacilitatorOut, responses=ENDING)
async def end_facilitator(request: Request, space_id: UUID, person_id: UUID, actor: Writer, db: Db) -> Response:
    """End somebody's assignment."""
    ended = await actions.end_facilitator(db, actor, space_id, person_id)
    return respond.item(request, shape(FacilitatorOut, await queries.get_facilitator(db, ended.id)), version=1)


def _editing(actor: Actor, space: queries.SpaceRow, until: object) -> list[str]:
    return EDITED if until is None and allowed(actor, Action.SPACE_EDIT, space) else []


def _whole(actor: Actor, row: queries.SpaceRow, named: list[queries.FacilitatorRow]) -> SpaceOut:
    can = _editing(actor, row, None)
    card = shape(SpaceCard, row, abilities(actor, row, "space"))
    return SpaceOut(
        **card.model_dump(),
        summary=row.summary,
        facilitators_count=row.facilitators_count,
        facilitators=[shape(FacilitatorOut, person, can) for person in named],
    )


async def _answer(request: Request, handle: Handle, actor: Actor, space_id: UUID) -> Response:
    row = await queries.get_space(handle, actor, space_id)
    named = await queries.named_facilitators(handle, actor, space_id)
    if isinstance(handle, Reader):
        await handle.release()
    return respond.item(request, _whole(actor, row, named), version=row.version)
