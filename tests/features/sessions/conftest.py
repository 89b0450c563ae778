"""Sessions to try things on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.features.sessions.models import Session, SessionState
from tests.world import World

Plan = Callable[..., Awaitable[UUID]]
START = datetime(2026, 4, 7, 12, tzinfo=UTC)


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
        )
        async with world.database.sessions() as db:
            db.add(session)
            await db.commit()
        return session.id

    return _plan
