"""Whether a point, a note, a decision or a correction is of the session whose address names it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.core.db import Handle
from app.core.errors import NotFound
from app.features.sessions.models import AgendaItem, Amendment, Decision, Session, SessionNote
from app.features.sessions.queries.agenda import NO_ITEM
from app.features.sessions.queries.amendments import NO_AMENDMENT
from app.features.sessions.queries.decisions import NO_DECISION
from app.features.sessions.queries.notes import NO_NOTE
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

Part = type[AgendaItem] | type[Amendment] | type[Decision] | type[SessionNote]
ABSENT: dict[Part, str] = {
    AgendaItem: NO_ITEM,
    Amendment: NO_AMENDMENT,
    Decision: NO_DECISION,
    SessionNote: NO_NOTE,
}


async def check_part(read: Handle, actor: Actor, session_id: UUID, model: Part, part_id: UUID) -> None:
    """NotFound, as what does not exist, unless the part is of this session and the caller may read it."""
    question = (
        select(model.id)
        .join(Session, Session.id == model.session_id)
        .where(model.id == part_id, Session.id == session_id, visible(actor, Session, Action.SESSION_READ))
    )
    if (await read.execute(question)).first() is None:
        raise NotFound(ABSENT[model])
