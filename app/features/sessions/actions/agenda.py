"""The agenda: points added, edited, moved and removed by whoever plans the session."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter, asked
from app.core.clock import now
from app.core.errors import Conflict, NotFound
from app.core.model import new_id
from app.core.versions import Expected
from app.features.initiatives.queries import require_not_archived
from app.features.sessions.actions.session import check_takes_part, get_to_edit, tell
from app.features.sessions.models import AgendaItem, Session
from app.features.sessions.queries import NO_ITEM, SessionLocked
from app.features.sessions.schemas import AgendaItemDraft, AgendaItemMove, AgendaItemPatch
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible

MOST = 100


class AgendaFull(Conflict):
    """The agenda has as many points as one may have: remove some, or put several together."""

    title = "Ordre du jour complet"


async def add_item(db: AsyncSession, actor: Actor, session_id: UUID, draft: AgendaItemDraft) -> AgendaItem:
    """Add a point, at the end or where it says."""
    session = await get_to_edit(db, actor, session_id)
    await check_takes_part(db, session, "/presenter_organisation_id", draft.presenter_organisation_id)
    standing = await _standing(db, session.id)
    if len(standing) >= MOST:
        raise AgendaFull(f"L’ordre du jour a déjà {MOST} points.")
    item = AgendaItem(
        id=new_id(),
        session_id=session.id,
        initiative_id=session.initiative_id,
        space_id=session.space_id,
        **draft.model_dump() | {"position": len(standing)},
    )
    db.add(item)
    await db.flush()
    await _order(db, item, standing, draft.position)
    tell(db, actor, "agenda_item.added", item, session=str(session.id))
    return item


async def edit_item(
    db: AsyncSession, actor: Actor, item_id: UUID, patch: AgendaItemPatch, expected: Expected
) -> AgendaItem:
    """Rename it, give it more or less time, say who presents it."""
    item, session = await hold_item(db, actor, item_id)
    expected.check(item.version)
    changes = asked(patch, {"presenter_organisation_id": None})
    await check_takes_part(db, session, "/presenter_organisation_id", changes.get("presenter_organisation_id"))
    if changed := alter(item, changes):
        await db.flush()
        tell(db, actor, "agenda_item.edited", item, session=str(session.id), fields=changed)
    return item


async def move_item(
    db: AsyncSession, actor: Actor, item_id: UUID, to: AgendaItemMove, expected: Expected
) -> AgendaItem:
    """Put it elsewhere in the order; the hours of the others follow."""
    item, session = await hold_item(db, actor, item_id)
    expected.check(item.version)
    item.version += 1
    await db.flush()
    await _order(db, item, await _standing(db, session.id), to.position)
    tell(db, actor, "agenda_item.moved", item, session=str(session.id))
    return item


async def remove_item(db: AsyncSession, actor: Actor, item_id: UUID, expected: Expected) -> None:
    """Take it off the agenda; its notes stay, and say what they were about."""
    item, session = await hold_item(db, actor, item_id)
    expected.check(item.version)
    alter(item, {"removed_at": now()})
    await db.flush()
    tell(db, actor, "agenda_item.removed", item, session=str(session.id))


async def hold_item(db: AsyncSession, actor: Actor, item_id: UUID) -> tuple[AgendaItem, Session]:
    """The point and its session, locked: the order of an agenda changes one change at a time."""
    question = (
        select(Session)
        .join(AgendaItem, AgendaItem.session_id == Session.id)
        .where(AgendaItem.id == item_id, AgendaItem.removed_at.is_(None))
        .where(visible(actor, Session, Action.SESSION_READ))
        .with_for_update(of=Session, key_share=True)
    )
    session = (await db.execute(question)).scalar_one_or_none()
    if session is None:
        raise NotFound(NO_ITEM)
    require(actor, Action.SESSION_EDIT, session, SessionLocked)
    await require_not_archived(db, session.initiative_id)
    # Read once the session is held: whoever held it before may have removed it
    standing = select(AgendaItem).where(AgendaItem.id == item_id, AgendaItem.removed_at.is_(None))
    item = (await db.execute(standing.with_for_update(key_share=True))).scalar_one_or_none()
    if item is None:
        raise NotFound(NO_ITEM)
    return item, session


async def _standing(db: AsyncSession, session_id: UUID) -> Sequence[UUID]:
    found = await db.execute(
        select(AgendaItem.id)
        .where(AgendaItem.session_id == session_id, AgendaItem.removed_at.is_(None))
        .order_by(AgendaItem.position, AgendaItem.id)
    )
    return found.scalars().all()


async def _order(db: AsyncSession, item: AgendaItem, standing: Sequence[UUID], position: int | None) -> None:
    """Number the points from 0, `item` at `position`, or last."""
    order = [other for other in standing if other != item.id]
    order.insert(len(order) if position is None else position, item.id)
    for place, one in enumerate(order):
        await db.execute(
            update(AgendaItem).where(AgendaItem.id == one, AgendaItem.position != place).values(position=place)
        )
