"""Passages: the words of the text, their revisions, and suggestions."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response

from app.core.errors import Forbidden, NotFound, PreconditionFailed, PreconditionRequired, WrongState
from app.core.paging import LIMIT, Page
from app.core.schema import Listing
from app.core.text import SearchText
from app.features.deliverables.actions import passages, suggestions
from app.features.deliverables.actions.shapes import NotATable
from app.features.deliverables.actions.writing import ConsentForbids, NotAQuotation, UnknownMarkers
from app.features.deliverables.queries import passages as reading
from app.features.deliverables.queries.finding import find_passages
from app.features.deliverables.schemas import writing
from app.features.initiatives.queries import InitiativeArchived
from app.policy.actor import Actor
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Cursor, Db, IfMatch, Limit, Read
from app.web.idempotency import CREATES

router = api_router("passages")
CHANGED = (Forbidden, NotFound, PreconditionFailed, PreconditionRequired, WrongState, InitiativeArchived)
WORDS = (UnknownMarkers, NotAQuotation, NotATable, ConsentForbids)
REVISIONS = Listing[writing.RevisionOut]

Number = Annotated[int, Path(ge=1, le=1_000_000)]
Which = Annotated[int, Query(ge=1, le=1_000_000)]


def _answer(request: Request, body: writing.PassageOut, status: int = 200) -> Response:
    location = f"/api/v1/passages/{body.id}" if status == 201 else ""
    return respond.item(request, body, version=body.version, status=status, location=location)


async def _written(request: Request, db: Db, actor: Actor, passage_id: UUID, status: int = 200) -> Response:
    await db.flush()
    return _answer(request, await reading.get_passage(db, actor, passage_id), status)


@router.post(
    "/passages",
    status_code=201,
    response_model=writing.PassageOut,
    responses=problems(Forbidden, WrongState, InitiativeArchived, *WORDS),
)
async def create(request: Request, draft: writing.PassageDraft, actor: Writer, db: Db) -> Response:
    """Write a passage: its markers `[@c7]` name citations of the deliverable, or it is refused with the list."""
    passage = await passages.add_passage(db, actor, draft)
    return await _written(request, db, actor, passage.id, 201)


@router.post(
    "/passages/accept-many",
    openapi_extra=CREATES,
    response_model=writing.AcceptedMany,
    responses=problems(Forbidden, WrongState, InitiativeArchived),
)
async def accept_many(request: Request, order: writing.AcceptMany, actor: Writer, db: Db) -> Response:
    """Accept many proposals by a rule, which is recorded beside each."""
    done = await suggestions.accept_many(db, actor, order)
    return respond.plain(request, writing.AcceptedMany.model_validate(done))


@router.get(
    "/deliverables/{deliverable_id}/passages",
    response_model=Listing[writing.FoundPassage],
    responses=problems(NotFound),
)
async def find(request: Request, deliverable_id: UUID, q: SearchText, actor: Caller, read: Read) -> Response:
    """The passages in force that hold some words, the best first, 50 at most."""
    found = await find_passages(read, actor, deliverable_id, q)
    await read.release()
    return respond.page(request, Listing[writing.FoundPassage], Page(found, None))


@router.get("/passages/{passage_id}", response_model=writing.PassageOut, responses=problems(NotFound))
async def show(request: Request, passage_id: UUID, actor: Caller, read: Read) -> Response:
    """One passage, with the suggestions that wait."""
    body = await reading.get_passage(read, actor, passage_id)
    await read.release()
    return _answer(request, body)


@router.put("/passages/{passage_id}/text", response_model=writing.PassageOut, responses=problems(*CHANGED, *WORDS))
async def rewrite(
    request: Request, passage_id: UUID, text: writing.PassageText, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Give the passage new words; the earlier ones stay in its revisions."""
    await passages.rewrite(db, actor, passage_id, text, expected)
    return await _written(request, db, actor, passage_id)


@router.post("/passages/{passage_id}/move", response_model=writing.PassageOut, responses=problems(*CHANGED))
async def move(
    request: Request, passage_id: UUID, where: writing.PassageMove, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Put the passage elsewhere."""
    await passages.move_passage(db, actor, passage_id, where, expected)
    return await _written(request, db, actor, passage_id)


@router.delete("/passages/{passage_id}", status_code=204, responses=problems(*CHANGED))
async def remove(passage_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take the passage out of the text."""
    await passages.remove_passage(db, actor, passage_id, expected)
    return Response(status_code=204)


@router.get(
    "/passages/{passage_id}/revisions", response_model=Listing[writing.RevisionOut], responses=problems(NotFound)
)
async def list_revisions(
    request: Request, passage_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """Who wrote what, oldest first: accepted, proposed and refused."""
    page = await reading.list_revisions(read, actor, passage_id, cursor, limit)
    await read.release()
    return respond.page(request, REVISIONS, page)


@router.get(
    "/passages/{passage_id}/differences", response_model=writing.PassageDifferences, responses=problems(NotFound)
)
async def differences(
    request: Request, passage_id: UUID, before: Which, after: Which, actor: Caller, read: Read
) -> Response:
    """What changed between two revisions, word by word."""
    body = await reading.compare(read, actor, passage_id, before, after)
    return respond.plain(request, body)


@router.post(
    "/passages/{passage_id}/suggestions",
    status_code=201,
    response_model=writing.PassageOut,
    responses=problems(*CHANGED, *WORDS),
)
async def suggest(
    request: Request, passage_id: UUID, suggestion: writing.Suggestion, actor: Writer, db: Db
) -> Response:
    """Propose other words, on the revision that you read."""
    await suggestions.suggest(db, actor, passage_id, suggestion)
    return await _written(request, db, actor, passage_id, 201)


@router.post(
    "/passages/{passage_id}/suggestions/{n}/accept",
    response_model=writing.PassageOut,
    responses=problems(*CHANGED, suggestions.HeadMoved, ConsentForbids),
)
async def accept(request: Request, passage_id: UUID, n: Number, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Put a suggestion in force, unless the passage changed since it was written (412)."""
    await suggestions.accept(db, actor, passage_id, n, expected)
    return await _written(request, db, actor, passage_id)


@router.post(
    "/passages/{passage_id}/suggestions/{n}/refuse", response_model=writing.PassageOut, responses=problems(*CHANGED)
)
async def refuse(
    request: Request,
    passage_id: UUID,
    n: Number,
    refusal: writing.PassageRefusal,
    expected: IfMatch,
    actor: Writer,
    db: Db,
) -> Response:
    """Turn a suggestion down, with the reason that its author reads; it stays readable."""
    await suggestions.refuse(db, actor, passage_id, n, refusal, expected)
    return await _written(request, db, actor, passage_id)
