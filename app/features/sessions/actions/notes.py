"""Notes, taken by several people at once: each is a row with its own version, so that nobody writes over anybody."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter, asked
from app.core.clock import now
from app.core.errors import Conflict, NotFound
from app.core.richtext.reading import aside
from app.core.richtext.render import to_html
from app.core.versions import Expected
from app.features.initiatives.queries import require_not_archived
from app.features.sessions.actions.session import check_item, check_takes_part, hold_session, tell_as
from app.features.sessions.models import Session, SessionNote
from app.features.sessions.queries import NO_NOTE, SessionLocked
from app.features.sessions.queries.cards import Within
from app.features.sessions.schemas import NoteDraft, NotePatch
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.speaker import Speaker, find_pilot_speaker, speaker

MOST = 1_000


class NotesFull(Conflict):
    """The session has as many notes as one may have: put several together."""

    title = "Trop de notes"


class NoteTakenUp(Conflict):
    """The organisation that spoke made a contribution of this note: it stays as it was taken up."""

    title = "Note déjà reprise"


async def write_note(db: AsyncSession, actor: Actor, session_id: UUID, draft: NoteDraft) -> SessionNote:
    """Note something of a session that is not locked, for oneself and one's organisation."""
    session = await hold_session(db, actor, session_id, Action.NOTE_WRITE)
    said = _taker(actor, session, draft.organisation_id)
    await check_item(db, session, draft.agenda_item_id)
    await check_takes_part(db, session, "/speaker_organisation_id", draft.speaker_organisation_id)
    standing = select(func.count()).where(SessionNote.session_id == session.id, SessionNote.removed_at.is_(None))
    if (await db.execute(standing)).scalar_one() >= MOST:
        raise NotesFull(f"La séance a déjà {MOST} notes.")
    note = SessionNote(
        session_id=session.id,
        initiative_id=session.initiative_id,
        space_id=session.space_id,
        agenda_item_id=draft.agenda_item_id,
        markdown=draft.markdown,
        html=await aside(draft.markdown, lambda: to_html(draft.markdown)),
        speaker_organisation_id=draft.speaker_organisation_id,
        **said.columns(),
    )
    db.add(note)
    await db.flush()
    tell_as(db, actor, said, "note.written", note, session=str(session.id))
    return note


async def edit_note(db: AsyncSession, actor: Actor, note_id: UUID, patch: NotePatch, expected: Expected) -> SessionNote:
    """Correct one's note, or any while one runs the session; every wording stays, with who wrote it."""
    note, session = await hold_note(db, actor, note_id, Action.NOTE_EDIT)
    expected.check(note.version)
    changes = asked(patch, {"agenda_item_id": None, "speaker_organisation_id": None})
    if note.contribution_id is not None and changes.keys() & {"markdown", "speaker_organisation_id"}:
        raise NoteTakenUp("Cette note a été reprise en contribution : ses mots et qui parlait ne changent plus.")
    await check_item(db, session, changes.get("agenda_item_id"))
    await check_takes_part(db, session, "/speaker_organisation_id", changes.get("speaker_organisation_id"))
    if "markdown" in changes:
        changes["html"] = await aside(changes["markdown"], lambda: to_html(changes["markdown"]))
    if any(getattr(note, name) != value for name, value in changes.items()):
        changed = alter(note, changes | {"edited_at": now(), "edited_by": actor.person_id})
        await db.flush()
        fields = [name for name in changed if name in NotePatch.model_fields]
        said = _taker(actor, session, note.organisation_id if note.person_id == actor.person_id else None)
        tell_as(db, actor, said, "note.edited", note, session=str(session.id), fields=fields)
    return note


async def remove_note(db: AsyncSession, actor: Actor, note_id: UUID, expected: Expected) -> None:
    """Take it out of the notes; the database keeps it."""
    note, session = await hold_note(db, actor, note_id, Action.NOTE_EDIT)
    expected.check(note.version)
    alter(note, {"removed_at": now()})
    await db.flush()
    said = _taker(actor, session, note.organisation_id if note.person_id == actor.person_id else None)
    tell_as(db, actor, said, "note.removed", note, session=str(session.id))


async def hold_note(db: AsyncSession, actor: Actor, note_id: UUID, action: Action) -> tuple[SessionNote, Session]:
    """The note, locked, and its session, kept from being locked, for somebody who may do `action`."""
    question = (
        select(Session)
        .join(SessionNote, SessionNote.session_id == Session.id)
        .where(SessionNote.id == note_id, visible(actor, Session, Action.SESSION_READ))
        .with_for_update(of=Session, read=True, key_share=True)
    )
    session = (await db.execute(question)).scalar_one_or_none()
    standing = select(SessionNote).where(SessionNote.id == note_id, SessionNote.removed_at.is_(None))
    note = (await db.execute(standing.with_for_update(key_share=True))).scalar_one_or_none() if session else None
    if session is None or note is None:
        raise NotFound(NO_NOTE)
    require(actor, action, Within.of(session, note), SessionLocked)
    await require_not_archived(db, session.initiative_id)
    return note, session


def _taker(actor: Actor, session: Session, organisation_id: UUID | None) -> Speaker:
    """For whom somebody takes notes: the organisation that they name, else the mandate by which they run the session."""
    if organisation_id is None and (running := find_pilot_speaker(actor, session.initiative_id, session.space_id)):
        return running
    return speaker(actor, session.initiative_id, session.space_id, organisation_id)
