"""What the worker does for drafts: it forgets what was left alone for half a year."""

from __future__ import annotations

from datetime import timedelta

from app.features.drafts.actions import forget_drafts_before
from app.jobs.work import forgetting

DRAFTS_KEPT = timedelta(days=180)
"""Since they were last saved. Until then they outlive whatever becomes of their space or of a mandate."""

forget_drafts = forgetting(forget_drafts_before, DRAFTS_KEPT)
