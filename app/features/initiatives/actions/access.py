"""An administrator's way into restricted content: reasoned, one hour, seen by the co-pilots."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import end
from app.core.clock import now
from app.core.errors import Conflict, NotFound
from app.core.events import Audience, record
from app.features.initiatives.actions.process import get_to_edit
from app.features.initiatives.models import AccessGrant
from app.features.initiatives.schemas import AccessGrantDraft
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible

LASTS = timedelta(hours=1)


class AccessAlreadyOpen(Conflict):
    """You already have a running access to this initiative: it is in the list, with its end."""

    title = "Accès déjà ouvert"


async def open_access(db: AsyncSession, actor: Actor, reference: str, draft: AccessGrantDraft) -> AccessGrant:
    """Let the administrator who asks read the initiative for an hour; its co-pilots see who, when and why."""
    initiative = await get_to_edit(db, actor, reference, action=Action.ACCESS_OPEN)
    running = select(AccessGrant.id).where(
        AccessGrant.initiative_id == initiative.id,
        AccessGrant.person_id == actor.person_id,
        AccessGrant.during.op("@>")(func.now()),
    )
    if (await db.execute(running)).first() is not None:
        raise AccessAlreadyOpen("Vous avez déjà un accès ouvert à cette démarche.")
    since = now()
    grant = AccessGrant(
        initiative_id=initiative.id,
        person_id=actor.person_id,
        reason=draft.reason,
        during=Range(since, since + LASTS),
    )
    db.add(grant)
    await db.flush()
    record(db, actor, "access_grant.opened", grant, audience=Audience.PILOTS)
    return grant


async def end_access(db: AsyncSession, actor: Actor, grant_id: UUID) -> AccessGrant:
    """Close it before its hour is over."""
    question = (
        select(AccessGrant)
        .where(AccessGrant.id == grant_id, visible(actor, AccessGrant, Action.ACCESS_READ))
        .with_for_update()
    )
    grant = (await db.execute(question)).scalar_one_or_none()
    if grant is None:
        raise NotFound("Cet accès n’existe pas, ou vous n’avez pas à le connaître.")
    require(actor, Action.ACCESS_OPEN, grant)
    end(grant)
    await db.flush()
    record(db, actor, "access_grant.ended", grant, audience=Audience.PILOTS)
    return grant
