"""JSON routes of attached files: a form with one file in, a download out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog
from fastapi import Request, Response

from app.core.errors import (
    Forbidden,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Unavailable,
    WrongState,
    invalid,
)
from app.core.paging import LIMIT, Page
from app.core.schema import Listing
from app.features.attachments import actions, queries
from app.features.attachments.contents import KINDS, FileRefused
from app.features.attachments.queries import FileRow, Owner
from app.features.attachments.receiving import receive
from app.features.attachments.schemas import AttachmentOut
from app.features.attachments.sending import send
from app.features.initiatives.queries import InitiativeArchived, InitiativeClosed
from app.features.sessions.queries import SessionLocked
from app.features.spaces.queries import SpaceClosed
from app.policy.actor import Actor
from app.web import respond
from app.web.api import PREFIX, api_router, problems
from app.web.auth import ActingFor, Caller, Writer, identify
from app.web.deps import Cursor, Db, IfMatch, Limit, Read, transaction
from app.web.idempotency import STREAMS, IdempotencyKeyMissing, IdempotencyKeyReused, Key, StillRunning
from app.web.multipart import FormExpected, FormRefused, IncomingForm

router = api_router("attachments")
log = structlog.get_logger("alliage.attachments")
LISTING = Listing[AttachmentOut]
STREAMED = (f"{PREFIX}/contributions/*/attachments", f"{PREFIX}/sessions/*/attachments")
"""Their bodies are read as they come."""
FORM: dict[str, Any] = STREAMS | {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "additionalProperties": False,
                }
            }
        },
    },
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "format": "uuid"},
        }
    ],
}
REFUSALS = (Forbidden, WrongState, InitiativeArchived, FileRefused, FormExpected, FormRefused, actions.FileTooLarge)
MORE = (actions.QuotaExceeded, actions.UploadLost, IdempotencyKeyMissing, IdempotencyKeyReused, StillRunning)
CLOSED = (InitiativeClosed, SpaceClosed)
CONTENT: dict[str, Any] = {
    kind.media_type: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS.values()
}


@router.get("/contributions/{contribution_id}/attachments", response_model=LISTING, responses=problems(NotFound))
async def list_of_contribution(
    request: Request, contribution_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """Files of a contribution; outside its space, only where it may be quoted with its name."""
    found = await queries.list_attachments(read, actor, Owner(statement_id=contribution_id), cursor, limit)
    await read.release()
    return _page(request, found)


@router.get("/sessions/{session_id}/attachments", response_model=LISTING, responses=problems(NotFound))
async def list_of_session(
    request: Request, session_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """Papers of a session."""
    found = await queries.list_attachments(read, actor, Owner(session_id=session_id), cursor, limit)
    await read.release()
    return _page(request, found)


@router.post(
    "/contributions/{contribution_id}/attachments",
    status_code=201,
    response_model=AttachmentOut,
    responses=problems(NotFound, *REFUSALS, *CLOSED, *MORE),
    openapi_extra=FORM,
)
async def attach_to_contribution(request: Request, contribution_id: UUID, actor: Caller, read: Read) -> Response:
    """Attach a file to your organisation's contribution: a form with one part, `file`. Its kind is read in its content."""
    await read.release()
    return await _attach(request, actor, Owner(statement_id=contribution_id))


@router.post(
    "/sessions/{session_id}/attachments",
    status_code=201,
    response_model=AttachmentOut,
    responses=problems(NotFound, *REFUSALS, SessionLocked, *MORE),
    openapi_extra=FORM,
)
async def attach_to_session(
    request: Request, session_id: UUID, actor: Caller, read: Read, acting_for: ActingFor = None
) -> Response:
    """Add a paper to a session (co-pilots and facilitators): a form with one part, `file`."""
    await read.release()
    return await _attach(request, actor, Owner(session_id=session_id), acting_for)


async def _attach(request: Request, actor: Actor, owner: Owner, acting_for: UUID | None = None) -> Response:
    """Receive, then attach in a transaction that asks again who calls; the key is known once the file has come."""
    key, form = Key.of_stream(request), IncomingForm(request)
    quota = request.app.state.settings.attachment_quota_bytes
    if acting_for is not None:
        actor = replace(actor, acting_for=acting_for)
    async with receive(request, actor, owner, form) as upload:
        if form.field != "file":
            raise invalid("/file", "Le fichier se trouve dans un champ nommé « file ».")
        key.add(form.filename.encode() + upload.received_sha256)
        if await form.fields() or form.has_file:
            raise FormRefused("Ce formulaire porte un fichier, et rien d’autre.")
        async with transaction(request) as db:
            actor = await identify(request, db, acting_for)
            await key.claim(request, db, actor.person_id)
            if key.answer is not None:
                return await key.replay()
            attached = await actions.finalise(db, actor, upload, quota=quota)
            answer = _item(request, await queries.get_attachment(db, actor, attached), status=201)
            await key.keep(answer)
        return answer


@router.get("/attachments/{attachment_id}", response_model=AttachmentOut, responses=problems(NotFound))
async def show(request: Request, attachment_id: UUID, actor: Caller, read: Read) -> Response:
    """What is known of a file, and what you may do with it."""
    row = await queries.get_attachment(read, actor, attachment_id)
    await read.release()
    return _item(request, row)


@router.get(
    "/attachments/{attachment_id}/content",
    response_class=Response,
    responses={200: {"content": CONTENT}, **problems(NotFound, Unavailable)},
)
async def download(request: Request, attachment_id: UUID, actor: Caller, read: Read) -> Response:
    """The file itself, always as a download; the right to read it is asked each time, and no connection is held."""
    return await send(request, actor, read, attachment_id)


@router.delete(
    "/attachments/{attachment_id}",
    status_code=204,
    responses=problems(
        Forbidden, NotFound, PreconditionFailed, PreconditionRequired, WrongState, InitiativeArchived, SessionLocked
    ),
)
async def remove(attachment_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take a file off; its bytes are deleted soon after, its fingerprint and length stay."""
    await actions.remove(db, actor, attachment_id, expected)
    return Response(status_code=204)


def _item(request: Request, row: FileRow, *, status: int = 200) -> Response:
    location = f"{PREFIX}/attachments/{row.id}" if status == 201 else ""
    return respond.item(request, row.out(), version=row.version, status=status, location=location)


def _page(request: Request, found: Page[FileRow]) -> Response:
    return respond.page(request, LISTING, Page([row.out() for row in found.items], found.next_cursor))
