"""The list of extracts, with where each is cited."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.core.paging import LIMIT
from app.core.schema import Listing
from app.features.deliverables.queries import extracts
from app.features.deliverables.schemas.citing import ExtractInUse
from app.web import respond
from app.web.api import api_router
from app.web.auth import Caller
from app.web.deps import Cursor, Limit, Read

router = api_router("extracts")
EXTRACTS = Listing[ExtractInUse]


class ExtractFilters(BaseModel):
    """What the list is narrowed to."""

    model_config = ConfigDict(extra="forbid")

    initiative_id: UUID | None = None
    space_id: UUID | None = None
    theme_id: UUID | None = None
    statement_id: UUID | None = None
    cited: bool | None = Field(default=None, description="Cited in a deliverable that you may read, or not.")
    cursor: Cursor = None
    limit: Limit = LIMIT


@router.get("/extracts", response_model=Listing[ExtractInUse])
async def list_extracts(
    request: Request, actor: Caller, read: Read, filters: Annotated[ExtractFilters, Query()]
) -> Response:
    """What was harvested in the spaces that you facilitate or co-pilot, newest first."""
    page = await extracts.list_extracts(read, actor, **filters.model_dump())
    await read.release()
    return respond.page(request, EXTRACTS, page)
