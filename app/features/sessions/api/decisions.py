"""`/sessions/{id}/decisions`."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.db import Handle, Reader
from app.core.schema import Listing
from app.features.sessions import actions, queries
from app.features.sessions.api.rights import ADDING, CLOSING, EDITING, READING
from app.features.sessions.schemas import DecisionDraft, DecisionOut, DecisionPatch, DecisionRevisionOut
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import allowed
from app.web import respond
from app.web.api import PREFIX, api_router
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read
from app.web.objects import page, shape

router = api_router("sessions")


@router.get("/sessions/{session_id}/decisions", response_model=Listing[DecisionOut], responses=READING)
async def list_decisions(
    request: Request, session_id: UUID, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """What was decided and what is to be done, in order; a removed decision keeps its number."""
    session = await queries.get_card(read, actor, session_id)
    found = await queries.list_decisions(read, session.id, cursor=cursor, limit=limit)
    await read.release()
    items = (shape(DecisionOut, row, _writing(actor, session, row)) for row in found.items)
    return page(request, Listing[DecisionOut], found, items)


@router.post("/sessions/{session_id}/decisions", response_model=DecisionOut, status_code=201, responses=ADDING)
async def record_decision(request: Request, session_id: UUID, body: DecisionDraft, actor: Writer, db: Db) -> Response:
    """Write down what was decided, or what is to be done by whom until when."""
    decision = await actions.record_decision(db, actor, session_id, body)
    return await _answer(request, db, actor, decision.id, status=201)


@router.get("/decisions/{decision_id}", response_model=DecisionOut, responses=READING)
async def get_decision(request: Request, decision_id: UUID, actor: Caller, read: Read) -> Response:
    """One decision."""
    return await _answer(request, read, actor, decision_id)


@router.get("/decisions/{decision_id}/revisions", response_model=Listing[DecisionRevisionOut], responses=READING)
async def list_revisions(
    request: Request, decision_id: UUID, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """Every wording of a decision, the latest first."""
    decision, _session = await queries.get_decision(read, actor, decision_id)
    found = await queries.list_decision_revisions(read, decision, cursor=cursor, limit=limit)
    await read.release()
    items = (DecisionRevisionOut.model_validate(row) for row in found.items)
    return page(request, Listing[DecisionRevisionOut], found, items)


@router.patch("/decisions/{decision_id}", response_model=DecisionOut, responses=EDITING)
async def edit_decision(
    request: Request, decision_id: UUID, body: DecisionPatch, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Correct its words, its owner or its day."""
    await actions.edit_decision(db, actor, decision_id, body, expected)
    return await _answer(request, db, actor, decision_id)


@router.post("/decisions/{decision_id}/finish", response_model=DecisionOut, responses=CLOSING)
async def finish_action(request: Request, decision_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Say that an action is done: its owner may, also once the session is locked."""
    await actions.finish_action(db, actor, decision_id, expected)
    return await _answer(request, db, actor, decision_id)


@router.post("/decisions/{decision_id}/reopen", response_model=DecisionOut, responses=CLOSING)
async def reopen_action(request: Request, decision_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Say that an action is not done after all."""
    await actions.reopen_action(db, actor, decision_id, expected)
    return await _answer(request, db, actor, decision_id)


@router.delete("/decisions/{decision_id}", status_code=204, responses=EDITING)
async def remove_decision(decision_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take it out of the decisions; its number stays taken."""
    await actions.remove_decision(db, actor, decision_id, expected)
    return Response(status_code=204)


def _writing(actor: Actor, session: queries.SessionRow, row: queries.DecisionRow) -> list[str]:
    if row.removed_at is not None:
        return []
    able = [Action.DECISION_WRITE.value] if allowed(actor, Action.DECISION_WRITE, session) else []
    if row.state is not None and allowed(actor, Action.ACTION_CLOSE, row):
        able.append(Action.ACTION_CLOSE.value)
    return able


async def _answer(request: Request, handle: Handle, actor: Actor, decision_id: UUID, status: int = 200) -> Response:
    row, session = await queries.get_decision(handle, actor, decision_id)
    if isinstance(handle, Reader):
        await handle.release()
    location = f"{PREFIX}/decisions/{row.id}" if status == 201 else ""
    body = shape(DecisionOut, row, _writing(actor, session, row))
    return respond.item(request, body, version=row.version, status=status, location=location)
