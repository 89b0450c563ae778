"""Say that one writes somewhere, go on saying it, and leave. Nothing is locked: what protects a text is its version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.live import CHANNEL
from app.features.initiatives.models import InitiativeState
from app.features.initiatives.queries import InitiativeArchived
from app.features.live.models import Presence
from app.features.live.queries import PLACES, get_followed, is_archived, list_writers, place_of
from app.features.live.schemas import PresenceOut
from app.policy.actor import Actor
from app.policy.decide import require

LASTS = timedelta(seconds=45)
"""How long somebody is thought to write after they said so; pages say it again every 15 seconds."""

_CAME = text("""
WITH came AS (
  INSERT INTO presences (place, person_id, scope_id, since, until) VALUES (:place, :person, :scope, :at, :until)
  ON CONFLICT (place, person_id) DO UPDATE SET until = excluded.until,
    since = CASE WHEN presences.until < excluded.since THEN excluded.since ELSE presences.since END
  RETURNING person_id)
SELECT pg_notify(:channel, :payload) FROM came
""")
_LEFT = text("""
WITH gone AS (DELETE FROM presences WHERE place = :place AND person_id = :person RETURNING person_id)
SELECT pg_notify(:channel, :payload) FROM gone
""")


async def arrive(db: AsyncSession, actor: Actor, kind: str, thing: UUID) -> Sequence[PresenceOut]:
    """Write there, or go on writing; who else does. The caller may write in the place, else 404, 403 or 409."""
    followed = PLACES[kind]
    row = await get_followed(db, actor, followed, thing)
    assert followed.write is not None
    require(actor, followed.write, row, followed.wrong)
    if await is_archived(db, row.initiative_id):
        raise InitiativeArchived.of(InitiativeState.ARCHIVED)
    at = now()
    said = {
        "place": place_of(kind, thing),
        "person": actor.person_id,
        "scope": row.id,
        "at": at,
        "until": at + LASTS,
        "channel": CHANNEL,
        "payload": _payload("presence.came", actor, row.id, place_of(kind, thing), at + LASTS),
    }
    await db.execute(_CAME, said)
    return await list_writers(db, actor, scope_id=row.id, at=at, place=place_of(kind, thing))


async def leave(db: AsyncSession, actor: Actor, kind: str, thing: UUID) -> None:
    """Write there no more; whoever was not there leaves nothing."""
    row = await get_followed(db, actor, PLACES[kind], thing)
    place = place_of(kind, thing)
    payload = _payload("presence.left", actor, row.id, place, now())
    await db.execute(_LEFT, {"place": place, "person": actor.person_id, "channel": CHANNEL, "payload": payload})


def _payload(verb: str, actor: Actor, scope_id: UUID, place: str, until: datetime) -> str:
    said = {"object_type": "presence", "object_id": str(scope_id), "person_id": str(actor.person_id)}
    return json.dumps({"verb": verb, "place": place, "until": until.isoformat(), **said})


async def forget_presences_before(db: AsyncSession, at: datetime) -> int:
    """Delete what was over by then; how many."""
    done: Any = await db.execute(delete(Presence).where(Presence.until < at))
    return int(done.rowcount)
