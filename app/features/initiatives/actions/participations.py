"""Organisations that join an initiative and leave it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import end
from app.core.clock import now
from app.core.errors import Conflict, NotFound, invalid
from app.features.identity.models import Organisation
from app.features.initiatives.actions.process import get_to_edit, tell
from app.features.initiatives.models import Initiative, Participation
from app.features.initiatives.schemas import ParticipationDraft
from app.policy.actions import Action
from app.policy.actor import Actor, ParticipationRole
from app.policy.decide import require, visible

NO_ORGANISATION = "Cette organisation n’existe pas, ou vous n’y avez pas accès."


class LastCopilot(Conflict):
    """An initiative keeps at least one co-pilot organisation: bring another one in first."""

    title = "Dernière organisation co-pilote"


async def start_participation(
    db: AsyncSession, actor: Actor, reference: str, draft: ParticipationDraft
) -> Participation:
    """Let an organisation take part; 409 when it already does on that day."""
    initiative = await get_to_edit(db, actor, reference)
    known = select(Organisation.id).where(
        Organisation.id == draft.organisation_id, visible(actor, Organisation, Action.ORGANISATION_READ)
    )
    if (await db.execute(known)).scalar_one_or_none() is None:
        raise invalid("/organisation_id", NO_ORGANISATION)
    since = draft.since or now()
    if since > now():
        raise invalid("/since", "Cette date est à venir : une organisation participe à partir de maintenant ou avant.")
    participation = Participation(
        initiative_id=initiative.id,
        organisation_id=draft.organisation_id,
        role=draft.role,
        during=Range(since, None),
    )
    db.add(participation)
    await db.flush()
    _tell(db, actor, "participation.started", participation)
    return participation


async def end_participation(db: AsyncSession, actor: Actor, participation_id: UUID) -> Participation:
    """Let an organisation leave; what it said stays, and stays its own."""
    question = (
        select(Participation, Initiative)
        .join(Initiative, Initiative.id == Participation.initiative_id)
        .where(Participation.id == participation_id, visible(actor, Initiative, Action.INITIATIVE_READ))
        .with_for_update(key_share=True)
    )
    row = (await db.execute(question)).first()
    if row is None:
        raise NotFound("Cette participation n’existe pas, ou vous n’y avez pas accès.")
    participation, initiative = row
    require(actor, Action.INITIATIVE_EDIT, initiative)
    end(participation)
    if participation.role == ParticipationRole.COPILOT and await _copilots(db, initiative.id) == 1:
        raise LastCopilot("Une démarche garde au moins une organisation co-pilote : désignez-en une autre d’abord.")
    await db.flush()
    _tell(db, actor, "participation.ended", participation)
    return participation


async def _copilots(db: AsyncSession, initiative_id: UUID) -> int:
    """How many organisations co-pilot now, the initiative's row being held."""
    question = select(func.count()).where(
        Participation.initiative_id == initiative_id,
        Participation.role == ParticipationRole.COPILOT,
        Participation.during.op("@>")(func.now()),
    )
    return int((await db.execute(question)).scalar_one())


def _tell(db: AsyncSession, actor: Actor, verb: str, it: Participation) -> None:
    tell(db, actor, verb, it, it.initiative_id, role=it.role, member=str(it.organisation_id))
