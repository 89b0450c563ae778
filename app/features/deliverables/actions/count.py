"""Counting the scopes of deliverables beside the requests, for the pages of large ones."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.core.db import Handle
from app.features.deliverables.models import ScopeCount
from app.features.deliverables.queries.coverage import count_by_speaker
from app.features.deliverables.queries.gate import list_waiting

FIRST = 20
"""Contributions kept of those that wait, of each fate: what a page lists."""


async def count_scope(read: Handle, deliverable_id: UUID, at: datetime) -> dict[str, object]:
    """A row of `scope_counts`; two statements, of a second together at a hundred thousand contributions."""
    by_speaker = await count_by_speaker(read, deliverable_id)
    waiting = await list_waiting(read, deliverable_id, most=FIRST)
    return {
        "deliverable_id": deliverable_id,
        "counted_at": at,
        "in_scope": sum(it["in_scope"] for it in by_speaker),
        "by_speaker": by_speaker,
        "waiting": [one.statement_id for _, one in waiting],
    }


async def keep_count(db: Handle, counted: dict[str, object]) -> None:
    """Put it in the place of the former one, unless somebody counted later."""
    statement = insert(ScopeCount).values(counted)
    newer = {name: statement.excluded[name] for name in counted if name != "deliverable_id"}
    await db.execute(
        statement.on_conflict_do_update(
            index_elements=[ScopeCount.deliverable_id],
            set_=newer,
            where=ScopeCount.counted_at < statement.excluded.counted_at,
        )
    )
