"""Contributions, and what is said about each."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict

from app.core.errors import Forbidden, NotFound, PreconditionFailed, PreconditionRequired, WrongState
from app.core.paging import LIMIT
from app.core.schema import Instant, Listing
from app.core.text import Code
from app.features.initiatives.queries import InitiativeArchived
from app.features.statements import schemas
from app.features.statements.actions import change, opinions, submit
from app.features.statements.api.answers import CLOSED, POSITIONS, SOURCES, SUMMARIES, Revision, answer, written
from app.features.statements.models import Kind, StatementState, StatementType
from app.features.statements.queries import detail, feed
from app.features.statements.queries.shape import full
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Cursor, Db, IfMatch, Limit, Read

router = api_router("contributions")
CONTRIBUTION = StatementType.CONTRIBUTION
CHANGED = (PreconditionFailed, PreconditionRequired, WrongState, InitiativeArchived)


class ContributionFilters(BaseModel):
    """What the list is narrowed to."""

    model_config = ConfigDict(extra="forbid")

    initiative_id: UUID | None = None
    space_id: UUID | None = None
    organisation_id: UUID | None = None
    session_id: UUID | None = None
    kind: Kind | None = None
    tag: Code | None = None
    state: StatementState = StatementState.PUBLISHED
    mine: bool = False
    since: Instant | None = None
    until: Instant | None = None
    cursor: Cursor = None
    limit: Limit = LIMIT

    def narrowing(self) -> feed.Filters:
        """The same, for the query."""
        return feed.Filters(**self.model_dump(exclude={"cursor", "limit"}))


@router.get("/contributions", response_model=Listing[schemas.StatementSummary])
async def list_contributions(
    request: Request,
    actor: Caller,
    read: Read,
    filters: Annotated[ContributionFilters, Query()],
) -> Response:
    """Contributions that you may read, newest first; `state=draft` lists your own drafts."""
    page = await feed.list_contributions(read, actor, filters.narrowing(), filters.cursor, filters.limit)
    await read.release()
    return respond.page(request, SUMMARIES, page)


@router.post(
    "/contributions", status_code=201, response_model=schemas.StatementFull, responses=problems(Forbidden, *CLOSED)
)
async def create(request: Request, draft: schemas.ContributionDraft, actor: Writer, db: Db) -> Response:
    """Post a contribution in your organisation's name."""
    row = await submit.submit(db, actor, draft)
    return answer(request, full(actor, row), status=201)


@router.get("/contributions/{contribution_id}", response_model=schemas.StatementFull, responses=problems(NotFound))
async def show(request: Request, contribution_id: UUID, actor: Caller, read: Read) -> Response:
    """One contribution, whole, with what you may do with it."""
    body = await detail.get_statement(read, actor, contribution_id, CONTRIBUTION)
    await read.release()
    return answer(request, body)


