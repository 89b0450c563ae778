"""What the worker does for those who write at the same time."""

from __future__ import annotations

from datetime import timedelta

from app.features.live.actions import forget_presences_before
from app.jobs.work import forgetting

forget_presences = forgetting(forget_presences_before, timedelta(hours=1))
"""The presences that are long over."""
