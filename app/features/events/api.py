"""The audit of every change: who, for whom, what, when."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import Forbidden, NotFound, Unauthenticated
from app.core.paging import LIMIT, CursorRefused
from app.core.schema import Instant, Listing
from app.features.events import queries
from app.features.events.schemas import EventOut
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller
from app.web.deps import Cursor, Limit, Read

router = api_router("events")
Word = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)?$")]


class EventFilters(BaseModel):
    """What the audit is narrowed to."""

    model_config = ConfigDict(extra="forbid")

    object_type: Word | None = None
    object_id: UUID | None = None
    verb: Word | None = None
    person_id: UUID | None = None
    organisation_id: UUID | None = None
    initiative_id: UUID | None = None
    space_id: UUID | None = None
    since: Instant | None = None
    until: Instant | None = None
    cursor: Cursor = None
    limit: Limit = LIMIT

    def narrowing(self) -> queries.Filters:
        """The same, for the query."""
        return queries.Filters(**self.model_dump(exclude={"cursor", "limit"}))


@router.get("/events", response_model=Listing[EventOut], responses=problems(CursorRefused))
async def list_events(
    request: Request, actor: Caller, read: Read, filters: Annotated[EventFilters, Query()]
) -> Response:
    """What happened, the newest first: everything for an administrator, else what each event's audience allows."""
    page = await queries.list_events(read, actor, filters.narrowing(), filters.cursor, filters.limit)
    await read.release()
    return respond.page(request, Listing[EventOut], page)


@router.get(
    "/organisations/{organisation_id}/audit",
    response_model=Listing[EventOut],
    responses=problems(CursorRefused, NotFound, Unauthenticated, Forbidden),
)
async def list_audit(
    request: Request, organisation_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """What was done for an organisation and to what is its own, for those who manage it; never what its people say personally."""
    page = await queries.list_audit(read, actor, organisation_id, cursor, limit)
    await read.release()
    return respond.page(request, Listing[EventOut], page)