@router.patch(
    "/contributions/{contribution_id}", response_model=schemas.StatementFull, responses=problems(Forbidden, *CHANGED)
)
async def edit(
    request: Request, contribution_id: UUID, patch: schemas.StatementPatch, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Change your contribution: new words make a new revision, the earlier ones stay."""
    await change.edit(db, actor, CONTRIBUTION, contribution_id, patch, expected)
    return await written(request, db, actor, contribution_id)


@router.post(
    "/contributions/{contribution_id}/publish",
    response_model=schemas.StatementFull,
    responses=problems(Forbidden, *CHANGED, *CLOSED),
)
async def publish(request: Request, contribution_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Publish your draft."""
    await submit.publish(db, actor, contribution_id, expected)
    return await written(request, db, actor, contribution_id)


@router.post(
    "/contributions/{contribution_id}/withdraw",
    response_model=schemas.StatementFull,
    responses=problems(Forbidden, *CHANGED),
)
async def withdraw(
    request: Request, contribution_id: UUID, body: schemas.Withdrawal, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Take a contribution back; a tombstone with the class of the reason stays."""
    await change.withdraw(db, actor, CONTRIBUTION, contribution_id, body, expected)
    return await written(request, db, actor, contribution_id)


@router.post(
    "/contributions/{contribution_id}/moderate",
    response_model=schemas.StatementFull,
    responses=problems(Forbidden, *CHANGED),
)
async def moderate(
    request: Request, contribution_id: UUID, body: schemas.Moderation, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Hide a contribution, with a public reason (facilitators and co-pilots)."""
    await change.moderate(db, actor, CONTRIBUTION, contribution_id, body, expected)
    return await written(request, db, actor, contribution_id)


@router.post(
    "/contributions/{contribution_id}/restore",
    response_model=schemas.StatementFull,
    responses=problems(Forbidden, *CHANGED),
)
async def restore(request: Request, contribution_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Show a moderated contribution again."""
    await change.restore(db, actor, CONTRIBUTION, contribution_id, expected)
    return await written(request, db, actor, contribution_id)


@router.get("/contributions/{contribution_id}/revisions", response_model=Listing[schemas.RevisionOut])
async def list_revisions(
    request: Request, contribution_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """Every revision that you may read, oldest first."""
    page = await detail.list_revisions(read, actor, contribution_id, cursor, limit, CONTRIBUTION)
    await read.release()
    return respond.page(request, Listing[schemas.RevisionOut], page)


@router.get("/contributions/{contribution_id}/differences", response_model=schemas.DifferencesOut)
async def differences(
    request: Request, contribution_id: UUID, before: Revision, after: Revision, actor: Caller, read: Read
) -> Response:
    """What changed between two revisions, word by word."""
    body = await detail.compare(read, actor, contribution_id, before, after, CONTRIBUTION)
    return respond.plain(request, body)


@router.get("/contributions/{contribution_id}/replies", response_model=Listing[schemas.StatementSummary])
async def list_replies(
    request: Request, contribution_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """Answers, oldest first."""
    page = await feed.list_replies(read, actor, contribution_id, cursor, limit)
    await read.release()
    return respond.page(request, SUMMARIES, page)


@router.post(
    "/contributions/{contribution_id}/replies",
    status_code=201,
    response_model=schemas.StatementFull,
    responses=problems(Forbidden, WrongState, InitiativeArchived, *CLOSED),
)
async def reply(request: Request, contribution_id: UUID, draft: schemas.ReplyDraft, actor: Writer, db: Db) -> Response:
    """Answer, for or against."""
    row = await submit.reply(db, actor, contribution_id, draft)
    return answer(request, full(actor, row), status=201)


@router.get("/contributions/{contribution_id}/positions", response_model=Listing[schemas.PositionOut])
async def list_positions(
    request: Request, contribution_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """Where organisations stand, and stood; empty outside the space, which positions never leave."""
    page = await detail.list_positions(read, actor, contribution_id, cursor, limit)
    await read.release()
    return respond.page(request, POSITIONS, page)


@router.post(
    "/contributions/{contribution_id}/positions",
    status_code=201,
    response_model=schemas.PositionOut,
    responses=problems(Forbidden, WrongState, InitiativeArchived, *CLOSED),
)
async def take_position(
    request: Request, contribution_id: UUID, draft: schemas.PositionDraft, actor: Writer, db: Db
) -> Response:
    """Support, nuance or object in your organisation's name; a new position supersedes the earlier one."""
    position = await opinions.take_position(db, actor, contribution_id, draft)
    body = await detail.get_position(db, contribution_id, position.id)
    location = f"/api/v1/contributions/{contribution_id}/positions"
    return respond.item(request, body, version=1, status=201, location=location)


@router.get("/contributions/{contribution_id}/sources", response_model=Listing[schemas.SourceOut])
async def list_sources(
    request: Request, contribution_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """Documents that the contribution leans on."""
    page = await detail.list_sources(read, actor, contribution_id, cursor, limit, CONTRIBUTION)
    await read.release()
    return respond.page(request, SOURCES, page)


@router.post(
    "/contributions/{contribution_id}/sources",
    status_code=201,
    response_model=schemas.SourceOut,
    responses=problems(Forbidden, WrongState, InitiativeArchived, *CLOSED),
)
async def add_source(
    request: Request, contribution_id: UUID, draft: schemas.SourceDraft, actor: Writer, db: Db
) -> Response:
    """Add a document."""
    source = await opinions.add_source(db, actor, CONTRIBUTION, contribution_id, draft)
    location = f"/api/v1/contributions/{contribution_id}/sources"
    return respond.item(request, schemas.SourceOut.model_validate(source), version=1, status=201, location=location)


@router.delete("/contributions/{contribution_id}/sources/{source_id}", status_code=204)
async def remove_source(contribution_id: UUID, source_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take a document off."""
    await opinions.remove_source(db, actor, CONTRIBUTION, contribution_id, source_id, expected)
    return Response(status_code=204)
