"""`/initiatives/{id}/access-grants`: administrators let in, for an hour and a reason."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.changes import AlreadyEnded
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.schema import Listing
from app.features.initiatives import actions, queries
from app.features.initiatives.actions.access import AccessAlreadyOpen
from app.features.initiatives.api.rights import READING
from app.features.initiatives.schemas import AccessGrantDraft, AccessGrantOut
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import allowed
from app.web import respond
from app.web.api import PREFIX, api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, Limit, Read
from app.web.objects import page, shape

router = api_router("initiatives")


@router.get("/initiatives/{reference}/access-grants", response_model=Listing[AccessGrantOut], responses=READING)
async def list_access_grants(
    request: Request, reference: str, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """Who, among administrators, was let in, when and why: for co-pilots and administrators; empty for others."""
    card = await queries.get_card(read, actor, reference)
    found = await queries.list_grants(read, actor, card.id, cursor=cursor, limit=limit)
    await read.release()
    return page(request, Listing[AccessGrantOut], found, (_shown(actor, row) for row in found.items))


@router.post(
    "/initiatives/{reference}/access-grants",
    response_model=AccessGrantOut,
    status_code=201,
    responses=problems(NotFound, Forbidden, AccessAlreadyOpen, Invalid),
)
async def open_access(request: Request, reference: str, body: AccessGrantDraft, actor: Writer, db: Db) -> Response:
    """Let yourself, an administrator, read restricted content for an hour, for a reason that the co-pilots see."""
    made = await actions.open_access(db, actor, reference, body)
    return _answer(request, actor, await queries.get_grant(db, actor, made.id), status=201)


@router.get("/access-grants/{grant_id}", response_model=AccessGrantOut, responses=READING)
async def get_access(request: Request, grant_id: UUID, actor: Caller, read: Read) -> Response:
    """An administrator's access, for co-pilots and administrators."""
    row = await queries.get_grant(read, actor, grant_id)
    await read.release()
    return _answer(request, actor, row)


@router.post(
    "/access-grants/{grant_id}/end",
    response_model=AccessGrantOut,
    responses=problems(NotFound, Forbidden, AlreadyEnded),
)
async def end_access(request: Request, grant_id: UUID, actor: Writer, db: Db) -> Response:
    """Close an access before its hour is over."""
    await actions.end_access(db, actor, grant_id)
    return _answer(request, actor, await queries.get_grant(db, actor, grant_id))


def _shown(actor: Actor, row: queries.GrantRow) -> AccessGrantOut:
    ending = row.running and allowed(actor, Action.ACCESS_OPEN, row)
    return shape(AccessGrantOut, row, [Action.ACCESS_OPEN.value] if ending else [])


def _answer(request: Request, actor: Actor, row: queries.GrantRow, status: int = 200) -> Response:
    location = f"{PREFIX}/access-grants/{row.id}" if status == 201 else ""
    return respond.item(request, _shown(actor, row), version=1, status=status, location=location)
