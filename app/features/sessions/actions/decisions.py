"""What a session decided: numbered; a removed decision keeps its number."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter, asked
from app.core.clock import now
from app.core.errors import Conflict, NotFound
from app.core.versions import Expected
from app.features.initiatives.queries import require_not_archived
from app.features.sessions.actions.session import as_whom, get_to_edit, tell
from app.features.sessions.models import Decision, DecisionRevision, Session
from app.features.sessions.queries import NO_DECISION, SessionLocked
from app.features.sessions.schemas import DecisionDraft, DecisionPatch
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible


class DecisionRemoved(Conflict):
    """The decision was removed: it keeps its number, and nothing of it changes any more."""

    title = "Décision retirée"


async def record_decision(db: AsyncSession, actor: Actor, session_id: UUID, draft: DecisionDraft) -> Decision:
    """Write down what was decided."""
    session = await get_to_edit(db, actor, session_id, Action.DECISION_WRITE)
    last = select(func.coalesce(func.max(Decision.n), 0)).where(Decision.session_id == session.id)
    decision = Decision(
        session_id=session.id,
        initiative_id=session.initiative_id,
        space_id=session.space_id,
        n=int((await db.execute(last)).scalar_one()) + 1,
        text=draft.text,
        **as_whom(actor, session).columns(),
    )
    db.add(decision)
    await db.flush()
    tell(db, actor, "decision.recorded", decision, n=decision.n)
    return decision


async def edit_decision(
    db: AsyncSession, actor: Actor, decision_id: UUID, patch: DecisionPatch, expected: Expected
) -> Decision:
    """Correct its words: a new revision, signed by who corrects; the earlier ones stay."""
    decision, session = await _get_to_edit(db, actor, decision_id)
    expected.check(decision.version)
    changes = asked(patch)
    if changes.get("text") in (None, decision.text):
        return decision
    last = select(func.max(DecisionRevision.n)).where(DecisionRevision.decision_id == decision.id)
    n = int((await db.execute(last)).scalar_one()) + 1
    signed = as_whom(actor, session).columns()
    db.add(DecisionRevision(decision_id=decision.id, n=n, text=changes["text"], **signed))
    await db.flush()  # the database puts in force what a revision says, and nothing else
    alter(decision, changes)
    await db.flush()
    tell(db, actor, "decision.edited", decision, n=decision.n, revision=n)
    return decision


async def remove_decision(db: AsyncSession, actor: Actor, decision_id: UUID, expected: Expected) -> None:
    """Take it out of the list of decisions; its number stays taken."""
    decision, _session = await _get_to_edit(db, actor, decision_id)
    expected.check(decision.version)
    alter(decision, {"removed_at": now()})
    await db.flush()
    tell(db, actor, "decision.removed", decision, n=decision.n)


async def _get_to_edit(db: AsyncSession, actor: Actor, decision_id: UUID) -> tuple[Decision, Session]:
    """The decision and its session, locked: nobody locks the session meanwhile."""
    question = (
        select(Decision, Session)
        .join(Session, Session.id == Decision.session_id)
        .where(Decision.id == decision_id, visible(actor, Session, Action.SESSION_READ))
        .with_for_update(key_share=True)
    )
    row = (await db.execute(question)).first()
    if row is None:
        raise NotFound(NO_DECISION)
    decision, session = row
    require(actor, Action.DECISION_WRITE, session, SessionLocked)
    await require_not_archived(db, session.initiative_id)
    if decision.removed_at is not None:
        raise DecisionRemoved("Cette décision a été retirée : elle ne change plus.")
    return decision, session
