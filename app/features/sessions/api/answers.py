"""`/sessions/{id}/answers`, and what sessions await of oneself."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import (
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    WrongState,
)
from app.core.paging import Page
from app.core.schema import Listing
from app.features.initiatives.queries import InitiativeArchived
from app.features.sessions import actions, queries
from app.features.sessions.api.rights import READING
from app.features.sessions.queries import SessionLocked
from app.features.sessions.schemas import AnswerDraft, AnswerOut, AwaitedOut, SessionCard, UpcomingOut
from app.policy.actor import Actor
from app.policy.decide import abilities
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read
from app.web.objects import page, shape

router = api_router("sessions")
ANSWERING = problems(
    *(NotFound, Forbidden, WrongState, SessionLocked, InitiativeArchived),
    *(PreconditionFailed, Invalid, PreconditionRequired),
)
NOT_EXPECTED = "Personne n’attend de réponse de cette organisation."


@router.get("/sessions/{session_id}/answers", response_model=Listing[AnswerOut], responses=READING)
async def list_answers(
    request: Request, session_id: UUID, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """Who comes, by organisation; those that did not answer are there too, without an answer."""
    session = await queries.get_card(read, actor, session_id)
    found = await queries.list_answers(read, session.id, cursor=cursor, limit=limit)
    await read.release()
    items = (AnswerOut.model_validate(row) for row in found.items)
    return page(request, Listing[AnswerOut], found, items)


@router.get("/sessions/{session_id}/answers/{organisation_id}", response_model=AnswerOut, responses=READING)
async def get_answer(request: Request, session_id: UUID, organisation_id: UUID, actor: Caller, read: Read) -> Response:
    """The answer of one organisation; its version is 0 before the first."""
    session = await queries.get_card(read, actor, session_id)
    row = await queries.find_answer(read, session.id, organisation_id)
    await read.release()
    if row is None:
        raise NotFound(NOT_EXPECTED)
    return respond.item(request, AnswerOut.model_validate(row), version=row.version)


@router.put("/sessions/{session_id}/answers/{organisation_id}", response_model=AnswerOut, responses=ANSWERING)
async def answer(
    request: Request,
    session_id: UUID,
    organisation_id: UUID,
    body: AnswerDraft,
    expected: IfMatch,
    actor: Writer,
    db: Db,
) -> Response:
    """Say whether your organisation comes; you may change it until the session is held.

    `If-Match` names the version of the answer before (`"v0"` for the first one).
    """
    await actions.answer(db, actor, session_id, organisation_id, body, expected)
    row = await queries.find_answer(db, session_id, organisation_id)
    assert row is not None
    return respond.item(request, AnswerOut.model_validate(row), version=row.version)


@router.get("/me/sessions", response_model=Listing[UpcomingOut])
async def list_my_sessions(
    request: Request, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """The sessions to come that you may read, with what your organisations answered."""
    found = await queries.list_my_upcoming(read, actor, cursor=cursor, limit=limit)
    await read.release()
    items = (UpcomingOut(session=_card(actor, row.session), answers=row.answers) for row in found.items)
    return page(request, Listing[UpcomingOut], found, items)


@router.get("/me/sessions/awaited", response_model=Listing[AwaitedOut])
async def list_awaited(request: Request, actor: Caller, read: Read) -> Response:
    """What sessions await of the organisations that you speak for: an answer, or a word on the minutes; by deadline."""
    found = await queries.list_awaiting_answer(read, actor)
    await read.release()
    items = (
        AwaitedOut(
            what=row.what,
            due_at=row.due_at,
            organisation_id=row.organisation_id,
            organisation_name=row.organisation_name,
            session=_card(actor, row.session),
        )
        for row in found
    )
    return page(request, Listing[AwaitedOut], Page(found, None), items)


def _card(actor: Actor, row: queries.SessionRow) -> SessionCard:
    return shape(SessionCard, row, abilities(actor, row, "session"))
