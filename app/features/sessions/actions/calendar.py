"""The secret calendar address of one's sessions: made, renewed, revoked."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.errors import NotFound
from app.core.events import Audience, record
from app.core.model import new_id
from app.core.security.secrets import fingerprint, new_secret
from app.features.identity.actions.signing_in import Oneself, own_login
from app.features.sessions.models import CalendarAddress
from app.features.sessions.queries.calendar import PREFIX
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require


async def make_address(db: AsyncSession, actor: Actor) -> tuple[CalendarAddress, str]:
    """A new address and its secret, which nothing shows again; the one before is dead. Only somebody who signed in has one."""
    login = await own_login(db, actor)
    await _revoke(db, actor)
    secret = new_secret(PREFIX)
    made = CalendarAddress(id=new_id(), person_id=login.person_id, fingerprint=fingerprint(secret), created_at=now())
    db.add(made)
    await db.flush()
    record(db, actor, "calendar.made", made, audience=Audience.PERSON)
    return made, secret


async def revoke_address(db: AsyncSession, actor: Actor) -> None:
    """End it: the next request at it finds nothing."""
    require(actor, Action.PERSON_EDIT, Oneself(actor.person_id))
    if not await _revoke(db, actor):
        raise NotFound("Vous n’avez pas d’adresse d’agenda.")


async def _revoke(db: AsyncSession, actor: Actor) -> bool:
    question = select(CalendarAddress).where(
        CalendarAddress.person_id == actor.person_id, CalendarAddress.revoked_at.is_(None)
    )
    live = (await db.execute(question.with_for_update())).scalar_one_or_none()
    if live is None:
        return False
    live.revoked_at = now()
    await db.flush()
    record(db, actor, "calendar.revoked", live, audience=Audience.PERSON)
    return True
