"""Organisations."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from app.core.errors import Conflict, Forbidden, NotFound, PreconditionFailed, PreconditionRequired
from app.core.paging import Page
from app.core.schema import Listing
from app.core.text import SearchText
from app.features.identity.actions import organisations as actions
from app.features.identity.actions.organisations import ForAdministrators
from app.features.identity.models import Family, Organisation, Profile, Scale
from app.features.identity.queries import organisations as queries
from app.features.identity.queries.organisations import OrganisationFilters, OrganisationRow
from app.features.identity.schemas.organisations import (
    InitiativeName,
    OrganisationChange,
    OrganisationIn,
    OrganisationOut,
    OrganisationPage,
    ParticipationOut,
    Sdg,
    Territory,
)
from app.policy.actor import Actor
from app.policy.decide import abilities
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read

router = api_router("organisations")
LISTING = Listing[OrganisationOut]
COLUMNS = tuple(name for name in OrganisationOut.model_fields if name != "abilities")


def _out(row: OrganisationRow | Organisation, actor: Actor) -> OrganisationOut:
    values = {name: getattr(row, name) for name in COLUMNS}
    return OrganisationOut.model_validate(values | {"abilities": abilities(actor, row, "organisation")})


def get_filters(
    profile: Profile | None = None,
    family: Family | None = None,
    scale: Scale | None = None,
    territory: Annotated[Territory | None, Query(description="Acts there, or somewhere inside: `REG-84`.")] = None,
    sdg: Annotated[Sdg | None, Query(description="Works for this Sustainable Development Goal.")] = None,
    initiative_id: Annotated[UUID | None, Query(description="Takes part in this initiative now.")] = None,
    q: Annotated[SearchText | None, Query(description="How the name or the acronym begins.")] = None,
) -> OrganisationFilters:
    """What a list of organisations is narrowed to."""
    return OrganisationFilters(profile, family, scale, territory, sdg, initiative_id, q)


@router.get("/organisations", response_model=Listing[OrganisationOut])
async def list_organisations(
    request: Request,
    actor: Caller,
    read: Read,
    filters: Annotated[OrganisationFilters, Depends(get_filters)],
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Organisations by name."""
    page = await queries.list_organisations(read, actor, filters, limit=limit, cursor=cursor)
    await read.release()
    return respond.page(request, LISTING, Page([_out(row, actor) for row in page.items], page.next_cursor))


@router.post("/organisations", status_code=201, response_model=OrganisationOut, responses=problems(Forbidden, Conflict))
async def create_organisation(request: Request, said: OrganisationIn, actor: Writer, db: Db) -> Response:
    """Make an organisation (administrators)."""
    made = await actions.create(db, actor, said)
    body = _out(made, actor)
    return respond.item(
        request,
        body,
        version=made.version,
        status=201,
        location=f"/api/v1/organisations/{made.id}",
    )


@router.get("/organisations/{organisation_id}", response_model=OrganisationPage, responses=problems(NotFound))
async def get_organisation(request: Request, organisation_id: UUID, actor: Caller, read: Read) -> Response:
    """One organisation, and where it takes part as far as the caller may see."""
    row = await queries.get_organisation(read, actor, organisation_id)
    seats = await queries.list_participations(read, actor, organisation_id)
    await read.release()
    named = [ParticipationOut(initiative=InitiativeName(id=s.initiative_id, title=s.title), role=s.role) for s in seats]
    body = OrganisationPage(**_out(row, actor).model_dump(), participations=named)
    return respond.item(request, body, version=row.version)


@router.patch(
    "/organisations/{organisation_id}",
    response_model=OrganisationOut,
    responses=problems(NotFound, Forbidden, ForAdministrators, Conflict, PreconditionFailed, PreconditionRequired),
)
async def edit_organisation(
    request: Request, organisation_id: UUID, said: OrganisationChange, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Change what describes an organisation (those who manage it, and administrators; its profile and family, administrators alone)."""
    changed = await actions.edit(db, actor, organisation_id, expected, said)
    body = _out(changed, actor)
    return respond.item(request, body, version=changed.version)
