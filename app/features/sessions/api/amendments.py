"""`/sessions/{id}/amendments`, `/amendments`, and who has read the minutes."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.db import Handle, Reader
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, WrongState
from app.core.schema import Listing
from app.features.initiatives.queries import InitiativeArchived
from app.features.sessions import actions, queries
from app.features.sessions.actions.amendments import NotPresent, OlderMinutes, WindowClosed
from app.features.sessions.api.rights import MOVING, READING
from app.features.sessions.models import AmendmentState
from app.features.sessions.queries import SessionLocked
from app.features.sessions.queries.cards import Within
from app.features.sessions.schemas import (
    Acceptance,
    AmendmentDraft,
    AmendmentOut,
    ReadingOut,
    Refusal,
    ValidationDraft,
)
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import allowed
from app.web import respond
from app.web.api import PREFIX, api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read
from app.web.idempotency import CREATES
from app.web.objects import page, shape

router = api_router("sessions")
SAYING = problems(
    *(NotFound, Forbidden, NotPresent, Conflict, WrongState, SessionLocked, WindowClosed, InitiativeArchived, Invalid)
)


@router.get("/sessions/{session_id}/amendments", response_model=Listing[AmendmentOut], responses=READING)
async def list_amendments(
    request: Request, session_id: UUID, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """What organisations that came want the minutes to say, the oldest first."""
    session = await queries.get_card(read, actor, session_id)
    found = await queries.list_amendments(read, session.id, cursor=cursor, limit=limit)
    await read.release()
    items = (_shown(actor, session, row) for row in found.items)
    return page(request, Listing[AmendmentOut], found, items)


@router.post("/sessions/{session_id}/amendments", response_model=AmendmentOut, status_code=201, responses=SAYING)
async def propose_amendment(
    request: Request, session_id: UUID, body: AmendmentDraft, actor: Writer, db: Db
) -> Response:
    """Say what the minutes should say, while their window is open, for an organisation that came."""
    amendment = await actions.propose_amendment(db, actor, session_id, body)
    return await _answer(request, db, actor, amendment.id, status=201)


@router.get("/amendments/{amendment_id}", response_model=AmendmentOut, responses=READING)
async def get_amendment(request: Request, amendment_id: UUID, actor: Caller, read: Read) -> Response:
    """One amendment."""
    return await _answer(request, read, actor, amendment_id)


@router.post("/amendments/{amendment_id}/accept", response_model=AmendmentOut, responses=MOVING)
async def accept_amendment(
    request: Request, amendment_id: UUID, body: Acceptance, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Accept it; you then write it in the minutes."""
    await actions.accept_amendment(db, actor, amendment_id, body.reason, expected)
    return await _answer(request, db, actor, amendment_id)


@router.post("/amendments/{amendment_id}/refuse", response_model=AmendmentOut, responses=MOVING)
async def refuse_amendment(
    request: Request, amendment_id: UUID, body: Refusal, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Refuse it, and say why."""
    await actions.refuse_amendment(db, actor, amendment_id, body.reason, expected)
    return await _answer(request, db, actor, amendment_id)


@router.post("/amendments/{amendment_id}/withdraw", response_model=AmendmentOut, responses=MOVING)
async def withdraw_amendment(
    request: Request, amendment_id: UUID, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Take back your organisation's amendment before it is answered."""
    await actions.withdraw_amendment(db, actor, amendment_id, expected)
    return await _answer(request, db, actor, amendment_id)


@router.get("/sessions/{session_id}/minutes/readings", response_model=Listing[ReadingOut], responses=READING)
async def list_readings(
    request: Request, session_id: UUID, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """What each organisation that came said of the minutes; those that said nothing are there too."""
    session = await queries.get_card(read, actor, session_id, Action.MINUTES_READ)
    found = await queries.list_readings(read, session.id, cursor=cursor, limit=limit)
    await read.release()
    return page(request, Listing[ReadingOut], found, (ReadingOut.model_validate(row) for row in found.items))


@router.post(
    "/sessions/{session_id}/minutes/validate",
    response_model=Listing[ReadingOut],
    openapi_extra=CREATES,
    responses=SAYING | problems(OlderMinutes, Conflict),
)
async def validate_minutes(
    request: Request, session_id: UUID, body: ValidationDraft, actor: Writer, db: Db
) -> Response:
    """Say that your organisation read the minutes in force and has nothing to amend."""
    session = await actions.validate_minutes(db, actor, session_id, body)
    found = await queries.list_readings(db, session.id, cursor=None, limit=LIMIT)
    return page(request, Listing[ReadingOut], found, (ReadingOut.model_validate(row) for row in found.items))


def _shown(actor: Actor, session: queries.SessionRow, row: queries.AmendmentRow) -> AmendmentOut:
    verbs = (Action.AMENDMENT_DECIDE, Action.AMENDMENT_WITHDRAW) if row.state == AmendmentState.PROPOSED else ()
    it = Within.of(session, row)
    return shape(AmendmentOut, row, [verb.value for verb in verbs if allowed(actor, verb, it)])


async def _answer(request: Request, handle: Handle, actor: Actor, amendment_id: UUID, status: int = 200) -> Response:
    row, session = await queries.get_amendment(handle, actor, amendment_id)
    if isinstance(handle, Reader):
        await handle.release()
    location = f"{PREFIX}/amendments/{row.id}" if status == 201 else ""
    body = _shown(actor, session, row)
    return respond.item(request, body, version=row.version, status=status, location=location)
