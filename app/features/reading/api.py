"""What is new, what changed, what is expected: for the person who asks, and about nobody else's reading."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from app.core.errors import NotFound, Unauthenticated, invalid
from app.core.schema import Instant
from app.features.initiatives.queries import get_card
from app.features.reading import actions
from app.features.reading.queries.changes import LINES, changed_since
from app.features.reading.queries.expected import expected_of
from app.features.reading.queries.happened import list_spaces
from app.features.reading.queries.seen import count_new
from app.features.reading.schemas import (
    ChangesOut,
    ExpectedOut,
    SeenIn,
    SeenOut,
    SinceKind,
    UnseenOut,
    VisitOut,
)
from app.policy.speaker import require_signed_in
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Db, Read
from app.web.wording import PARIS

router = api_router("reading")


@router.post("/initiatives/{reference}/visit", response_model=VisitOut, responses=problems(NotFound, Unauthenticated))
async def visit(request: Request, reference: str, actor: Writer, db: Db) -> Response:
    """Say that I am here. A visit begins after 30 minutes without one of these."""
    require_signed_in(actor)
    card = await get_card(db, actor, reference)
    return respond.plain(request, await actions.touch_visit(db, actor, card.id))


@router.get(
    "/initiatives/{reference}/changes", response_model=ChangesOut, responses=problems(NotFound, Unauthenticated)
)
async def list_changes(
    request: Request,
    reference: str,
    actor: Caller,
    read: Read,
    since: Annotated[
        Literal["visit", "week"] | Instant | date,
        Query(
            description="`visit` (the end of my last one), `week`, a day (from its first instant in Paris, as the pages read it) or an instant."
        ),
    ] = "visit",
    limit: Annotated[int, Query(ge=1, le=50, description="Lines of each space.")] = LINES,
) -> Response:
    """What changed, by space, with one line for each thing; my own acts are left out."""
    require_signed_in(actor)
    body = await changed_since(read, actor, reference, _instant(since), limit)
    await read.release()
    return respond.plain(request, body)


def _instant(since: str | datetime | date) -> datetime | SinceKind:
    if isinstance(since, datetime):
        return since
    if isinstance(since, date):
        if not 1900 <= since.year <= 2200:
            raise invalid("query:since", "Une date entre 1900 et 2200 est attendue.")
        return datetime.combine(since, time(), PARIS)
    return SinceKind(since)


@router.get("/initiatives/{reference}/unseen", response_model=UnseenOut, responses=problems(NotFound, Unauthenticated))
async def list_unseen(request: Request, reference: str, actor: Caller, read: Read) -> Response:
    """The spaces in which something is new to me, and how much."""
    require_signed_in(actor)
    card = await get_card(read, actor, reference)
    spaces = await list_spaces(read, actor, card.id)
    found = await count_new(read, actor, [space.id for space in spaces])
    await read.release()
    return respond.plain(request, UnseenOut(items=found))


@router.post("/spaces/{space_id}/seen", response_model=SeenOut, responses=problems(NotFound, Unauthenticated))
async def mark_seen(request: Request, space_id: UUID, said: SeenIn, actor: Writer, db: Db) -> Response:
    """Remember that I saw these statements, or all that the space holds now; which of them were new."""
    new = await actions.mark_seen(db, actor, space_id, said.statement_ids, everything=said.everything)
    return respond.plain(request, SeenOut(new=sorted(new)))


@router.get(
    "/initiatives/{reference}/expected", response_model=ExpectedOut, responses=problems(NotFound, Unauthenticated)
)
async def list_expected(request: Request, reference: str, actor: Caller, read: Read) -> Response:
    """Questions that await my organisations, by deadline, and what became of what they said."""
    require_signed_in(actor)
    body = await expected_of(read, actor, reference)
    await read.release()
    return respond.plain(request, body)
