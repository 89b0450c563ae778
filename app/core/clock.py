"""The one clock: every instant the application writes comes from `now`, so that tests can set it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_fixed: datetime | None = None


def now() -> datetime:
    """The present instant, in UTC with its zone."""
    return _fixed or datetime.now(UTC)  # noqa: TID251 - the one place that may


@contextmanager
def stopped_at(instant: datetime) -> Iterator[None]:
    """Hold the clock at `instant` (tests, and demonstration data that happened in 2020)."""
    global _fixed  # noqa: PLW0603 - one clock a process is the point
    before, _fixed = _fixed, instant
    try:
        yield
    finally:
        _fixed = before
