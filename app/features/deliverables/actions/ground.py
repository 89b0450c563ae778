"""What every act on a deliverable shares: finding it, holding it, and saying who acts.

Whoever writes in a deliverable holds its row until the transaction ends; whoever publishes it holds
the same row. So numbers of citations never collide, orders never tear, no two merges make a
circle, and an edition freezes a text that nobody is changing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound, Problem, WrongState, unknown
from app.core.events import Audience, record
from app.core.model import Versioned
from app.features.deliverables.models import Deliverable, Passage, Section
from app.features.deliverables.queries.outline import NOT_FOUND, SECTION_NOT_FOUND
from app.features.deliverables.queries.passages import PASSAGE_NOT_FOUND
from app.features.initiatives.queries import require_not_archived
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.speaker import Speaker, pilot_speaker, signature

Row = TypeVar("Row", Passage, Section)


async def find_held(db: AsyncSession, actor: Actor, deliverable_id: UUID, missing: Problem) -> Deliverable:
    """The deliverable, locked until the transaction ends; `missing` is raised when the caller may not see it."""
    question = select(Deliverable).where(
        Deliverable.id == deliverable_id, visible(actor, Deliverable, Action.DELIVERABLE_READ)
    )
    locked = question.with_for_update(key_share=True).execution_options(populate_existing=True)
    if (deliverable := (await db.execute(locked)).scalar_one_or_none()) is None:
        raise missing
    return deliverable


async def hold(
    db: AsyncSession, actor: Actor, deliverable_id: UUID, action: Action = Action.DELIVERABLE_WRITE
) -> Deliverable:
    """The deliverable of an address, held, once the caller may do `action` to it."""
    deliverable = await find_held(db, actor, deliverable_id, NotFound(NOT_FOUND))
    require(actor, action, deliverable)
    await require_not_archived(db, deliverable.initiative_id)
    return deliverable


async def hold_named(
    db: AsyncSession, actor: Actor, deliverable_id: UUID, action: Action = Action.DELIVERABLE_WRITE
) -> Deliverable:
    """The same for a deliverable that a body names: hidden and unknown are one refusal (422)."""
    deliverable = await find_held(db, actor, deliverable_id, unknown("/deliverable_id", NOT_FOUND))
    require(actor, action, deliverable)
    await require_not_archived(db, deliverable.initiative_id)
    return deliverable


async def hold_passage(db: AsyncSession, actor: Actor, passage_id: UUID) -> tuple[Passage, Deliverable]:
    """A passage that stands, and its deliverable, held."""
    passage = await _find(db, actor, Passage, passage_id)
    if passage is None:
        raise NotFound(PASSAGE_NOT_FOUND)
    return await _held(db, actor, passage, "Ce passage a été retiré.")


async def hold_section(
    db: AsyncSession, actor: Actor, section_id: UUID, pointer: str = ""
) -> tuple[Section, Deliverable]:
    """A section that stands, and its deliverable, held; with a `pointer`, one that a body names."""
    section = await _find(db, actor, Section, section_id)
    if section is None:
        raise unknown(pointer, SECTION_NOT_FOUND) if pointer else NotFound(SECTION_NOT_FOUND)
    return await _held(db, actor, section, "Cette partie a été retirée.")


async def _find(db: AsyncSession, actor: Actor, model: type[Row], row_id: UUID) -> Row | None:
    found = await db.execute(select(model).where(model.id == row_id, visible(actor, model, Action.DELIVERABLE_READ)))
    return found.scalar_one_or_none()


async def _held(db: AsyncSession, actor: Actor, row: Row, gone: str) -> tuple[Row, Deliverable]:
    deliverable = await hold(db, actor, row.deliverable_id)
    await db.refresh(row)  # as it is now that nobody else can change it
    if row.removed_at is not None:
        raise WrongState(gone, state="removed")
    return row, deliverable


def pilot(actor: Actor, place: Deliverable | Passage) -> Speaker:
    """As whom the caller writes here."""
    return pilot_speaker(actor, place.initiative_id)


def say(db: AsyncSession, actor: Actor, verb: str, thing: Any, said: Speaker, **data: Any) -> None:
    """Record what was done, for the co-pilots alone: in which deliverable, and what version the thing has now."""
    if not isinstance(thing, Deliverable):
        data["deliverable_id"] = str(thing.deliverable_id)
    if isinstance(thing, Versioned):
        data["version"] = thing.version
    record(db, actor, verb, thing, audience=Audience.PILOTS, **signature(said), **data)


def rank(siblings: Sequence[UUID], moved: UUID, position: int | None) -> list[UUID]:
    """The siblings in their new order, `moved` at `position` (last by default)."""
    others = [sibling for sibling in siblings if sibling != moved]
    at = len(others) if position is None else min(position, len(others))
    return [*others[:at], moved, *others[at:]]
