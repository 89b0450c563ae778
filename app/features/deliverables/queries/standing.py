"""Where a deliverable stands, for its pages: counted now, or as it was lately counted where the scope is large.

What became of a hundred thousand contributions takes a second to count (`make bench-pages`), and nobody reads a page to
wait for it: the worker counts large scopes again when something happened, and the pages say at what time.
Publishing never asks here: it counts under its lock (`publication_gate`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.core.events import Event
from app.features.deliverables.models import Fate, ScopeCount
from app.features.deliverables.queries.coverage import get_counted_coverage, get_coverage
from app.features.deliverables.queries.fates import D
from app.features.deliverables.queries.gate import Gate, count_fates, gate_of, list_waiting, publication_gate
from app.features.deliverables.schemas.fates import CoverageOut
from app.policy.actor import Actor

K: FromClause = ScopeCount.__table__
EV: FromClause = Event.__table__

LARGE = 5_000
"""Contributions in a scope above which pages show the kept count: fewer are counted while one waits."""
SETTLED = timedelta(minutes=1)
"""What was recorded before a count may have been committed after it, by so much at most."""
STALE = timedelta(hours=1)
"""A scope of any size is counted again after this long: one that was small may have grown."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The gate and the coverage of one deliverable."""

    gate: Gate
    coverage: CoverageOut
    counted_at: datetime | None
    """When contributions were counted; None for just now. Citations and waivers are always today's."""


async def get_standing(read: Handle, actor: Actor, deliverable_id: UUID) -> Standing:
    """What refuses the next edition and who is heard, or NotFound; at most seven statements."""
    kept = await _find_kept(read, deliverable_id)
    if kept is None:
        coverage = await get_coverage(read, actor, deliverable_id)
        return Standing(await publication_gate(read, deliverable_id), coverage, None)
    coverage = await get_counted_coverage(read, actor, deliverable_id, kept.by_speaker)
    waiting = await list_waiting(read, deliverable_id, among=kept.waiting)
    return Standing(await gate_of(read, deliverable_id, _by_fate(kept), waiting), coverage, kept.counted_at)


async def count_waiting(read: Handle, deliverable_id: UUID) -> tuple[int, datetime | None]:
    """How many contributions wait for a decision, and when they were counted; None for just now."""
    kept = await _find_kept(read, deliverable_id)
    counts = await count_fates(read, deliverable_id) if kept is None else _by_fate(kept)
    return counts[Fate.UNTREATED] + counts[Fate.OUTDATED], kept.counted_at if kept else None


async def _find_kept(read: Handle, deliverable_id: UUID) -> Any:
    """The kept count of a large scope; None where counting is quick, or nobody counted yet."""
    question = select(K).where(K.c.deliverable_id == deliverable_id, K.c.in_scope > LARGE)
    return (await read.execute(question)).first()


def _by_fate(kept: Any) -> dict[Fate, int]:
    return {fate: sum(it[fate.value] for it in kept.by_speaker) for fate in Fate}


async def list_to_count(read: Handle, at: datetime) -> list[UUID]:
    """The deliverables whose contributions have to be counted, never counted first."""
    newest = (
        select(EV.c.at).where(EV.c.initiative_id == D.c.initiative_id).order_by(EV.c.id.desc()).limit(1)
    ).scalar_subquery()
    question = (
        select(D.c.id)
        .outerjoin(K, K.c.deliverable_id == D.c.id)
        .where(
            or_(
                K.c.deliverable_id.is_(None),
                (newest > K.c.counted_at - SETTLED) & or_(K.c.in_scope > LARGE, K.c.counted_at < at - STALE),
            )
        )
        .order_by(K.c.counted_at.nulls_first(), D.c.id)
    )
    return [row.id for row in await read.execute(question)]
