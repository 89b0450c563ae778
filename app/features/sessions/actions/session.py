"""The session itself: planned, held, its minutes opened, locked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter, asked, move
from app.core.clock import now
from app.core.errors import Conflict, NotFound, WrongState, invalid, unknown
from app.core.events import Audience, record
from app.core.model import Versioned
from app.core.versions import Expected
from app.core.zones import NoSuchTime, instant_in
from app.features.initiatives.models import Initiative, Participation
from app.features.initiatives.queries import require_not_archived
from app.features.sessions.models import SESSION_STATES, AgendaItem, Amendment, AmendmentState, Session, SessionState
from app.features.sessions.queries import MISSING, SessionLocked
from app.features.sessions.schemas import MinutesOpening, SessionDraft, SessionPatch
from app.features.spaces.models import Space
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.speaker import Speaker, pilot_speaker, require_signed_in, signature

WINDOW = timedelta(days=14)
"""How long those who came may amend the minutes, unless whoever opens them says otherwise."""


class AmendmentsWaiting(Conflict):
    """Amendments to the minutes await an answer: accept or refuse each of them before the session is locked."""

    title = "Corrections sans réponse"


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
    for name in ("starts_at", "ends_at", "minutes_until"):
        if name in changes:
            changes[name] = _instant(f"/{name}", zone, changes[name])
    if "minutes_until" in changes:
        _check_window(session, changes["minutes_until"])
    if changed := alter(session, changes):
        _check_order(session.starts_at, session.ends_at)
        await db.flush()
        tell(db, actor, "session.edited", session, fields=changed)
    return session


async def hold(db: AsyncSession, actor: Actor, session_id: UUID, expected: Expected) -> Session:
    """Say that it took place."""
    session = await get_to_edit(db, actor, session_id, moving=True)
    expected.check(session.version)
    move(session, SESSION_STATES, "hold")
    await db.flush()
    tell(db, actor, "session.held", session)
    return session


async def open_minutes(
    db: AsyncSession, actor: Actor, session_id: UUID, opening: MinutesOpening, expected: Expected
) -> Session:
    """Put the minutes to those who came, who may amend or validate them until the end of a window."""
    session = await get_to_edit(db, actor, session_id, moving=True)
    expected.check(session.version)
    move(session, SESSION_STATES, "open_minutes")
    until = now() + WINDOW
    if opening.until is not None:
        until = _instant("/until", session.timezone, opening.until)
    if until <= now():
        raise invalid("/until", "La fin de la période de correction est à venir.")
    session.minutes_until = until
    await db.flush()
    tell(db, actor, "session.minutes_opened", session)
    return session


async def lock(db: AsyncSession, actor: Actor, session_id: UUID, expected: Expected) -> Session:
    """Make minutes, attendance and decisions final; whoever is posting is waited for, or finds it locked."""
    session = await get_to_edit(db, actor, session_id, moving=True)
    expected.check(session.version)
    waiting = select(func.count()).where(Amendment.session_id == session.id, Amendment.state == AmendmentState.PROPOSED)
    if count := (await db.execute(waiting)).scalar_one():
        raise AmendmentsWaiting(
            "Des corrections attendent une réponse : acceptez-les ou refusez-les d’abord.", amendments=count
        )
    move(session, SESSION_STATES, "lock")
    await db.flush()
    tell(db, actor, "session.locked", session)
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


async def hold_session(
    db: AsyncSession, actor: Actor, session_id: UUID, action: Action, *, alone: bool = False
) -> Session:
    """The session if the caller may read it, kept from being locked until the transaction ends, for `action`.

    FOR KEY SHARE: those who take notes at once wait for nobody but for who locks; `alone` waits for its turn.
    """
    question = (
        select(Session)
        .where(Session.id == session_id, visible(actor, Session, Action.SESSION_READ))
        .with_for_update(read=not alone, key_share=True)
    )
    session = (await db.execute(question)).scalar_one_or_none()
    if session is None:
        raise NotFound(MISSING)
    require(actor, action, session, SessionLocked if session.state == SessionState.LOCKED else WrongState)
    await require_not_archived(db, session.initiative_id)
    return session


async def check_takes_part(db: AsyncSession, session: Session, pointer: str, organisation_id: UUID | None) -> None:
    """422 unless the organisation takes, or took, part in the initiative."""
    if organisation_id is None:
        return
    took_part = select(func.count()).where(
        Participation.initiative_id == session.initiative_id, Participation.organisation_id == organisation_id
    )
    if not (await db.execute(took_part)).scalar_one():
        raise unknown(pointer, "Cette organisation ne participe pas à la démarche.")


async def check_item(db: AsyncSession, session: Session, item_id: UUID | None) -> None:
    """422 unless the point stands on the session's agenda."""
    if item_id is None:
        return
    stands = select(func.count()).where(
        AgendaItem.id == item_id, AgendaItem.session_id == session.id, AgendaItem.removed_at.is_(None)
    )
    if not (await db.execute(stands)).scalar_one():
        raise unknown("/agenda_item_id", "Ce point n’est pas à l’ordre du jour de cette séance.")


def as_whom(actor: Actor, session: Session) -> Speaker:
    """The mandate by which somebody runs this session."""
    return pilot_speaker(actor, session.initiative_id, session.space_id)


def tell(db: AsyncSession, actor: Actor, verb: str, thing: Any, **data: Any) -> None:
    """Record an event for those who read the session, with the mandate by which somebody runs it."""
    tell_as(db, actor, pilot_speaker(actor, thing.initiative_id, thing.space_id), verb, thing, **data)


def tell_as(db: AsyncSession, actor: Actor, said: Speaker, verb: str, thing: Any, **data: Any) -> None:
    """The same of what anybody does, by the mandate that lets them, and what it is of."""
    audience = Audience.INITIATIVE if thing.space_id is None else Audience.SPACE
    if not isinstance(thing, Session):
        data["session_id"] = str(thing.session_id)
    if isinstance(thing, Versioned):
        data["version"] = thing.version
    record(db, actor, verb, thing, audience=audience, **signature(said), **data)


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


def _check_window(session: Session, until: datetime) -> None:
    if session.state != SessionState.MINUTES_OPEN:
        raise invalid("/minutes_until", "Le compte rendu n’est pas ouvert aux corrections.")
    if until <= now():
        raise invalid("/minutes_until", "La fin de la période de correction est à venir.")
