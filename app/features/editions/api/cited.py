"""Where a contribution was cited, and what became of it: the way back from words to what was made of them."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import NotFound
from app.core.paging import LIMIT
from app.core.schema import Listing
from app.features.editions import schemas
from app.features.editions.queries import became, shelf
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller
from app.web.deps import Cursor, Limit, Read

router = api_router("contributions")


@router.get(
    "/contributions/{contribution_id}/citations",
    response_model=Listing[schemas.CitedIn],
    responses=problems(NotFound),
)
async def list_citing(
    request: Request, contribution_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """The editions that cite this contribution, newest first."""
    page = await shelf.list_citing(read, actor, contribution_id, cursor, limit)
    await read.release()
    return respond.page(request, Listing[schemas.CitedIn], page)


@router.get(
    "/contributions/{contribution_id}/treatments",
    response_model=Listing[schemas.Became],
    responses=problems(NotFound),
)
async def list_became(
    request: Request, contribution_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """What became of this contribution in each edition, for those inside its space; for co-pilots, what was decided since."""
    page = await became.list_became(read, actor, contribution_id, cursor, limit)
    await read.release()
    return respond.page(request, Listing[schemas.Became], page)
