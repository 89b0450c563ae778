"""What the worker does for deliverables: it counts what became of the contributions of large scopes."""

from __future__ import annotations

from app.core.clock import now
from app.features.deliverables.actions.count import count_scope, keep_count
from app.features.deliverables.queries.standing import list_to_count
from app.jobs.work import Work


async def count_scopes(work: Work) -> int:
    """Count again where something happened; no transaction is open while PostgreSQL counts."""
    async with work.database.reading() as read:
        stale = await list_to_count(read, now())
    for deliverable_id in stale:
        at = now()
        async with work.database.reading() as read:
            counted = await count_scope(read, deliverable_id, at)
        async with work.transaction() as db:
            await keep_count(db, counted)
    return len(stale)
