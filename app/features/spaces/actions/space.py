"""The space itself: opened, edited, closed, opened again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter, asked, move
from app.core.errors import NotFound, unknown
from app.core.events import Audience, record
from app.core.versions import Expected
from app.features.initiatives.models import Initiative
from app.features.initiatives.queries import InitiativeArchived, require_not_archived
from app.features.spaces.models import SPACE_STATES, Space
from app.features.spaces.queries import MISSING
from app.features.spaces.schemas import SpaceDraft, SpacePatch
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.speaker import pilot_speaker, require_signed_in, signature


async def create(db: AsyncSession, actor: Actor, draft: SpaceDraft) -> Space:
    """Open a space in an initiative that the caller co-pilots."""
    require_signed_in(actor)
    question = (
        select(Initiative)
        .where(Initiative.id == draft.initiative_id, visible(actor, Initiative, Action.INITIATIVE_READ))
        .with_for_update(key_share=True)  # two spaces never take the same next number
    )
    initiative = (await db.execute(question)).scalar_one_or_none()
    if initiative is None:
        raise unknown("/initiative_id", "Cette démarche n’existe pas, ou vous n’y avez pas accès.")
    require(actor, Action.SPACE_CREATE, initiative, InitiativeArchived)
    space = Space(
        initiative_id=initiative.id,
        number=draft.number if draft.number is not None else await _next_number(db, initiative.id),
        title=draft.title,
        question=draft.question or "",
        summary=draft.summary or "",
        visibility=draft.visibility,
    )
    db.add(space)
    await db.flush()
    tell(db, actor, "space.created", space, visibility=space.visibility)
    return space


async def edit(db: AsyncSession, actor: Actor, space_id: UUID, patch: SpacePatch, expected: Expected) -> Space:
    """Change its texts or who may read it; the second is the co-pilots' alone, and told apart, since its members care."""
    space = await get_to_edit(db, actor, space_id)
    expected.check(space.version)
    before, changes = space.visibility, asked(patch, {"question": "", "summary": ""})
    if changes.get("visibility", before) != before:
        require(actor, Action.SPACE_SHOW, space)
    if changed := alter(space, changes):
        await db.flush()
        if texts := [name for name in changed if name != "visibility"]:
            tell(db, actor, "space.edited", space, fields=texts)
        if "visibility" in changed:
            tell(db, actor, "space.visibility_changed", space, before=before, after=space.visibility)
    return space


async def close(db: AsyncSession, actor: Actor, space_id: UUID, expected: Expected) -> Space:
    """Take no more contributions; whoever is posting is waited for, or finds it closed."""
    return await _turn(db, actor, space_id, expected, "close", "space.closed")


async def reopen(db: AsyncSession, actor: Actor, space_id: UUID, expected: Expected) -> Space:
    """Take contributions again."""
    return await _turn(db, actor, space_id, expected, "reopen", "space.reopened")


async def _turn(db: AsyncSession, actor: Actor, space_id: UUID, expected: Expected, verb: str, told: str) -> Space:
    space = await get_to_edit(db, actor, space_id, moving=True)
    expected.check(space.version)
    move(space, SPACE_STATES, verb)
    await db.flush()
    tell(db, actor, told, space)
    return space


async def get_to_edit(db: AsyncSession, actor: Actor, space_id: UUID, *, moving: bool = False) -> Space:
    """The space, locked (FOR UPDATE when it is `moving`), for a co-pilot or a facilitator; 404, 403 or 409 otherwise."""
    question = (
        select(Space)
        .where(Space.id == space_id, visible(actor, Space, Action.SPACE_READ))
        .with_for_update(key_share=not moving)
    )
    space = (await db.execute(question)).scalar_one_or_none()
    if space is None:
        raise NotFound(MISSING)
    require(actor, Action.SPACE_EDIT, space)
    await require_not_archived(db, space.initiative_id)
    return space


def tell(db: AsyncSession, actor: Actor, verb: str, thing: Any, **data: Any) -> None:
    """Record an event that whoever reads the space inside may read, with the mandate by which it was done."""
    space_id = thing.id if isinstance(thing, Space) else thing.space_id
    who = signature(pilot_speaker(actor, thing.initiative_id, space_id))
    record(db, actor, verb, thing, audience=Audience.SPACE, **who, **data)


async def _next_number(db: AsyncSession, initiative_id: UUID) -> int:
    question = select(func.coalesce(func.max(Space.number), 0) + 1).where(Space.initiative_id == initiative_id)
    return int((await db.execute(question)).scalar_one())
