"""Keep what is being typed, and throw it away.

A save is one statement of SQL. It is refused only where it would lose words: when another page saved meanwhile.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Question, fetch
from app.core.errors import Conflict, NotFound, PreconditionFailed
from app.core.model import new_id
from app.core.versions import Expected
from app.features.drafts.models import Draft
from app.features.drafts.queries import MISSING, find_draft, get_draft
from app.features.drafts.schemas import DraftIn, DraftOut, DraftSaved
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require
from app.policy.speaker import require_signed_in

MOST = 200
"""Drafts that one person may have."""


class DraftMoved(PreconditionFailed):
    """This draft was saved from another page since you read it. `saved` is what is kept, `yours` what you sent: show both, and save the one to keep on `current_version`. When `saved` is empty the draft was sent or thrown away: save on version 0 to begin another."""

    title = "Brouillon enregistré ailleurs"


class TooManyDrafts(Conflict):
    """You have as many drafts as can be kept. Throw away the ones that you no longer need, then save again: what you typed stays in the page."""

    title = "Trop de brouillons"


_MAKE = Question(
    "INSERT INTO drafts (id, person_id, key, initiative_id, space_id, body, saved_at, version) "
    "SELECT %(id)s::uuid, %(person_id)s::uuid, %(key)s::text, %(initiative_id)s::uuid, %(space_id)s::uuid, "
    "%(body)s::jsonb, %(at)s::timestamptz, 1 "
    "WHERE (SELECT count(*) FROM drafts WHERE person_id = %(person_id)s::uuid) < %(most)s::int "
    "ON CONFLICT (person_id, key) DO NOTHING RETURNING version",
    {"most": MOST},
)
_CHANGE = Question(
    "UPDATE drafts SET body = %(body)s::jsonb, initiative_id = %(initiative_id)s::uuid, space_id = %(space_id)s::uuid, "
    "saved_at = %(at)s::timestamptz, version = version + 1 "
    "WHERE person_id = %(person_id)s::uuid AND key = %(key)s::text "
    "AND (%(version)s::int IS NULL OR version = %(version)s::int) RETURNING version"
)


async def save(db: AsyncSession, actor: Actor, key: str, said: DraftIn, expected: Expected) -> DraftSaved:
    """Keep the form on the version that the page last had, 0 for the first save; `DraftMoved` (412) with both versions when it is not that.

    The same save delivered twice is one: its first answer was lost, and nobody else wrote.
    """
    person_id = require_signed_in(actor)
    require(actor, Action.DRAFT_WRITE, Draft(person_id=person_id))
    expected.require_said()
    values = {
        "id": new_id(),
        "person_id": person_id,
        "key": key,
        "initiative_id": said.initiative_id,
        "space_id": said.space_id,
        "body": Jsonb(said.body),
        "at": now(),
        "version": expected.version,
    }
    rows = [] if expected.version == 0 else await fetch(db, _CHANGE, values)
    if not rows and (expected.version == 0 or expected.any_version):
        rows = await fetch(db, _MAKE, values)
    if rows:
        return DraftSaved(key=key, version=rows[0].version, saved_at=values["at"])
    return await _saved_already(db, actor, key, said, expected)


async def _saved_already(db: AsyncSession, actor: Actor, key: str, said: DraftIn, expected: Expected) -> DraftSaved:
    kept = await find_draft(db, actor, key)
    if kept is None and expected.version == 0:
        raise TooManyDrafts(f"Vous avez déjà {MOST} brouillons : supprimez ceux dont vous n’avez plus besoin.")
    if kept is not None and kept.version == (expected.version or 0) + 1 and kept.body == said.body:
        return DraftSaved(key=key, version=kept.version, saved_at=kept.saved_at)
    raise _moved(kept, expected, said.body)


def _moved(kept: DraftOut | None, expected: Expected, yours: dict[str, str] | None) -> DraftMoved:
    sentence = (
        "Ce brouillon a été enregistré depuis une autre page : comparez les deux versions et gardez celle qui convient."
        if kept
        else "Ce brouillon a été envoyé ou supprimé depuis une autre page : enregistrez-le de nouveau pour le garder."
    )
    facts: dict[str, Any] = {"current_version": kept.version if kept else 0, "your_version": expected.version}
    return DraftMoved(sentence, **facts, saved=kept.model_dump(mode="json") if kept else None, yours=yours)


async def discard(db: AsyncSession, actor: Actor, key: str, expected: Expected) -> None:
    """Throw one's draft away, or drop it once it was sent; NotFound when there is none."""
    require(actor, Action.DRAFT_WRITE, Draft(person_id=require_signed_in(actor)))
    kept = await get_draft(db, actor, key)
    if expected.version is None:
        expected.check(kept.version)
    gone = delete(Draft).where(Draft.person_id == actor.person_id, Draft.key == key).returning(Draft.version)
    if expected.version is not None:
        gone = gone.where(Draft.version == expected.version)
    if (await db.execute(gone)).first() is None:
        latest = await find_draft(db, actor, key)
        if latest is None:
            raise NotFound(MISSING)
        raise _moved(latest, expected, None)


async def forget(db: AsyncSession, actor: Actor, key: str) -> None:
    """Drop one's draft of what was just sent, if there is one, whatever its version: its words are where they belong."""
    require(actor, Action.DRAFT_WRITE, Draft(person_id=require_signed_in(actor)))
    await db.execute(delete(Draft).where(Draft.person_id == actor.person_id, Draft.key == key))


async def forget_drafts_before(db: AsyncSession, instant: datetime) -> int:
    """Delete the drafts that nobody touched since `instant` (the worker calls it); how many."""
    done = await db.execute(delete(Draft).where(Draft.saved_at < instant))
    return int(getattr(done, "rowcount", 0))
