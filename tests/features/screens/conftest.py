"""Sessions to show."""

from __future__ import annotations

from tests.features.sessions.conftest import plan

__all__ = ["plan"]
