"""Accounts, for administrators; for anybody else these addresses have nothing behind them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.core.errors import NotFound, PreconditionFailed, PreconditionRequired, WrongState
from app.core.paging import Page
from app.core.schema import Listing
from app.core.text import SearchText
from app.features.identity.actions import accounts
from app.features.identity.actions.accounts import LastAdministrator
from app.features.identity.queries import people
from app.features.identity.queries.people import PersonRow
from app.features.identity.schemas.people import PersonOut
from app.policy.actor import Actor
from app.policy.decide import abilities
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read

router = api_router("accounts")
LISTING = Listing[PersonOut]
COLUMNS = tuple(name for name in PersonOut.model_fields if name != "abilities")
CHANGES = problems(NotFound, WrongState, LastAdministrator, PreconditionFailed, PreconditionRequired)


def _out(row: PersonRow, actor: Actor) -> PersonOut:
    values = {name: getattr(row, name) for name in COLUMNS}
    return PersonOut.model_validate(values | {"abilities": abilities(actor, row, "person")})


def _answer(request: Request, row: PersonRow, actor: Actor) -> Response:
    body = _out(row, actor)
    return respond.item(request, body, version=row.version)


@router.get("/persons", response_model=Listing[PersonOut])
async def list_persons(
    request: Request,
    actor: Caller,
    read: Read,
    q: Annotated[SearchText | None, Query(description="How the name or the address begins.")] = None,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Accounts by name."""
    page = await people.list_persons(read, actor, q=q, limit=limit, cursor=cursor)
    await read.release()
    return respond.page(request, LISTING, Page([_out(row, actor) for row in page.items], page.next_cursor))


@router.get("/persons/{person_id}", response_model=PersonOut, responses=problems(NotFound))
async def get_person(request: Request, person_id: UUID, actor: Caller, read: Read) -> Response:
    """One account."""
    row = await people.get_person(read, actor, person_id)
    await read.release()
    return _answer(request, row, actor)


@router.post("/persons/{person_id}/disable", response_model=PersonOut, responses=CHANGES)
async def disable(request: Request, person_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Close an account: its logins and personal tokens end at once."""
    await accounts.disable(db, actor, person_id, expected)
    return _answer(request, await people.get_person(db, actor, person_id), actor)


@router.post("/persons/{person_id}/enable", response_model=PersonOut, responses=CHANGES)
async def enable(request: Request, person_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Open a disabled account again."""
    await accounts.enable(db, actor, person_id, expected)
    return _answer(request, await people.get_person(db, actor, person_id), actor)
