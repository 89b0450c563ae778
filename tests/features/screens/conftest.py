"""Sessions to show, and the count of statements that a page makes."""

from __future__ import annotations

from tests.features.identity.conftest import statements
from tests.features.sessions.conftest import plan

__all__ = ["plan", "statements"]
