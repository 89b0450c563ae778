"""Notes, in the order of the agenda, then as they were written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import aliased

from app.core.db import Handle
from app.core.errors import NotFound
from app.core.paging import Mark, Page, mark_of, page_of
from app.core.text import LARGEST_INTEGER
from app.features.identity.models import Organisation, Person
from app.features.sessions.models import AgendaItem, Session, SessionNote, SessionNoteRevision
from app.features.sessions.queries.signatures import signed
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

NO_NOTE = "Cette note n’existe pas, ou vous n’y avez pas accès."
_N = SessionNote.__table__.c
_SPEAKER, _EDITOR = aliased(Organisation), aliased(Person)
_PLACE = func.coalesce(AgendaItem.position, LARGEST_INTEGER)
"""Notes that are of no point of the agenda come last."""


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note. `state` is the session's: what may still be done with the note depends on it."""

    id: UUID
    session_id: UUID
    initiative_id: UUID
    space_id: UUID | None
    state: str
    place: int
    agenda_item_id: UUID | None
    markdown: str
    html: str
    speaker_organisation_id: UUID | None
    speaker_name: str | None
    taken_up: bool
    contribution_id: UUID | None
    contribution_space_id: UUID | None
    created_at: datetime
    edited_at: datetime | None
    edited_by: UUID | None
    editor_name: str | None
    version: int
    person_id: UUID | None
    person_name: str | None
    organisation_id: UUID | None
    organisation_name: str | None
    capacity: str


@dataclass(frozen=True, slots=True)
class NoteRevisionRow:
    """A note as it was worded once."""

    note_id: UUID
    n: int
    markdown: str
    person_id: UUID
    person_name: str | None
    saved_at: datetime


def notes() -> Select[Any]:
    """The columns of `NoteRow`, of the notes that stand, in order."""
    return (
        signed(
            SessionNote,
            *(_N.id, _N.session_id, _N.initiative_id, _N.space_id, Session.state, _PLACE.label("place")),
            *(_N.agenda_item_id, _N.markdown, _N.html),
            *(_N.speaker_organisation_id, _SPEAKER.name.label("speaker_name")),
            *(_N.contribution_id.is_not(None).label("taken_up"), _N.contribution_id, _N.contribution_space_id),
            *(_N.created_at, _N.edited_at, _N.edited_by, _EDITOR.name.label("editor_name"), _N.version),
        )
        .join(Session, Session.id == _N.session_id)
        .outerjoin(AgendaItem, AgendaItem.id == _N.agenda_item_id)
        .outerjoin(_SPEAKER, _SPEAKER.id == _N.speaker_organisation_id)
        .outerjoin(_EDITOR, _EDITOR.id == _N.edited_by)
        .where(_N.removed_at.is_(None))
        .order_by(_PLACE, _N.id)
    )


def shown_to(actor: Actor) -> Callable[[NoteRow], NoteRow]:
    """What `actor` may know of a note: a plenary's may have become a contribution of a space that they do not read."""

    def shown(note: NoteRow) -> NoteRow:
        if note.contribution_space_id is None or note.contribution_space_id in actor.inner_spaces:
            return note
        return replace(note, contribution_id=None, contribution_space_id=None)

    return shown


@dataclass(frozen=True, slots=True)
class NotesWanted:
    """Which notes of a session are asked for."""

    agenda_item_id: UUID | None = None
    to_take_up_by: UUID | None = None
    """The organisation that was heard, and has not made a contribution of it."""


async def list_notes(
    read: Handle, actor: Actor, session_id: UUID, wanted: NotesWanted, *, cursor: str | None, limit: int
) -> Page[NoteRow]:
    """In the order of the agenda. The caller was allowed to read the session (`get_card`)."""
    mark, question = mark_of(cursor, int), notes().where(_N.session_id == session_id)
    if wanted.agenda_item_id is not None:
        question = question.where(_N.agenda_item_id == wanted.agenda_item_id)
    if wanted.to_take_up_by is not None:
        question = question.where(_N.speaker_organisation_id == wanted.to_take_up_by, _N.contribution_id.is_(None))
    if mark is not None:
        question = question.where(tuple_(_PLACE, _N.id) > (mark.key, mark.id))
    rows = await read.execute(question.limit(limit + 1))
    shown = shown_to(actor)
    return page_of([shown(NoteRow(*row)) for row in rows], limit, lambda row: Mark(row.place, row.id))


async def get_note(read: Handle, actor: Actor, note_id: UUID) -> NoteRow:
    """One note; `NotFound` when hidden, removed or unknown."""
    question = notes().where(_N.id == note_id, visible(actor, Session, Action.SESSION_READ))
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(NO_NOTE)
    return shown_to(actor)(NoteRow(*row))


async def list_note_revisions(read: Handle, note_id: UUID, *, cursor: str | None, limit: int) -> Page[NoteRevisionRow]:
    """Every wording, the latest first. The caller was allowed to read the note (`get_note`)."""
    mark, table = mark_of(cursor, int), SessionNoteRevision.__table__.c
    question = (
        select(table.note_id, table.n, table.markdown, table.person_id, Person.name, table.saved_at)
        .join(Person, Person.id == table.person_id)
        .where(table.note_id == note_id)
    )
    if mark is not None:
        question = question.where(table.n < mark.key)
    rows = await read.execute(question.order_by(table.n.desc()).limit(limit + 1))
    return page_of([NoteRevisionRow(*row) for row in rows], limit, lambda row: Mark(row.n, row.note_id))
