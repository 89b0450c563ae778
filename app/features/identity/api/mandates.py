"""Mandates."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from app.core.errors import Forbidden, NotFound, PreconditionFailed, PreconditionRequired
from app.core.paging import Page
from app.core.schema import Listing
from app.features.identity.actions import mandates as actions
from app.features.identity.actions.mandates import (
    AdministratorWithoutMandate,
    LastToManage,
    MandateEnded,
    OutsideYourMandate,
)
from app.features.identity.queries import mandates as queries
from app.features.identity.queries.mandates import MandateFilters, MandateRow
from app.features.identity.schemas.organisations import InitiativeName, OrganisationName
from app.features.identity.schemas.people import MandateChange, MandateIn, MandateOut, PersonName
from app.policy.actor import Actor
from app.policy.decide import abilities
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read
from app.web.idempotency import CREATES

router = api_router("mandates")
LISTING = Listing[MandateOut]
PLAIN = (
    "id",
    "initiative_id",
    "powers",
    "starts_at",
    "ends_at",
    "running",
    "given_by",
    "ended_by",
    "version",
)


def _out(row: MandateRow, actor: Actor) -> MandateOut:
    initiative = None
    if row.initiative_id is not None and row.initiative is not None:
        initiative = InitiativeName(id=row.initiative_id, title=row.initiative)
    return MandateOut(
        **{name: getattr(row, name) for name in PLAIN},
        person=PersonName(id=row.person_id, name=row.person, email=row.email),
        organisation=OrganisationName(id=row.organisation_id, name=row.organisation),
        initiative=initiative,
        abilities=abilities(actor, row, "mandate") if row.ended_by is None else [],
    )


def get_filters(
    actor: Caller,
    organisation_id: UUID | None = None,
    initiative_id: Annotated[UUID | None, Query(description="Worth something in this initiative.")] = None,
    person_id: Annotated[Literal["me"] | UUID | None, Query(description="`me`, or somebody's id.")] = None,
    running: Annotated[bool | None, Query(description="Running now, or not.")] = None,
) -> MandateFilters:
    """What a list of mandates is narrowed to."""
    return MandateFilters(organisation_id, initiative_id, actor.person_id if person_id == "me" else person_id, running)


@router.get("/mandates", response_model=Listing[MandateOut])
async def list_mandates(
    request: Request,
    actor: Caller,
    read: Read,
    filters: Annotated[MandateFilters, Depends(get_filters)],
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Response:
    """One's own mandates and those of one's organisations, the newest first; all of them for an administrator."""
    page = await queries.list_mandates(read, actor, filters, limit=limit, cursor=cursor)
    await read.release()
    return respond.page(request, LISTING, Page([_out(row, actor) for row in page.items], page.next_cursor))


@router.get("/mandates/{mandate_id}", response_model=MandateOut, responses=problems(NotFound))
async def get_mandate(request: Request, mandate_id: UUID, actor: Caller, read: Read) -> Response:
    """One mandate."""
    row = await queries.get_mandate(read, actor, mandate_id)
    await read.release()
    body = _out(row, actor)
    return respond.item(request, body, version=row.version)


@router.post(
    "/mandates",
    status_code=201,
    response_model=MandateOut,
    responses=problems(Forbidden, OutsideYourMandate, AdministratorWithoutMandate),
)
async def give_mandate(request: Request, said: MandateIn, actor: Writer, db: Db) -> Response:
    """Give a mandate to somebody whom the organisation knows already (those who manage its people)."""
    made = await actions.give(db, actor, said)
    row = await queries.get_mandate(db, actor, made.id)
    body = _out(row, actor)
    location = f"/api/v1/mandates/{made.id}"
    return respond.item(request, body, version=row.version, status=201, location=location)


@router.post(
    "/mandates/{mandate_id}/end",
    response_model=MandateOut,
    responses=problems(NotFound, Forbidden, LastToManage, MandateEnded, PreconditionFailed, PreconditionRequired),
)
async def end_mandate(request: Request, mandate_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """End a mandate now."""
    await actions.end(db, actor, mandate_id, expected)
    row = await queries.get_mandate(db, actor, mandate_id)
    body = _out(row, actor)
    return respond.item(request, body, version=row.version)


@router.post(
    "/mandates/{mandate_id}/resign",
    response_model=MandateOut,
    responses=problems(NotFound, Forbidden, LastToManage, MandateEnded, PreconditionFailed, PreconditionRequired),
)
async def resign_mandate(request: Request, mandate_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """End one's own mandate now; what was done under it stays as it was done."""
    await actions.resign(db, actor, mandate_id, expected)
    row = await queries.get_mandate(db, actor, mandate_id)
    body = _out(row, actor)
    return respond.item(request, body, version=row.version)


@router.post(
    "/mandates/{mandate_id}/change",
    openapi_extra=CREATES,
    response_model=MandateOut,
    responses=problems(NotFound, Forbidden, LastToManage, MandateEnded, PreconditionFailed, PreconditionRequired),
)
async def change_mandate(
    request: Request, mandate_id: UUID, said: MandateChange, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """End a mandate and open the one that takes its place; answers the new one, with its address in `Location`."""
    made = await actions.change(db, actor, mandate_id, expected, said)
    row = await queries.get_mandate(db, actor, made.id)
    body = _out(row, actor)
    location = f"/api/v1/mandates/{made.id}"
    return respond.item(request, body, version=row.version, location=location)
