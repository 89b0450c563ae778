"""Organisations that join a space and leave it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import end
from app.core.clock import now
from app.core.errors import NotFound, invalid
from app.features.initiatives.models import Participation
from app.features.spaces.actions.space import get_to_edit, tell
from app.features.spaces.models import SpaceMember
from app.features.spaces.schemas import MemberDraft
from app.policy.actor import Actor


async def add_member(db: AsyncSession, actor: Actor, space_id: UUID, draft: MemberDraft) -> SpaceMember:
    """Let an organisation of the initiative into the space; 409 when it is already in."""
    space = await get_to_edit(db, actor, space_id)
    # Held, so that an organisation that is leaving leaves this space too; by the clock, since we may have waited.
    taking_part = (
        select(Participation.id)
        .where(
            Participation.initiative_id == space.initiative_id,
            Participation.organisation_id == draft.organisation_id,
            Participation.during.op("@>")(func.clock_timestamp()),
        )
        .with_for_update(read=True)
    )
    if (await db.execute(taking_part)).first() is None:
        raise invalid("/organisation_id", "Cette organisation ne participe pas à la démarche.")
    member = SpaceMember(
        initiative_id=space.initiative_id,
        space_id=space.id,
        organisation_id=draft.organisation_id,
        during=Range(past(draft.since), None),
    )
    db.add(member)
    await db.flush()
    tell(db, actor, "space_member.added", member, member=str(member.organisation_id))
    return member


async def end_member(db: AsyncSession, actor: Actor, space_id: UUID, organisation_id: UUID) -> SpaceMember:
    """Let an organisation leave the space: its people stop reading it at their next request."""
    space = await get_to_edit(db, actor, space_id)
    question = (
        select(SpaceMember)
        .where(SpaceMember.space_id == space.id, SpaceMember.organisation_id == organisation_id)
        .order_by(func.lower(SpaceMember.during).desc())
        .limit(1)
        .with_for_update()
    )
    member = (await db.execute(question)).scalar_one_or_none()
    if member is None:
        raise NotFound("Cette organisation n’est pas membre de cet espace.")
    end(member)
    await db.flush()
    tell(db, actor, "space_member.ended", member, member=str(organisation_id))
    return member


def past(since: datetime | None) -> datetime:
    """The day somebody joined: now, unless they said an earlier one."""
    if since is not None and since > now():
        raise invalid("/since", "Cette date est à venir : donnez la date d’aujourd’hui ou une date passée.")
    return since or now()
