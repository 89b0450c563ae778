"""What sessions and contributions owe each other: a note that becomes one, and a point of the agenda that is about one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter
from app.core.errors import invalid, unknown
from app.core.versions import Expected
from app.features.sessions.actions.agenda import hold_item
from app.features.sessions.actions.notes import NoteTakenUp, hold_note
from app.features.sessions.actions.session import tell, tell_as
from app.features.sessions.models import AgendaItem
from app.features.statements.actions.submit import submit
from app.features.statements.models import Statement, StatementState, StatementType
from app.features.statements.schemas import AgendaContribution, ContributionDraft, NoteTakeUp
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.speaker import speaker


async def take_up(db: AsyncSession, actor: Actor, note_id: UUID, said: NoteTakeUp) -> Any:
    """Make a contribution of what one's organisation was heard saying, by the path of any other; the row to answer with.

    The words are those that its own person sends: what a note-taker wrote engages nobody.
    """
    note, session = await hold_note(db, actor, note_id, Action.NOTE_TAKE_UP)
    if note.contribution_id is not None:
        raise NoteTakenUp("Votre organisation a déjà fait une contribution de cette note.")
    if session.space_id is not None and said.space_id not in (None, session.space_id):
        raise invalid("/space_id", "Cette note est d’une séance d’un autre espace.")
    space_id = session.space_id or said.space_id
    if space_id is None:
        raise invalid("/space_id", "Une séance plénière n’a pas d’espace : dites dans lequel vous contribuez.")
    words = said.model_dump(exclude={"space_id"})
    draft = ContributionDraft(
        **words, space_id=space_id, session_id=session.id, organisation_id=note.speaker_organisation_id
    )
    row = await submit(db, actor, draft)
    alter(note, {"contribution_id": row.id, "contribution_space_id": row.space_id})
    await db.flush()
    who = speaker(actor, session.initiative_id, space_id, note.speaker_organisation_id)
    tell_as(db, actor, who, "note.taken_up", note, session=str(session.id))
    return row


async def link_contribution(
    db: AsyncSession, actor: Actor, item_id: UUID, body: AgendaContribution, expected: Expected
) -> AgendaItem:
    """Say which contribution of the session's own space a point of the agenda is about, or none."""
    item, session = await hold_item(db, actor, item_id)
    expected.check(item.version)
    if body.contribution_id is not None:
        found = select(func.count()).where(
            Statement.id == body.contribution_id,
            Statement.type == StatementType.CONTRIBUTION,
            Statement.state == StatementState.PUBLISHED,
            Statement.space_id == session.space_id,
            visible(actor, Statement, Action.STATEMENT_READ),
        )
        if not (await db.execute(found)).scalar_one():
            raise unknown("/contribution_id", "Cette contribution n’est pas de l’espace de la séance.")
    if changed := alter(item, {"contribution_id": body.contribution_id}):
        await db.flush()
        tell(db, actor, "agenda_item.edited", item, session=str(session.id), fields=changed)
    return item
