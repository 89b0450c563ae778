"""Citations: what the text rests on, and what to do when a source moves."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import Forbidden, NotFound, WrongState
from app.core.paging import LIMIT
from app.core.schema import Listing
from app.features.deliverables.actions import acknowledge, citations
from app.features.deliverables.actions.writing import ConsentForbids
from app.features.deliverables.queries import citations as reading
from app.features.deliverables.queries.queue import check_deliverable
from app.features.deliverables.schemas import citing
from app.features.initiatives.queries import InitiativeArchived
from app.policy.actions import Action
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Cursor, Db, Limit, Read
from app.web.idempotency import CREATES

router = api_router("citations")
CITATIONS = Listing[citing.CitationOut]


@router.get("/citations", response_model=Listing[citing.CitationOut], responses=problems(NotFound))
async def list_citations(
    request: Request, deliverable_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """The citations of a deliverable, in the order of their keys, with those whose source has moved."""
    await check_deliverable(read, actor, deliverable_id, Action.DELIVERABLE_READ)
    page = await reading.list_citations(read, actor, deliverable_id, cursor, limit)
    await read.release()
    return respond.page(request, CITATIONS, page)


@router.post(
    "/citations",
    status_code=201,
    response_model=citing.CitationOut,
    responses=problems(Forbidden, WrongState, InitiativeArchived, ConsentForbids, citations.CitedAlready),
)
async def create(request: Request, draft: citing.CitationDraft, actor: Writer, db: Db) -> Response:
    """Give an extract a key in the deliverable, as its author's consent allows."""
    citation = await citations.cite(db, actor, draft)
    body = await reading.get_citation(db, actor, citation.id)
    return respond.item(request, body, version=1, status=201, location=f"/api/v1/citations/{citation.id}")


@router.get("/citations/{citation_id}", response_model=citing.CitationOut, responses=problems(NotFound))
async def show(request: Request, citation_id: UUID, actor: Caller, read: Read) -> Response:
    """One citation; `outdated` says why and how its source has moved."""
    body = await reading.get_citation(read, actor, citation_id)
    await read.release()
    return respond.plain(request, body)


@router.post(
    "/citations/{citation_id}/acknowledge",
    openapi_extra=CREATES,
    response_model=citing.AcknowledgedOut,
    responses=problems(
        Forbidden,
        NotFound,
        ConsentForbids,
        acknowledge.NotOutdated,
        acknowledge.SourceMovedAgain,
        acknowledge.WordsGone,
    ),
)
async def settle(request: Request, citation_id: UUID, wish: citing.Acknowledgement, actor: Writer, db: Db) -> Response:
    """Renew it on the words of today, keep it with a note, or take it out."""
    done = await acknowledge.acknowledge(db, actor, citation_id, wish)
    new = done.ack.replaced_by
    body = citing.AcknowledgedOut(
        choice=wish.choice,
        citation=await reading.get_citation(db, actor, citation_id),
        replaced_by=await reading.get_citation(db, actor, new) if new else None,
        passages=done.passages,
    )
    return respond.plain(request, body)
