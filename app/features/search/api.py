"""Search through contributions, replies, organisations and published passages."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from app.core.errors import Invalid, NotFound, Unauthenticated
from app.core.paging import LIMIT, CursorRefused
from app.core.schema import Instant
from app.core.text import Code, SearchText
from app.features.identity.models import Profile
from app.features.search.queries import find
from app.features.search.queries.similar import similar
from app.features.search.schemas import FindableType, SearchOut, SimilarOut, Sort, Typed
from app.features.statements.models import Kind, Side
from app.policy.speaker import require_signed_in
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Cursor, Db, Limit, Read

router = api_router("search")

GRAMMAR = 'Words that must all be there, "a phrase", -without, begin*. Accents, capitals and plurals do not count.'


class SearchFilters(BaseModel):
    """What is looked for, and where."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[SearchText, Field(description=GRAMMAR, examples=["trésorerie -prêt"])]
    type: FindableType | None = None
    initiative_id: UUID | None = None
    space_id: UUID | None = None
    organisation_id: UUID | None = None
    profile: Profile | None = None
    kind: Kind | None = None
    side: Side | None = None
    tag: Code | None = None
    since: Instant | None = None
    until: Instant | None = None
    sort: Sort = Sort.BEST
    cursor: Cursor = None
    limit: Limit = LIMIT

    def narrowing(self) -> find.Filters:
        """The same, for the query."""
        return find.Filters(**self.model_dump(exclude={"q", "sort", "cursor", "limit"}))


@router.get("/search", response_model=SearchOut, responses=problems(Invalid, CursorRefused))
async def search(request: Request, actor: Caller, read: Read, asked: Annotated[SearchFilters, Query()]) -> Response:
    """Find what you may read, the best match first or the newest."""
    best = asked.sort == Sort.BEST
    found = await find.search(
        read, actor, asked.q, asked.narrowing(), best=best, cursor=asked.cursor, limit=asked.limit
    )
    await read.release()
    return _page(request, found)


@router.post("/search/similar", response_model=SimilarOut, responses=problems(NotFound, Unauthenticated))
async def list_similar(request: Request, typed: Typed, actor: Writer, db: Db) -> Response:
    """What was already said of what you are writing. A POST that only reads: a draft is longer than an address."""
    require_signed_in(actor)
    items = await similar(db, actor, typed.space_id, typed.text)
    return respond.plain(request, to_json({"items": items}))


def _page(request: Request, found: find.Found) -> Response:
    response = respond.plain(request, to_json(found))
    if found.next_cursor:
        query = dict(request.query_params) | {"cursor": found.next_cursor}
        response.headers["Link"] = f'<{request.url.path}?{urlencode(query)}>; rel="next"'
    return response
