"""What a session decided: numbered; a removed decision keeps its number."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter, asked, move
from app.core.clock import now
from app.core.errors import Conflict, NotFound
from app.core.versions import Expected
from app.features.initiatives.queries import require_not_archived
from app.features.sessions.actions.session import as_whom, check_takes_part, get_to_edit, tell, tell_as
from app.features.sessions.models import (
    ACTION_STATES,
    ActionState,
    Decision,
    DecisionKind,
    DecisionRevision,
    Session,
)
from app.features.sessions.queries import NO_DECISION, SessionLocked
from app.features.sessions.schemas import DecisionDraft, DecisionPatch
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.speaker import Speaker, find_pilot_speaker, speaker


class DecisionRemoved(Conflict):
    """The decision was removed: it keeps its number, and nothing of it changes any more."""

    title = "Décision retirée"


class NotAnAction(Conflict):
    """A decision is settled: only what is to be done can be done, or not yet."""

    title = "Ce n’est pas une action"


async def record_decision(db: AsyncSession, actor: Actor, session_id: UUID, draft: DecisionDraft) -> Decision:
    """Write down what was decided, or what is to be done."""
    session = await get_to_edit(db, actor, session_id, Action.DECISION_WRITE)
    await check_takes_part(db, session, "/owner_organisation_id", draft.owner_organisation_id)
    last = select(func.coalesce(func.max(Decision.n), 0)).where(Decision.session_id == session.id)
    decision = Decision(
        session_id=session.id,
        initiative_id=session.initiative_id,
        space_id=session.space_id,
        n=int((await db.execute(last)).scalar_one()) + 1,
        **draft.model_dump(),
        state=ActionState.OPEN if draft.kind == DecisionKind.ACTION else None,
        **as_whom(actor, session).columns(),
    )
    db.add(decision)
    await db.flush()
    tell(db, actor, "decision.recorded", decision, n=decision.n, kind=decision.kind)
    return decision


async def edit_decision(
    db: AsyncSession, actor: Actor, decision_id: UUID, patch: DecisionPatch, expected: Expected
) -> Decision:
    """Correct it: new words make a revision, signed by who corrects, and the earlier ones stay."""
    decision, session = await _get_to_edit(db, actor, decision_id)
    expected.check(decision.version)
    changes = asked(patch, {"owner_organisation_id": None, "due_on": None})
    await check_takes_part(db, session, "/owner_organisation_id", changes.get("owner_organisation_id"))
    told = {}
    if changes.get("text") not in (None, decision.text):
        told["revision"] = await _reword(db, actor, decision, session, changes["text"])
    if changed := alter(decision, changes):
        await db.flush()
        tell(db, actor, "decision.edited", decision, n=decision.n, fields=changed, **told)
    return decision


async def _reword(db: AsyncSession, actor: Actor, decision: Decision, session: Session, words: str) -> int:
    last = select(func.max(DecisionRevision.n)).where(DecisionRevision.decision_id == decision.id)
    n = int((await db.execute(last)).scalar_one()) + 1
    signed = as_whom(actor, session).columns()
    db.add(DecisionRevision(decision_id=decision.id, n=n, text=words, **signed))
    await db.flush()  # the database puts in force what a revision says, and nothing else
    return n


async def finish_action(db: AsyncSession, actor: Actor, decision_id: UUID, expected: Expected) -> Decision:
    """Say that it is done; its owner may, also once the session is locked."""
    return await _turn(db, actor, decision_id, expected, "finish", "action.finished")


async def reopen_action(db: AsyncSession, actor: Actor, decision_id: UUID, expected: Expected) -> Decision:
    """Say that it is not done after all."""
    return await _turn(db, actor, decision_id, expected, "reopen", "action.reopened")


async def _turn(
    db: AsyncSession, actor: Actor, decision_id: UUID, expected: Expected, verb: str, told: str
) -> Decision:
    decision, session = await _get(db, actor, decision_id)
    require(actor, Action.ACTION_CLOSE, decision)
    await require_not_archived(db, session.initiative_id)
    _check_stands(decision)
    if decision.state is None:
        raise NotAnAction("C’est une décision, et non une action : elle n’est pas à faire.")
    expected.check(decision.version)
    move(decision, ACTION_STATES, verb)
    decision.done_at = now() if decision.state == ActionState.DONE else None
    await db.flush()
    tell_as(db, actor, _closer(actor, decision), told, decision, n=decision.n)
    return decision


def _closer(actor: Actor, decision: Decision) -> Speaker:
    """Who runs the session, else the owner's own people."""
    found = find_pilot_speaker(actor, decision.initiative_id, decision.space_id)
    return found or speaker(actor, decision.initiative_id, organisation_id=decision.owner_organisation_id)


async def remove_decision(db: AsyncSession, actor: Actor, decision_id: UUID, expected: Expected) -> None:
    """Take it out of the list of decisions; its number stays taken."""
    decision, _session = await _get_to_edit(db, actor, decision_id)
    expected.check(decision.version)
    alter(decision, {"removed_at": now()})
    await db.flush()
    tell(db, actor, "decision.removed", decision, n=decision.n)


async def _get(db: AsyncSession, actor: Actor, decision_id: UUID) -> tuple[Decision, Session]:
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
    return decision, session


async def _get_to_edit(db: AsyncSession, actor: Actor, decision_id: UUID) -> tuple[Decision, Session]:
    decision, session = await _get(db, actor, decision_id)
    require(actor, Action.DECISION_WRITE, session, SessionLocked)
    await require_not_archived(db, session.initiative_id)
    _check_stands(decision)
    return decision, session


def _check_stands(decision: Decision) -> None:
    if decision.removed_at is not None:
        raise DecisionRemoved("Cette décision a été retirée : elle ne change plus.")
