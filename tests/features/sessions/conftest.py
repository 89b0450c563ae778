"""Sessions to try things on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.core.clock import now
from app.features.sessions.models import Session, SessionState
from tests.climbing import call
from tests.world import World

Plan = Callable[..., Awaitable[UUID]]
START = datetime(2026, 4, 7, 12, tzinfo=UTC)
TOMORROW = (now() - START).days + 2
"""Days after START: the mandates and the memberships of the world run then."""


@pytest.fixture
def plan(world: World) -> Plan:
    """Write a session of the restricted space (or a plenary), as a row; its id."""
    numbers = iter(range(1, 1000))

    async def _plan(state: SessionState = SessionState.PLANNED, *, plenary: bool = False, days: int = 0) -> UUID:
        starts_at = START + timedelta(days=days)
        session = Session(
            initiative_id=world.initiative.id,
            space_id=None if plenary else world.restricted.id,
            number=next(numbers),
            title="Tour de table",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            state=state,
            minutes_until=now() + timedelta(days=7) if state == SessionState.MINUTES_OPEN else None,
        )
        async with world.database.sessions() as db:
            db.add(session)
            await db.commit()
        return session.id

    return _plan


async def made(world: World, who: str, path: str, body: Any = None) -> Any:
    """What a POST made."""
    answer = await call(world, who, "POST", path, body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def items(world: World, who: str, path: str) -> list[Any]:
    """The items of a list."""
    answer = await call(world, who, "GET", path)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["items"]
    return found


async def move_to(world: World, session_id: UUID, state: SessionState) -> None:
    """Put the session in a state, as a row."""
    async with world.database.sessions() as db:
        session = await db.get_one(Session, session_id)
        session.state = state
        session.minutes_until = now() + timedelta(days=7) if state == SessionState.MINUTES_OPEN else None
        await db.commit()
