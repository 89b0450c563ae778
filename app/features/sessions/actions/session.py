"""The session itself: planned, held, its minutes opened, locked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter, asked, move
from app.core.errors import NotFound, invalid, unknown
from app.core.events import Audience, record
from app.core.versions import Expected
from app.core.zones import NoSuchTime, instant_in
from app.features.initiatives.models import Initiative
from app.features.initiatives.queries import require_not_archived
from app.features.sessions.models import SESSION_STATES, Session
from app.features.sessions.queries import MISSING, SessionLocked
from app.features.sessions.schemas import SessionDraft, SessionPatch
from app.features.spaces.models import Space
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.speaker import Speaker, pilot_speaker, require_signed_in, signature


@dataclass(frozen=True, slots=True)
class Plenary:
    """Where a plenary is planned: no space, so that nobody facilitates it."""

    initiative_id: UUID
    id: None = None


async def plan(db: AsyncSession, actor: Actor, draft: SessionDraft) -> Session:
    """Plan a session of a space, or a plenary of the initiative."""
    require_signed_in(actor)
    where = await _place(db, actor, draft)
    require(actor, Action.SESSION_PLAN, where)
    await require_not_archived(db, where.initiative_id)
    starts_at = _instant("/starts_at", draft.timezone, draft.starts_at)
    ends_at = _instant("/ends_at", draft.timezone, draft.ends_at)
    _check_order(starts_at, ends_at)
    session = Session(
        initiative_id=where.initiative_id,
        space_id=where.id,
        number=draft.number if draft.number is not None else await _next_number(db, where.initiative_id, where.id),
        title=draft.title,
        starts_at=starts_at,
        ends_at=ends_at,
        timezone=draft.timezone,
        place=draft.place or "",
        url=draft.url,
    )
    db.add(session)
    await db.flush()
    tell(db, actor, "session.planned", session)
    return session


async def edit(db: AsyncSession, actor: Actor, session_id: UUID, patch: SessionPatch, expected: Expected) -> Session:
    """Change its title, its times or its place; times without an offset are read in its zone."""
    session = await get_to_edit(db, actor, session_id)
    expected.check(session.version)
    changes = asked(patch, {"place": "", "url": None})
    zone = changes.get("timezone", session.timezone)
    for name in ("starts_at", "ends_at"):
        if name in changes:
            changes[name] = _instant(f"/{name}", zone, changes[name])
    if changed := alter(session, changes):
        _check_order(session.starts_at, session.ends_at)
        await db.flush()
        tell(db, actor, "session.edited", session, fields=changed)
    return session


async def hold(db: AsyncSession, actor: Actor, session_id: UUID, expected: Expected) -> Session:
    """Say that it took place."""
    return await _turn(db, actor, session_id, expected, "hold", "session.held")


async def open_minutes(db: AsyncSession, actor: Actor, session_id: UUID, expected: Expected) -> Session:
    """Put the minutes to its participants."""
    return await _turn(db, actor, session_id, expected, "open_minutes", "session.minutes_opened")


async def lock(db: AsyncSession, actor: Actor, session_id: UUID, expected: Expected) -> Session:
    """Make minutes, attendance and decisions final; whoever is posting is waited for, or finds it locked."""
    return await _turn(db, actor, session_id, expected, "lock", "session.locked")


async def _turn(db: AsyncSession, actor: Actor, session_id: UUID, expected: Expected, verb: str, told: str) -> Session:
    session = await get_to_edit(db, actor, session_id, moving=True)
    expected.check(session.version)
    move(session, SESSION_STATES, verb)
    await db.flush()
    tell(db, actor, told, session)
    return session


async def get_to_edit(
    db: AsyncSession,
    actor: Actor,
    session_id: UUID,
    action: Action = Action.SESSION_EDIT,
    *,
    moving: bool = False,
) -> Session:
    """The session, locked (FOR UPDATE when it is `moving`), for somebody who may do `action`; 404, 403 or 409 otherwise."""
    question = (
        select(Session)
        .where(Session.id == session_id, visible(actor, Session, Action.SESSION_READ))
        .with_for_update(key_share=not moving)
    )
    session = (await db.execute(question)).scalar_one_or_none()
    if session is None:
        raise NotFound(MISSING)
    require(actor, action, session, SessionLocked)
    await require_not_archived(db, session.initiative_id)
    return session


def as_whom(actor: Actor, session: Session) -> Speaker:
    """The mandate by which somebody runs this session."""
    return pilot_speaker(actor, session.initiative_id, session.space_id)


def tell(db: AsyncSession, actor: Actor, verb: str, thing: Any, **data: Any) -> None:
    """Record an event for those who read the session, with the mandate by which it was done."""
    audience = Audience.INITIATIVE if thing.space_id is None else Audience.SPACE
    who = signature(pilot_speaker(actor, thing.initiative_id, thing.space_id))
    record(db, actor, verb, thing, audience=audience, **who, **data)


async def _place(db: AsyncSession, actor: Actor, draft: SessionDraft) -> Space | Plenary:
    """Where it is planned, its row held so that two sessions never take the same next number."""
    initiative = (
        select(Initiative.id)
        .where(Initiative.id == draft.initiative_id, visible(actor, Initiative, Action.INITIATIVE_READ))
        .with_for_update(key_share=True)
    )
    if (await db.execute(initiative)).scalar_one_or_none() is None:
        raise unknown("/initiative_id", "Cette démarche n’existe pas, ou vous n’y avez pas accès.")
    if draft.space_id is None:
        return Plenary(draft.initiative_id)
    question = select(Space).where(
        Space.id == draft.space_id,
        Space.initiative_id == draft.initiative_id,
        visible(actor, Space, Action.SPACE_READ),
    )
    space = (await db.execute(question)).scalar_one_or_none()
    if space is None:
        raise unknown("/space_id", "Cet espace n’existe pas dans cette démarche, ou vous n’y avez pas accès.")
    return space


async def _next_number(db: AsyncSession, initiative_id: UUID, space_id: UUID | None) -> int:
    question = select(func.coalesce(func.max(Session.number), 0) + 1).where(
        Session.initiative_id == initiative_id, Session.space_id.is_not_distinct_from(space_id)
    )
    return int((await db.execute(question)).scalar_one())


def _instant(pointer: str, zone: str, value: datetime) -> datetime:
    try:
        return instant_in(zone, value)
    except NoSuchTime as reason:
        raise invalid(pointer, str(reason)) from reason


def _check_order(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise invalid("/ends_at", "La fin vient après le début.")
