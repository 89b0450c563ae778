"""Whose calendar an address is, and whether somebody has one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.core.db import Handle, Question, fetch
from app.core.errors import NotFound
from app.core.security.secrets import fingerprint, is_well_formed
from app.features.sessions.models import CalendarAddress
from app.policy.actor import Actor
from app.policy.standing import BY_PERSON, actor_from

PREFIX = "alg_cal_"
"""As the filter of the logs and the scanners of code hosts know our secrets."""
NOTHING_HERE = "Il n’y a rien à cette adresse."
_PERSON = Question(BY_PERSON)
_C = CalendarAddress.__table__.c


async def get_owner(read: Handle, secret: str) -> Actor:
    """What the person whose address it is may see now; `NotFound`, always the same, for anything else."""
    if not secret.startswith(PREFIX) or not is_well_formed(secret):
        raise NotFound(NOTHING_HERE)
    found = await read.execute(
        select(_C.person_id).where(_C.fingerprint == fingerprint(secret), _C.revoked_at.is_(None))
    )
    person_id: UUID | None = found.scalar_one_or_none()
    if person_id is None:
        raise NotFound(NOTHING_HERE)
    [row] = await fetch(read, _PERSON, {"person": person_id})
    if row.standing is None:
        raise NotFound(NOTHING_HERE)
    return actor_from(row.standing)


async def find_made_at(read: Handle, actor: Actor) -> datetime | None:
    """Since when the caller has the address that works; None without any."""
    found = await read.execute(select(_C.created_at).where(_C.person_id == actor.person_id, _C.revoked_at.is_(None)))
    made_at: datetime | None = found.scalar_one_or_none()
    return made_at
