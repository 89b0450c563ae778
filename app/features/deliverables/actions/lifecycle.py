"""Create a deliverable from a template, edit it, close and reopen it, choose its scope."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import move
from app.core.clock import now
from app.core.errors import unknown
from app.core.model import new_id
from app.core.versions import Expected
from app.features.deliverables.actions.ground import hold, pilot, say
from app.features.deliverables.actions.templates import lay_standard
from app.features.deliverables.models import DELIVERABLE_STATES, Deliverable, DeliverableState, ScopeSpace
from app.features.deliverables.schemas.writing import DeliverableDraft, DeliverablePatch, ScopeIn
from app.features.initiatives.models import Initiative
from app.features.initiatives.queries import InitiativeArchived, require_not_archived
from app.features.spaces.models import Space
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible


async def create(db: AsyncSession, actor: Actor, draft: DeliverableDraft) -> Deliverable:
    """Start a deliverable, with the sections of its template and its scope."""
    question = select(Initiative).where(
        Initiative.id == draft.initiative_id, visible(actor, Initiative, Action.INITIATIVE_READ)
    )
    initiative = (await db.execute(question)).scalar_one_or_none()
    if initiative is None:
        raise unknown("/initiative_id", "Cette démarche n’existe pas, ou vous n’y avez pas accès.")
    require(actor, Action.DELIVERABLE_CREATE, initiative, InitiativeArchived)
    await require_not_archived(db, initiative.id)
    deliverable = Deliverable(
        id=new_id(),
        initiative_id=initiative.id,
        title=draft.title,
        summary=draft.summary,
        template=draft.template,
        language=draft.language,
        kinds=list(dict.fromkeys(draft.kinds)),
        cutoff_at=draft.cutoff_at or now(),
        state=DeliverableState.WRITING,
        next_citation=1,
        version=1,
    )
    said = pilot(actor, deliverable)
    spaces = await _spaces(db, actor, initiative.id, draft.space_ids)
    db.add(deliverable)
    await db.flush()
    await _write_spaces(db, deliverable, spaces)
    if draft.template == "standard":
        await lay_standard(db, deliverable, spaces, said)
    say(db, actor, "deliverable.created", deliverable, said, template=draft.template)
    return deliverable


async def edit(
    db: AsyncSession, actor: Actor, deliverable_id: UUID, patch: DeliverablePatch, expected: Expected
) -> Deliverable:
    """Change the title, the summary, the language."""
    deliverable = await hold(db, actor, deliverable_id)
    expected.check(deliverable.version)
    for name, value in patch.model_dump(exclude_none=True).items():
        setattr(deliverable, name, value)
    deliverable.version += 1
    say(db, actor, "deliverable.edited", deliverable, pilot(actor, deliverable))
    return deliverable


async def set_scope(
    db: AsyncSession, actor: Actor, deliverable_id: UUID, scope: ScopeIn, expected: Expected
) -> Deliverable:
    """Choose anew which spaces, kinds and instant the deliverable answers for; an absent cut-off stays as it is."""
    deliverable = await hold(db, actor, deliverable_id)
    expected.check(deliverable.version)
    spaces = await _spaces(db, actor, deliverable.initiative_id, scope.space_ids)
    await db.execute(delete(ScopeSpace).where(ScopeSpace.deliverable_id == deliverable.id))
    await _write_spaces(db, deliverable, spaces)
    deliverable.kinds = list(dict.fromkeys(scope.kinds))
    if scope.cutoff_at is not None:
        deliverable.cutoff_at = scope.cutoff_at
    deliverable.version += 1
    say(
        db,
        actor,
        "deliverable.rescoped",
        deliverable,
        pilot(actor, deliverable),
        spaces=[str(space.id) for space in spaces],
        kinds=list(deliverable.kinds),
        cutoff_at=deliverable.cutoff_at.isoformat(),
    )
    return deliverable


async def close(db: AsyncSession, actor: Actor, deliverable_id: UUID, expected: Expected) -> Deliverable:
    """Stop the writing; editions stay readable."""
    return await _move(db, actor, deliverable_id, "close", expected)


async def reopen(db: AsyncSession, actor: Actor, deliverable_id: UUID, expected: Expected) -> Deliverable:
    """Write again."""
    return await _move(db, actor, deliverable_id, "reopen", expected)


PAST = {"close": "closed", "reopen": "reopened"}


async def _move(db: AsyncSession, actor: Actor, deliverable_id: UUID, verb: str, expected: Expected) -> Deliverable:
    deliverable = await hold(db, actor, deliverable_id, Action.DELIVERABLE_MANAGE)
    expected.check(deliverable.version)
    move(deliverable, DELIVERABLE_STATES, verb)
    say(db, actor, f"deliverable.{PAST[verb]}", deliverable, pilot(actor, deliverable))
    return deliverable


async def _spaces(db: AsyncSession, actor: Actor, initiative_id: UUID, space_ids: list[UUID]) -> list[Space]:
    """The spaces in the order of their numbers; 422, alike for hidden and unknown, when one is not of the initiative."""
    wanted = list(dict.fromkeys(space_ids))
    found = await db.execute(
        select(Space)
        .where(Space.id.in_(wanted), Space.initiative_id == initiative_id, visible(actor, Space, Action.SPACE_READ))
        .order_by(Space.number)
    )
    spaces = list(found.scalars())
    if len(spaces) < len(wanted):
        raise unknown("/space_ids", "Un de ces espaces n’existe pas dans cette démarche, ou vous n’y avez pas accès.")
    return spaces


async def _write_spaces(db: AsyncSession, deliverable: Deliverable, spaces: list[Space]) -> None:
    rows = [
        {"deliverable_id": deliverable.id, "space_id": space.id, "initiative_id": deliverable.initiative_id}
        for space in spaces
    ]
    await db.execute(insert(ScopeSpace), rows)
