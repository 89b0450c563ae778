"""Deliverables: their outline, their whole page, their scope, their gate, their draft."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response
from pydantic_core import to_json

from app.core.errors import Forbidden, NotFound, PreconditionFailed, PreconditionRequired, WrongState
from app.core.paging import LIMIT
from app.core.schema import Listing
from app.features.deliverables.actions import lifecycle
from app.features.deliverables.actions.draft import draft as propose
from app.features.deliverables.queries import gate, outline, passages, queue
from app.features.deliverables.schemas import fates, writing
from app.features.initiatives.queries import InitiativeArchived
from app.policy.actions import Action
from app.policy.actor import Actor
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Cursor, Db, IfMatch, Limit, Read
from app.web.idempotency import CREATES

router = api_router("deliverables")
CHANGED = (Forbidden, NotFound, PreconditionFailed, PreconditionRequired, WrongState, InitiativeArchived)
DELIVERABLES = Listing[writing.DeliverableOut]
ARRIVED = Listing[fates.Arrived]
PROPOSALS = Listing[writing.RevisionOut]


def _answer(request: Request, body: writing.OutlineOut, status: int = 200) -> Response:
    location = f"/api/v1/deliverables/{body.id}" if status == 201 else ""
    return respond.item(request, body, version=body.version, status=status, location=location)


async def _written(request: Request, db: Db, actor: Actor, deliverable_id: UUID, status: int = 200) -> Response:
    await db.flush()
    return _answer(request, await outline.get_outline(db, actor, deliverable_id), status)


@router.get("/deliverables", response_model=Listing[writing.DeliverableOut])
async def list_deliverables(
    request: Request,
    actor: Caller,
    read: Read,
    initiative_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Response:
    """Deliverables that you co-pilot, newest first."""
    page = await outline.list_deliverables(read, actor, initiative_id=initiative_id, cursor=cursor, limit=limit)
    await read.release()
    return respond.page(request, DELIVERABLES, page)


@router.post(
    "/deliverables",
    status_code=201,
    response_model=writing.OutlineOut,
    responses=problems(Forbidden, WrongState, InitiativeArchived),
)
async def create(request: Request, draft: writing.DeliverableDraft, actor: Writer, db: Db) -> Response:
    """Start a deliverable from a template (co-pilots)."""
    deliverable = await lifecycle.create(db, actor, draft)
    return await _written(request, db, actor, deliverable.id, 201)


@router.get("/deliverables/{deliverable_id}", response_model=writing.OutlineOut, responses=problems(NotFound))
async def show(request: Request, deliverable_id: UUID, actor: Caller, read: Read) -> Response:
    """The deliverable and its outline."""
    body = await outline.get_outline(read, actor, deliverable_id)
    await read.release()
    return _answer(request, body)


@router.patch("/deliverables/{deliverable_id}", response_model=writing.OutlineOut, responses=problems(*CHANGED))
async def edit(
    request: Request,
    deliverable_id: UUID,
    patch: writing.DeliverablePatch,
    expected: IfMatch,
    actor: Writer,
    db: Db,
) -> Response:
    """Change the title, the summary, the language."""
    await lifecycle.edit(db, actor, deliverable_id, patch, expected)
    return await _written(request, db, actor, deliverable_id)


@router.put("/deliverables/{deliverable_id}/scope", response_model=writing.OutlineOut, responses=problems(*CHANGED))
async def set_scope(
    request: Request, deliverable_id: UUID, scope: writing.ScopeIn, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Choose which spaces, kinds and instant the deliverable answers for."""
    await lifecycle.set_scope(db, actor, deliverable_id, scope, expected)
    return await _written(request, db, actor, deliverable_id)


@router.post("/deliverables/{deliverable_id}/close", response_model=writing.OutlineOut, responses=problems(*CHANGED))
async def close(request: Request, deliverable_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Stop the writing."""
    await lifecycle.close(db, actor, deliverable_id, expected)
    return await _written(request, db, actor, deliverable_id)


@router.post("/deliverables/{deliverable_id}/reopen", response_model=writing.OutlineOut, responses=problems(*CHANGED))
async def reopen(request: Request, deliverable_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Write again."""
    await lifecycle.reopen(db, actor, deliverable_id, expected)
    return await _written(request, db, actor, deliverable_id)


@router.get("/deliverables/{deliverable_id}/document", response_model=writing.DocumentOut, responses=problems(NotFound))
async def document(request: Request, deliverable_id: UUID, actor: Caller, read: Read) -> Response:
    """The whole page: what is accepted, in order, with its citations and those whose source has moved."""
    body = await passages.get_document(read, actor, deliverable_id)
    await read.release()
    return respond.plain(request, to_json(body))


@router.get(
    "/deliverables/{deliverable_id}/proposals",
    response_model=Listing[writing.RevisionOut],
    responses=problems(NotFound),
)
async def proposals(
    request: Request, deliverable_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """What is proposed and waits for a person, first proposed first."""
    page = await passages.list_proposals(read, actor, deliverable_id, cursor, limit)
    await read.release()
    return respond.page(request, PROPOSALS, page)


@router.get("/deliverables/{deliverable_id}/gate", response_model=fates.GateOut, responses=problems(NotFound))
async def show_gate(request: Request, deliverable_id: UUID, actor: Caller, read: Read) -> Response:
    """Everything that refuses publication now."""
    await queue.check_deliverable(read, actor, deliverable_id, Action.DELIVERABLE_READ)
    body = gate.gate_out(await gate.publication_gate(read, deliverable_id))
    await read.release()
    return respond.plain(request, body)


@router.get(
    "/deliverables/{deliverable_id}/arrived-after",
    response_model=Listing[fates.Arrived],
    responses=problems(NotFound),
)
async def arrived_after(
    request: Request, deliverable_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """Contributions published after the cut-off: they belong to the next edition."""
    page = await queue.list_arrived_after(read, actor, deliverable_id, cursor, limit)
    await read.release()
    return respond.page(request, ARRIVED, page)


@router.post(
    "/deliverables/{deliverable_id}/draft",
    openapi_extra=CREATES,
    response_model=fates.DraftReport,
    responses=problems(*CHANGED),
)
async def draft(request: Request, deliverable_id: UUID, order: fates.DraftOrder, actor: Writer, db: Db) -> Response:
    """Propose a first text: the contributions with most support, quoted to the letter. Nothing is accepted."""
    report = await propose(db, actor, deliverable_id, per_theme=order.per_theme)
    return respond.plain(request, report)
