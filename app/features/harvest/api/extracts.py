"""Extracts: words taken from a revision, to the letter. (Their list, with where they are cited, is of the deliverables.)"""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import Forbidden, Invalid, NotFound, PreconditionFailed, PreconditionRequired, WrongState
from app.features.harvest import queries, schemas
from app.features.harvest.actions import extracts, themes
from app.features.initiatives.queries import InitiativeArchived
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Db, IfMatch, Read

router = api_router("extracts")
CHANGED = (Forbidden, NotFound, PreconditionFailed, PreconditionRequired, InitiativeArchived)


@router.post(
    "/extracts",
    status_code=201,
    response_model=schemas.ExtractOut,
    responses=problems(Forbidden, Invalid, WrongState, InitiativeArchived, extracts.WordsErased),
)
async def create(request: Request, draft: schemas.ExtractDraft, actor: Writer, db: Db) -> Response:
    """Harvest a span of words (co-pilots, and the facilitators of the space)."""
    extract = await extracts.harvest(db, actor, draft)
    body = await queries.get_extract(db, actor, extract.id)
    return respond.item(request, body, version=1, status=201, location=f"/api/v1/extracts/{extract.id}")


@router.get("/extracts/{extract_id}", response_model=schemas.ExtractOut, responses=problems(NotFound))
async def show(request: Request, extract_id: UUID, actor: Caller, read: Read) -> Response:
    """One extract."""
    body = await queries.get_extract(read, actor, extract_id)
    await read.release()
    return respond.plain(request, body)


@router.put("/extracts/{extract_id}/themes/{theme_id}", response_model=schemas.ExtractOut, responses=problems(*CHANGED))
async def file(
    request: Request, extract_id: UUID, theme_id: UUID, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """File the extract under a theme; `If-Match` is the theme's."""
    await themes.file_extract(db, actor, extract_id, theme_id, expected)
    return respond.plain(request, await queries.get_extract(db, actor, extract_id))


@router.delete("/extracts/{extract_id}/themes/{theme_id}", status_code=204, responses=problems(*CHANGED))
async def unfile(extract_id: UUID, theme_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take the extract out of a theme."""
    await themes.unfile_extract(db, actor, extract_id, theme_id, expected)
    return Response(status_code=204)
