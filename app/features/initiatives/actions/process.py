"""The initiative itself: created, edited, opened, closed, archived."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter, asked, move
from app.core.errors import NotFound, invalid
from app.core.events import Audience, record
from app.core.versions import Expected
from app.features.initiatives.models import INITIATIVE_STATES, Initiative, Milestone, Phase, Term
from app.features.initiatives.queries import MISSING, InitiativeArchived, designates
from app.features.initiatives.schemas import InitiativeDraft, InitiativePatch
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.speaker import find_pilot_speaker, signature

Part = TypeVar("Part", Phase, Milestone, Term)


CLEARED = {"summary": "", "note": "", "starts_on": None, "ends_on": None}
"""What a null empties."""


class _AnyInitiative:
    """What is asked about when there is no initiative yet."""

    id = initiative_id = None
    state = "preparation"


async def create(db: AsyncSession, actor: Actor, draft: InitiativeDraft) -> Initiative:
    """Begin an initiative, in preparation."""
    require(actor, Action.INITIATIVE_CREATE, _AnyInitiative)
    check_days(draft.starts_on, draft.ends_on)
    initiative = Initiative(**draft.model_dump() | {"summary": draft.summary or "", "note": draft.note or ""})
    db.add(initiative)
    await db.flush()
    record(db, actor, "initiative.created", initiative, audience=Audience.INITIATIVE)
    return initiative


async def edit(
    db: AsyncSession, actor: Actor, reference: str, patch: InitiativePatch, expected: Expected
) -> Initiative:
    """Change its texts and dates."""
    initiative = await get_to_edit(db, actor, reference)
    expected.check(initiative.version)
    if changed := alter(initiative, asked(patch, CLEARED)):
        check_days(initiative.starts_on, initiative.ends_on)
        await db.flush()
        tell(db, actor, "initiative.edited", initiative, initiative.id, fields=changed)
    return initiative


async def reopen(db: AsyncSession, actor: Actor, reference: str, expected: Expected) -> Initiative:
    """Let organisations contribute, for the first time or again."""
    return await _turn(db, actor, reference, expected, "open", "initiative.opened")


async def close(db: AsyncSession, actor: Actor, reference: str, expected: Expected) -> Initiative:
    """Take no new contribution; treatments, reviews and editions go on."""
    return await _turn(db, actor, reference, expected, "close", "initiative.closed")


async def archive(db: AsyncSession, actor: Actor, reference: str, expected: Expected) -> Initiative:
    """Keep it to be read."""
    return await _turn(db, actor, reference, expected, "archive", "initiative.archived")


async def _turn(db: AsyncSession, actor: Actor, reference: str, expected: Expected, verb: str, told: str) -> Initiative:
    # FOR UPDATE: who posts holds the row FOR KEY SHARE, and is waited for, or finds it closed.
    initiative = await get_to_edit(db, actor, reference, moving=True)
    expected.check(initiative.version)
    move(initiative, INITIATIVE_STATES, verb)
    await db.flush()
    tell(db, actor, told, initiative, initiative.id)
    return initiative


async def get_to_edit(
    db: AsyncSession, actor: Actor, reference: str, *, moving: bool = False, action: Action = Action.INITIATIVE_EDIT
) -> Initiative:
    """The initiative, locked, for somebody who may do `action` to it; 404, 403 or 409 otherwise."""
    question = (
        select(Initiative)
        .where(designates(reference), visible(actor, Initiative, Action.INITIATIVE_READ))
        .with_for_update(key_share=not moving)
    )
    initiative = (await db.execute(question)).scalar_one_or_none()
    if initiative is None:
        raise NotFound(MISSING)
    require(actor, action, initiative, InitiativeArchived)
    return initiative


async def get_part(db: AsyncSession, actor: Actor, model: type[Part], part_id: UUID, missing: str) -> Part:
    """A phase, a milestone or a term, locked, of an initiative that the caller may edit."""
    question = (
        select(model, Initiative)
        .join(Initiative, Initiative.id == model.initiative_id)
        .where(model.id == part_id, visible(actor, Initiative, Action.INITIATIVE_READ))
        .with_for_update(key_share=True)
    )
    row = (await db.execute(question)).first()
    if row is None:
        raise NotFound(missing)
    part, initiative = row
    require(actor, Action.INITIATIVE_EDIT, initiative, InitiativeArchived)
    return part


def tell(db: AsyncSession, actor: Actor, verb: str, thing: Any, initiative_id: UUID, **data: Any) -> None:
    """Record an event that whoever takes part may read, with the mandate by which it was done."""
    who = signature(find_pilot_speaker(actor, initiative_id))
    record(db, actor, verb, thing, audience=Audience.INITIATIVE, **who, **data)


def check_days(starts_on: date | None, ends_on: date | None) -> None:
    """422 when the end comes before the beginning."""
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise invalid("/ends_on", "La fin ne peut pas précéder le début.")
