"""What an organisation answers: it comes, it does not, it sends somebody. It may change its mind until the session is held."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter
from app.core.clock import now
from app.core.errors import unknown
from app.core.versions import Expected
from app.features.identity.models import Mandate
from app.features.sessions.actions.session import hold_session, tell_as
from app.features.sessions.models import Session, SessionAnswer
from app.features.sessions.schemas import AnswerDraft
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.speaker import speaker


async def answer(
    db: AsyncSession, actor: Actor, session_id: UUID, organisation_id: UUID, draft: AnswerDraft, expected: Expected
) -> None:
    """Say whether the organisation comes; `expected` names the version of the answer before, 0 for the first."""
    session = await hold_session(db, actor, session_id, Action.SESSION_ANSWER, alone=True)
    said = speaker(actor, session.initiative_id, session.space_id, organisation_id)
    await _check_colleague(db, session, organisation_id, draft.sent_person_id)
    question = select(SessionAnswer).where(
        SessionAnswer.session_id == session.id, SessionAnswer.organisation_id == organisation_id
    )
    stored = (await db.execute(question)).scalar_one_or_none()
    expected.check(stored.version if stored is not None else 0)
    given = draft.model_dump()
    if stored is None:
        place = {"initiative_id": session.initiative_id, "space_id": session.space_id}
        stored = SessionAnswer(session_id=session.id, answered_at=now(), **place, **given, **said.columns())
        db.add(stored)
    elif all(getattr(stored, name) == value for name, value in given.items()):
        return
    else:
        alter(stored, given | said.columns() | {"answered_at": now()})
    await db.flush()
    tell_as(db, actor, said, "session.answered", stored, session=str(session.id), answer=draft.answer)


async def _check_colleague(db: AsyncSession, session: Session, organisation_id: UUID, person_id: UUID | None) -> None:
    """422, alike for hidden and unknown, unless the organisation gave this person a mandate that runs here."""
    if person_id is None:
        return
    held = select(func.count()).where(
        Mandate.person_id == person_id,
        Mandate.organisation_id == organisation_id,
        or_(Mandate.initiative_id.is_(None), Mandate.initiative_id == session.initiative_id),
        Mandate.during.contains(func.now()),
    )
    if not (await db.execute(held)).scalar_one():
        raise unknown("/sent_person_id", "Votre organisation n’a pas donné de mandat à cette personne.")
