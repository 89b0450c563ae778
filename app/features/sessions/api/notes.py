"""`/sessions/{id}/notes` and `/notes`."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.db import Handle, Reader
from app.core.schema import Listing
from app.features.sessions import actions, queries
from app.features.sessions.api.rights import ADDING, EDITING, READING
from app.features.sessions.schemas import NoteDraft, NoteOut, NotePatch, NoteRevisionOut
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import abilities
from app.web import respond
from app.web.api import PREFIX, api_router
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read
from app.web.objects import page, shape

router = api_router("sessions")


@router.get("/sessions/{session_id}/notes", response_model=Listing[NoteOut], responses=READING)
async def list_notes(
    request: Request,
    session_id: UUID,
    actor: Caller,
    read: Read,
    agenda_item_id: UUID | None = None,
    to_take_up_by: UUID | None = None,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Response:
    """The notes in the order of the agenda; `to_take_up_by` gives those in which an organisation spoke, still to take up."""
    session = await queries.get_card(read, actor, session_id)
    wanted = queries.NotesWanted(agenda_item_id, to_take_up_by)
    found = await queries.list_notes(read, actor, session.id, wanted, cursor=cursor, limit=limit)
    await read.release()
    return page(request, Listing[NoteOut], found, (_shown(actor, row) for row in found.items))


@router.post("/sessions/{session_id}/notes", response_model=NoteOut, status_code=201, responses=ADDING)
async def write_note(request: Request, session_id: UUID, body: NoteDraft, actor: Writer, db: Db) -> Response:
    """Note something. Several people may at once: each note is its own."""
    note = await actions.write_note(db, actor, session_id, body)
    return await _answer(request, db, actor, note.id, status=201)


@router.get("/notes/{note_id}", response_model=NoteOut, responses=READING)
async def get_note(request: Request, note_id: UUID, actor: Caller, read: Read) -> Response:
    """One note."""
    return await _answer(request, read, actor, note_id)


@router.get("/notes/{note_id}/revisions", response_model=Listing[NoteRevisionOut], responses=READING)
async def list_revisions(
    request: Request, note_id: UUID, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """Every wording of a note and who wrote it, the latest first."""
    note = await queries.get_note(read, actor, note_id)
    found = await queries.list_note_revisions(read, note.id, cursor=cursor, limit=limit)
    await read.release()
    items = (NoteRevisionOut.model_validate(row) for row in found.items)
    return page(request, Listing[NoteRevisionOut], found, items)


@router.patch("/notes/{note_id}", response_model=NoteOut, responses=EDITING)
async def edit_note(
    request: Request, note_id: UUID, body: NotePatch, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Correct your note, or any when you run the session."""
    await actions.edit_note(db, actor, note_id, body, expected)
    return await _answer(request, db, actor, note_id)


@router.delete("/notes/{note_id}", status_code=204, responses=EDITING)
async def remove_note(note_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take it out of the notes."""
    await actions.remove_note(db, actor, note_id, expected)
    return Response(status_code=204)


def _shown(actor: Actor, row: queries.NoteRow) -> NoteOut:
    able = abilities(actor, row, "note")
    if row.taken_up:
        able = [one for one in able if one != Action.NOTE_TAKE_UP]
    return shape(NoteOut, row, able)


async def _answer(request: Request, handle: Handle, actor: Actor, note_id: UUID, status: int = 200) -> Response:
    row = await queries.get_note(handle, actor, note_id)
    if isinstance(handle, Reader):
        await handle.release()
    location = f"{PREFIX}/notes/{row.id}" if status == 201 else ""
    return respond.item(request, _shown(actor, row), version=row.version, status=status, location=location)
