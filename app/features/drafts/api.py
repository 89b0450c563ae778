"""Drafts of whatever is being written: one's own, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Path, Request, Response

from app.core.errors import NotFound, PreconditionRequired
from app.core.schema import Listing
from app.core.versions import Expected
from app.features.drafts import actions, queries
from app.features.drafts.actions import DraftMoved, TooManyDrafts
from app.features.drafts.schemas import DraftIn, DraftKey, DraftLine, DraftOut, DraftSaved
from app.policy.decide import ReadOnlyToken
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read

router = api_router("drafts")
Key = Annotated[DraftKey, Path()]
UNSAID = "Envoyez l’en-tête If-Match avec la version que vous avez lue, « v0 » la première fois."


def get_saved_on(
    expected: IfMatch,
    if_none_match: Annotated[
        str | None, Header(description='`*` for the first save, as `If-Match: "v0"`.', max_length=100)
    ] = None,
) -> Expected:
    """The version that the page had: `If-None-Match: *` says that it had none."""
    first = if_none_match is not None and if_none_match.strip() == "*" and expected == Expected()
    return Expected(version=0) if first else replace(expected, unsaid=UNSAID)


@router.get("/drafts", response_model=Listing[DraftLine])
async def list_drafts(
    request: Request,
    actor: Caller,
    read: Read,
    initiative_id: UUID | None = None,
    space_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Response:
    """My drafts, the one last touched first."""
    page = await queries.list_drafts(
        read, actor, initiative_id=initiative_id, space_id=space_id, cursor=cursor, limit=limit
    )
    await read.release()
    return respond.page(request, Listing[DraftLine], page)


@router.get("/drafts/{key}", response_model=DraftOut, responses=problems(NotFound))
async def get_draft(request: Request, key: Key, actor: Caller, read: Read) -> Response:
    """One of my drafts, whole."""
    body = await queries.get_draft(read, actor, key)
    await read.release()
    return respond.item(request, body, version=body.version)


@router.put(
    "/drafts/{key}",
    response_model=DraftSaved,
    responses=problems(ReadOnlyToken, TooManyDrafts, DraftMoved, PreconditionRequired),
)
async def save_draft(
    request: Request,
    key: Key,
    said: DraftIn,
    expected: Annotated[Expected, Depends(get_saved_on)],
    actor: Writer,
    db: Db,
) -> Response:
    """Keep what is typed so far. The first save is on `"v0"`; another page that saved meanwhile makes it a 412 with both versions."""
    saved = await actions.save(db, actor, key, said, expected)
    return respond.item(request, saved, version=saved.version)


@router.delete(
    "/drafts/{key}",
    status_code=204,
    responses=problems(NotFound, ReadOnlyToken, DraftMoved, PreconditionRequired),
)
async def discard_draft(key: Key, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Throw a draft away."""
    await actions.discard(db, actor, key, expected)
    return Response(status_code=204)
