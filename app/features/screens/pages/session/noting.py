"""During a session: notes that several people take at once, each its own row; and what becomes of one."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from app.features.drafts.actions import forget
from app.features.drafts.keys import DraftForm
from app.features.screens.pages.session.fields import NOTES, emptied, keeps_theirs, seen
from app.features.sessions import actions
from app.features.sessions.models import SessionNote
from app.features.sessions.queries.parts import check_part
from app.features.sessions.schemas import NoteDraft, NotePatch
from app.features.statements.actions.meetings import take_up
from app.features.statements.schemas import NoteTakeUp
from app.web.conflict import written_on
from app.web.deps import Db
from app.web.forms import Filled, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting

router = page_router()
HERE = again("/seances/{session_id}?vue=notes")


@router.post("/seances/{session_id}/notes", openapi_extra=HERE | CREATES)
async def write_note(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """One note more."""
    await actions.write_note(db, screen.actor, session_id, read(NoteDraft, form))
    await forget(db, screen.actor, DraftForm.NOTE_NEW.key(session_id))
    return screen.see(seen(session_id, NOTES, "noter"), said="note-written")


@router.post(
    "/seances/{session_id}/notes/{note_id}", openapi_extra=again("/seances/{session_id}?vue=notes&note={note_id}")
)
async def edit_note(screen: Acting, db: Db, session_id: UUID, note_id: UUID, form: Filled) -> Response:
    """Its words, its point, who was heard; of two versions, the one that stands may be kept."""
    await check_part(db, screen.actor, session_id, SessionNote, note_id)
    if keeps_theirs(form):
        return screen.see(seen(session_id, NOTES, f"n-{note_id}"))
    patch = read(NotePatch, form, **emptied(form, "agenda_item_id", "speaker_organisation_id"))
    await actions.edit_note(db, screen.actor, note_id, patch, written_on(form))
    return screen.see(seen(session_id, NOTES, f"n-{note_id}"), said="note-edited")


@router.post("/seances/{session_id}/notes/{note_id}/retirer", openapi_extra=HERE)
async def remove_note(screen: Acting, db: Db, session_id: UUID, note_id: UUID, form: Filled) -> Response:
    """Out of the notes."""
    await check_part(db, screen.actor, session_id, SessionNote, note_id)
    await actions.remove_note(db, screen.actor, note_id, written_on(form))
    return screen.see(seen(session_id, NOTES), said="note-removed")


@router.post(
    "/seances/{session_id}/notes/{note_id}/reprendre",
    openapi_extra=again("/seances/{session_id}?vue=notes&reprendre={note_id}") | CREATES,
)
async def take_note_up(screen: Acting, db: Db, session_id: UUID, note_id: UUID, form: Filled) -> Response:
    """A contribution of the organisation that was heard, by its own person."""
    await check_part(db, screen.actor, session_id, SessionNote, note_id)
    made = await take_up(db, screen.actor, note_id, read(NoteTakeUp, form))
    return screen.see(f"/contributions/{made.id}", said="note-taken-up")
