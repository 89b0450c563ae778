"""What an address says, where junk says nothing: an address is often typed, cut or copied."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TypeVar
from uuid import UUID

from fastapi import Request

from app.core.clock import now
from app.web.wording import PARIS

Asked = TypeVar("Asked")
LONGEST = 1_000
"""Characters that are read of one parameter: a cursor is the longest."""


def asked_in(request: Request, shape: type[Asked]) -> Asked:
    """What the address asks for, as `shape`: a dataclass with slots, all of whose fields are texts, "" where nothing is said."""
    names: tuple[str, ...] = getattr(shape, "__slots__", ())
    return shape(**{name: request.query_params.get(name, "")[:LONGEST] for name in names})


def id_in(said: str) -> UUID | None:
    """The id that it is."""
    try:
        return UUID(said)
    except ValueError:
        return None


def day_in(said: str, *, end: bool = False) -> datetime | None:
    """The first or the last instant, in Paris, of the day that a date field sends: from 1901, and at most ten years ahead."""
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return None
    if not 1900 < day.year <= now().year + 10:
        return None
    return datetime.combine(day, time.max if end else time.min, PARIS)
