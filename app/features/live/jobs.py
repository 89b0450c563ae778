"""What the worker does for those who write at the same time."""

from __future__ import annotations

from datetime import timedelta

from app.core.clock import now
from app.features.live.actions import forget_presences_before
from app.jobs.work import Work

KEPT = timedelta(hours=1)


async def forget_presences(work: Work) -> int:
    """Delete the presences that are long over."""
    async with work.transaction() as db:
        return await forget_presences_before(db, now() - KEPT)
