"""Files of a contribution or of a session, for a browser: join one, take it off, receive it, always as a download."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from fastapi import Request, Response
from starlette.datastructures import FormData

from app.core.errors import invalid
from app.features.attachments import actions
from app.features.attachments.queries import Owner
from app.features.attachments.receiving import receive
from app.features.attachments.sending import send
from app.policy.actor import Actor
from app.web import csrf
from app.web.auth import Caller, identify
from app.web.conflict import written_on
from app.web.deps import Db, Read, transaction
from app.web.forms import KEY, Filled, acting_for, again, page_router, require_once
from app.web.idempotency import STREAMS, Key
from app.web.multipart import FormExpected, FormRefused, IncomingForm
from app.web.screen import Acting, see

router = page_router()
STREAMED = ("/contributions/*/fichiers", "/seances/*/fichiers")
"""Their bodies are read as they come."""
OF_CONTRIBUTION, OF_SESSION = again("/contributions/{contribution_id}"), again("/seances/{session_id}")


@router.get("/fichiers/{attachment_id}")
async def fetch(request: Request, attachment_id: UUID, actor: Caller, read: Read) -> Response:
    """The file itself; the right to read it is asked each time."""
    return await send(request, actor, read, attachment_id)


@router.post("/contributions/{contribution_id}/fichiers", openapi_extra=STREAMS | OF_CONTRIBUTION)
async def attach_to_contribution(request: Request, contribution_id: UUID, actor: Caller, read: Read) -> Response:
    """Join a file to the words of one's organisation."""
    await read.release()
    return await _attach(request, actor, Owner(statement_id=contribution_id), f"/contributions/{contribution_id}")


@router.post("/seances/{session_id}/fichiers", openapi_extra=STREAMS | OF_SESSION)
async def attach_to_session(request: Request, session_id: UUID, actor: Caller, read: Read) -> Response:
    """Join a paper to a session (co-pilots, facilitators)."""
    await read.release()
    return await _attach(request, actor, Owner(session_id=session_id), f"/seances/{session_id}")


@router.post("/contributions/{contribution_id}/fichiers/{attachment_id}/retirer", openapi_extra=OF_CONTRIBUTION)
async def remove_of_contribution(
    screen: Acting, db: Db, form: Filled, contribution_id: UUID, attachment_id: UUID
) -> Response:
    """Take a file off: nobody reads it any more."""
    owner = Owner(statement_id=contribution_id)
    await actions.remove(db, screen.actor, attachment_id, written_on(form), owner)
    return screen.see(f"/contributions/{contribution_id}#fichiers", said="file-removed")


@router.post("/seances/{session_id}/fichiers/{attachment_id}/retirer", openapi_extra=OF_SESSION)
async def remove_of_session(screen: Acting, db: Db, form: Filled, session_id: UUID, attachment_id: UUID) -> Response:
    """Take a paper off."""
    await actions.remove(db, screen.actor, attachment_id, written_on(form), Owner(session_id=session_id))
    return screen.see(f"/seances/{session_id}#fichiers", said="file-removed")


async def _attach(request: Request, actor: Actor, owner: Owner, where: str) -> Response:
    """Receive, then attach in a transaction that asks again who sends; the fields stand before the file."""
    try:
        form = IncomingForm(request)
    except FormExpected:
        # After a sign-in on the way, the fields come back, and the file does not.
        raise invalid("/file", "Choisissez de nouveau le fichier, puis envoyez-le.") from None
    fields = await form.fields()
    request.state.form = FormData([(name, value) for name, values in fields.items() for value in values])
    require_once(request.state.form)
    token = next(iter(fields.get(csrf.FIELD, [])), "")
    if request.state.by_cookie:
        csrf.require_token(request, actor.login_id, token)
    named = acting_for(request.state.form)
    actor = replace(actor, acting_for=named)
    key = Key.of_stream(request, next(iter(fields.get(KEY, [])), None))
    async with receive(request, actor, owner, form) as upload:
        if form.field != "file":
            raise invalid("/file", "Choisissez un fichier.")
        key.add(form.filename.encode() + upload.received_sha256)
        await form.fields()
        if form.has_file:
            raise FormRefused("Un seul fichier à la fois : envoyez les suivants l’un après l’autre.")
        async with transaction(request) as db:
            actor = await identify(request, db, named)
            if request.state.by_cookie:
                csrf.require_token(request, actor.login_id, token)
            await key.claim(request, db, actor.person_id)
            if key.answer is not None:
                return await key.replay()
            await actions.finalise(db, actor, upload, quota=request.app.state.settings.attachment_quota_bytes)
            answer = see(f"{where}#fichiers", said="file-joined")
            await key.keep(answer)
        return answer
