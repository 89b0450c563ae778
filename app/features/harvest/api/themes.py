"""Themes: a tree in which words are filed."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import Forbidden, NotFound, PreconditionFailed, PreconditionRequired
from app.core.paging import LIMIT_MOST
from app.core.schema import Listing
from app.features.harvest import queries, schemas
from app.features.harvest.actions import themes
from app.features.initiatives.queries import InitiativeArchived
from app.policy.actor import Actor
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Cursor, Db, IfMatch, Limit, Read

router = api_router("themes")
CHANGED = (Forbidden, NotFound, PreconditionFailed, PreconditionRequired, InitiativeArchived)


async def _written(request: Request, db: Db, actor: Actor, theme_id: UUID, status: int = 200) -> Response:
    body = await queries.get_theme(db, actor, theme_id)
    location = f"/api/v1/themes/{theme_id}" if status == 201 else ""
    return respond.item(request, body, version=body.version, status=status, location=location)


@router.get("/themes", response_model=Listing[schemas.ThemeOut])
async def list_themes(
    request: Request,
    actor: Caller,
    read: Read,
    initiative_id: UUID | None = None,
    space_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT_MOST,
) -> Response:
    """The themes of an initiative or of a space: parents before their children, siblings in order."""
    page = await queries.list_themes(
        read, actor, initiative_id=initiative_id, space_id=space_id, cursor=cursor, limit=limit
    )
    await read.release()
    return respond.page(request, Listing[schemas.ThemeOut], page)


@router.post(
    "/themes", status_code=201, response_model=schemas.ThemeOut, responses=problems(Forbidden, InitiativeArchived)
)
async def create(request: Request, draft: schemas.ThemeDraft, actor: Writer, db: Db) -> Response:
    """Add a theme (co-pilots, and the facilitators of its space)."""
    theme = await themes.create_theme(db, actor, draft)
    return await _written(request, db, actor, theme.id, status=201)


@router.get("/themes/{theme_id}", response_model=schemas.ThemeOut, responses=problems(NotFound))
async def show(request: Request, theme_id: UUID, actor: Caller, read: Read) -> Response:
    """One theme."""
    body = await queries.get_theme(read, actor, theme_id)
    await read.release()
    return respond.item(request, body, version=body.version)


@router.patch("/themes/{theme_id}", response_model=schemas.ThemeOut, responses=problems(*CHANGED, themes.ThemeInItself))
async def edit(
    request: Request, theme_id: UUID, patch: schemas.ThemePatch, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Rename, move under another theme, or reorder."""
    await themes.edit_theme(db, actor, theme_id, patch, expected)
    return await _written(request, db, actor, theme_id)


@router.delete("/themes/{theme_id}", status_code=204, responses=problems(*CHANGED, themes.ThemeNotEmpty))
async def remove(theme_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Remove an empty theme."""
    await themes.delete_theme(db, actor, theme_id, expected)
    return Response(status_code=204)


@router.put(
    "/themes/{theme_id}/statements/{statement_id}", response_model=schemas.ThemeOut, responses=problems(*CHANGED)
)
async def file(
    request: Request, theme_id: UUID, statement_id: UUID, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """File a contribution under the theme; `If-Match` is the theme's."""
    await themes.file_statement(db, actor, theme_id, statement_id, expected)
    return await _written(request, db, actor, theme_id)


@router.delete("/themes/{theme_id}/statements/{statement_id}", status_code=204, responses=problems(*CHANGED))
async def unfile(theme_id: UUID, statement_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take a contribution out of the theme."""
    await themes.unfile_statement(db, actor, theme_id, statement_id, expected)
    return Response(status_code=204)
