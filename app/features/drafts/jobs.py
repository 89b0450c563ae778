"""What the worker does for drafts: it forgets what was left alone for half a year."""

from __future__ import annotations

from datetime import timedelta

from app.core.clock import now
from app.features.drafts.actions import forget_drafts_before
from app.jobs.work import Work

DRAFTS_KEPT = timedelta(days=180)
"""Since they were last saved. Until then they outlive whatever becomes of their space or of a mandate."""


async def forget_drafts(work: Work) -> int:
    """Delete the drafts that nobody touched for that long."""
    async with work.transaction() as db:
        return await forget_drafts_before(db, now() - DRAFTS_KEPT)
