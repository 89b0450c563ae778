"""One reply by its own address: read, edited, withdrawn, moderated."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import Forbidden, NotFound, PreconditionFailed, PreconditionRequired, WrongState
from app.core.paging import LIMIT
from app.core.schema import Listing
from app.features.initiatives.queries import InitiativeArchived
from app.features.statements import schemas
from app.features.statements.actions import change, opinions
from app.features.statements.api.answers import CLOSED, SOURCES, Revision, answer, written
from app.features.statements.models import StatementType
from app.features.statements.queries import detail
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Cursor, Db, IfMatch, Limit, Read

router = api_router("replies")
REPLY = StatementType.REPLY
CHANGED = problems(Forbidden, PreconditionFailed, PreconditionRequired, WrongState, InitiativeArchived)


@router.get("/replies/{reply_id}", response_model=schemas.StatementFull, responses=problems(NotFound))
async def show(request: Request, reply_id: UUID, actor: Caller, read: Read) -> Response:
    """One reply, whole."""
    body = await detail.get_statement(read, actor, reply_id, REPLY)
    await read.release()
    return answer(request, body)


@router.get("/replies/{reply_id}/revisions", response_model=Listing[schemas.RevisionOut])
async def list_revisions(
    request: Request, reply_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """Every revision that you may read, oldest first."""
    page = await detail.list_revisions(read, actor, reply_id, cursor, limit, REPLY)
    await read.release()
    return respond.page(request, Listing[schemas.RevisionOut], page)


@router.patch("/replies/{reply_id}", response_model=schemas.StatementFull, responses=CHANGED)
async def edit(
    request: Request, reply_id: UUID, patch: schemas.StatementPatch, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Change your reply."""
    await change.edit(db, actor, REPLY, reply_id, patch, expected)
    return await written(request, db, actor, reply_id)


@router.post("/replies/{reply_id}/withdraw", response_model=schemas.StatementFull, responses=CHANGED)
async def withdraw(
    request: Request, reply_id: UUID, body: schemas.Withdrawal, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Take a reply back."""
    await change.withdraw(db, actor, REPLY, reply_id, body, expected)
    return await written(request, db, actor, reply_id)


@router.post("/replies/{reply_id}/moderate", response_model=schemas.StatementFull, responses=CHANGED)
async def moderate(
    request: Request, reply_id: UUID, body: schemas.Moderation, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Hide a reply, with a public reason (facilitators and co-pilots)."""
    await change.moderate(db, actor, REPLY, reply_id, body, expected)
    return await written(request, db, actor, reply_id)


@router.post("/replies/{reply_id}/restore", response_model=schemas.StatementFull, responses=CHANGED)
async def restore(request: Request, reply_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Show a moderated reply again."""
    await change.restore(db, actor, REPLY, reply_id, expected)
    return await written(request, db, actor, reply_id)


@router.get("/replies/{reply_id}/differences", response_model=schemas.DifferencesOut)
async def differences(
    request: Request, reply_id: UUID, before: Revision, after: Revision, actor: Caller, read: Read
) -> Response:
    """What changed between two revisions, word by word."""
    return respond.plain(request, await detail.compare(read, actor, reply_id, before, after, REPLY))


@router.get("/replies/{reply_id}/sources", response_model=Listing[schemas.SourceOut])
async def list_sources(
    request: Request, reply_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """Documents that the reply leans on."""
    page = await detail.list_sources(read, actor, reply_id, cursor, limit, REPLY)
    await read.release()
    return respond.page(request, SOURCES, page)


@router.post(
    "/replies/{reply_id}/sources",
    status_code=201,
    response_model=schemas.SourceOut,
    responses=problems(Forbidden, WrongState, *CLOSED),
)
async def add_source(request: Request, reply_id: UUID, draft: schemas.SourceDraft, actor: Writer, db: Db) -> Response:
    """Add a document."""
    source = await opinions.add_source(db, actor, REPLY, reply_id, draft)
    location = f"/api/v1/replies/{reply_id}/sources"
    return respond.item(request, schemas.SourceOut.model_validate(source), version=1, status=201, location=location)


@router.delete("/replies/{reply_id}/sources/{source_id}", status_code=204)
async def remove_source(reply_id: UUID, source_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take a document off."""
    await opinions.remove_source(db, actor, REPLY, reply_id, source_id, expected)
    return Response(status_code=204)
