"""Editions: publish, list, compare, withdraw."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import Forbidden, Invalid, NotFound, PreconditionFailed, PreconditionRequired, WrongState
from app.core.paging import LIMIT
from app.core.schema import Listing
from app.features.editions import schemas
from app.features.editions.actions import publish as actions
from app.features.editions.queries import differences as compared
from app.features.editions.queries import shelf
from app.features.initiatives.queries import InitiativeArchived
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Cursor, Db, IfMatch, Limit, Read

router = api_router("editions")
CHANGED = (Forbidden, NotFound, PreconditionFailed, PreconditionRequired)


@router.get("/editions", response_model=Listing[schemas.EditionOut])
async def list_editions(
    request: Request,
    actor: Caller,
    read: Read,
    initiative_id: UUID | None = None,
    deliverable_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Response:
    """What was published, newest first; public."""
    page = await shelf.list_editions(
        read, actor, initiative_id=initiative_id, deliverable_id=deliverable_id, cursor=cursor, limit=limit
    )
    await read.release()
    return respond.page(request, Listing[schemas.EditionOut], page)


@router.post(
    "/deliverables/{deliverable_id}/editions",
    status_code=201,
    response_model=schemas.EditionFull,
    responses=problems(*CHANGED, WrongState, InitiativeArchived, actions.PublicationRefused, actions.CutoffAhead),
)
async def publish(
    request: Request, deliverable_id: UUID, draft: schemas.EditionDraft, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Publish the next edition of a deliverable; refused, with the lists, while something waits for a decision."""
    edition = await actions.publish(db, actor, deliverable_id, draft, expected)
    body = await shelf.get_edition(db, actor, edition.id)
    location = f"/api/v1/editions/{edition.id}"
    return respond.item(request, body, version=body.version, status=201, location=location)


@router.get("/editions/{edition_id}", response_model=schemas.EditionFull, responses=problems(NotFound))
async def show(request: Request, edition_id: UUID, actor: Caller, read: Read) -> Response:
    """An edition: its hashes, its files, whether it was withdrawn; public."""
    body = await shelf.get_edition(read, actor, edition_id)
    await read.release()
    return respond.item(request, body, version=body.version)


@router.post(
    "/editions/{edition_id}/withdraw",
    response_model=schemas.EditionFull,
    responses=problems(*CHANGED, actions.AlreadyWithdrawn),
)
async def withdraw(
    request: Request,
    edition_id: UUID,
    body: schemas.EditionWithdrawalDraft,
    expected: IfMatch,
    actor: Writer,
    db: Db,
) -> Response:
    """Take an edition off the shelf (co-pilots): its bytes are no longer served to others, its card says why."""
    await actions.withdraw(db, actor, edition_id, body, expected)
    full = await shelf.get_edition(db, actor, edition_id)
    return respond.item(request, full, version=full.version)


@router.get(
    "/editions/{edition_id}/differences",
    response_model=schemas.EditionDifferences,
    responses=problems(NotFound, shelf.EditionWithdrawn, Invalid),
)
async def differences(request: Request, edition_id: UUID, since: UUID, actor: Caller, read: Read) -> Response:
    """What changed since another edition of the same deliverable, passage by passage."""
    body = await compared.get_differences(read, actor, edition_id, since)
    return respond.plain(request, body)
