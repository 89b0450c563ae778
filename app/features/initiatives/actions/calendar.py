"""Phases and milestones: the dates of the process."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter, asked
from app.core.versions import Expected
from app.features.initiatives.actions.process import check_days, get_part, get_to_edit, tell
from app.features.initiatives.models import Milestone, Phase
from app.features.initiatives.schemas import MilestoneDraft, MilestonePatch, PhaseDraft, PhasePatch
from app.policy.actor import Actor

NO_PHASE = "Cette étape n’existe pas, ou vous n’y avez pas accès."
NO_MILESTONE = "Cette date n’existe pas, ou vous n’y avez pas accès."


async def add_phase(db: AsyncSession, actor: Actor, reference: str, draft: PhaseDraft) -> Phase:
    """Add a dated stage."""
    initiative = await get_to_edit(db, actor, reference)
    check_days(draft.starts_on, draft.ends_on)
    phase = Phase(initiative_id=initiative.id, **draft.model_dump())
    db.add(phase)
    await db.flush()
    tell(db, actor, "phase.added", phase, initiative.id)
    return phase


async def edit_phase(db: AsyncSession, actor: Actor, phase_id: UUID, patch: PhasePatch, expected: Expected) -> Phase:
    """Change its title or its dates."""
    phase = await get_part(db, actor, Phase, phase_id, NO_PHASE)
    expected.check(phase.version)
    if changed := alter(phase, asked(patch, {"ends_on": None})):
        check_days(phase.starts_on, phase.ends_on)
        await db.flush()
        tell(db, actor, "phase.edited", phase, phase.initiative_id, fields=changed)
    return phase


async def remove_phase(db: AsyncSession, actor: Actor, phase_id: UUID, expected: Expected) -> None:
    """Take it off the calendar."""
    phase = await get_part(db, actor, Phase, phase_id, NO_PHASE)
    expected.check(phase.version)
    tell(db, actor, "phase.removed", phase, phase.initiative_id)
    await db.delete(phase)


async def add_milestone(db: AsyncSession, actor: Actor, reference: str, draft: MilestoneDraft) -> Milestone:
    """Add something that happens on a day."""
    initiative = await get_to_edit(db, actor, reference)
    milestone = Milestone(initiative_id=initiative.id, **draft.model_dump() | {"summary": draft.summary or ""})
    db.add(milestone)
    await db.flush()
    tell(db, actor, "milestone.added", milestone, initiative.id)
    return milestone


async def edit_milestone(
    db: AsyncSession, actor: Actor, milestone_id: UUID, patch: MilestonePatch, expected: Expected
) -> Milestone:
    """Change its day, its words or its link."""
    milestone = await get_part(db, actor, Milestone, milestone_id, NO_MILESTONE)
    expected.check(milestone.version)
    if changed := alter(milestone, asked(patch, {"summary": "", "url": None})):
        await db.flush()
        tell(db, actor, "milestone.edited", milestone, milestone.initiative_id, fields=changed)
    return milestone


async def remove_milestone(db: AsyncSession, actor: Actor, milestone_id: UUID, expected: Expected) -> None:
    """Take it off the calendar."""
    milestone = await get_part(db, actor, Milestone, milestone_id, NO_MILESTONE)
    expected.check(milestone.version)
    tell(db, actor, "milestone.removed", milestone, milestone.initiative_id)
    await db.delete(milestone)
