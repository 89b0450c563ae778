"""Closing a space, locking a session or closing an initiative while posts fly: each is stored, or told 409.

No luck is needed: a post is held between its look at the state and its commit, and whoever closes must wait
for it. The same without FOR KEY SHARE is the negative control: the post lands after the closing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.features.initiatives.models import Initiative
from app.features.sessions.models import Session
from app.features.spaces.models import Space
from app.features.statements.actions import spine, submit
from tests.world import World

FLYING = 50
PATH = "/api/v1/contributions"


@dataclass
class Door:
    """What may be closed: its address, who posts to it, and its row."""

    name: str
    close: str
    row: Any
    closed: str
    fields: dict[str, str]


async def make_door(world: World, name: str) -> Door:
    """One of the three, open."""
    if name == "space":
        return Door(name, f"/api/v1/spaces/{world.shared.id}/close", world.shared, "closed", {})
    if name == "initiative":
        return Door(name, f"/api/v1/initiatives/{world.initiative.id}/close", world.initiative, "closed", {})
    session = Session(
        initiative_id=world.initiative.id,
        space_id=world.shared.id,
        number=1,
        title="Séance d’essai",
        starts_at=now() - timedelta(hours=2),
        ends_at=now() - timedelta(hours=1),
        state="held",
    )
    async with world.database.sessions() as db:
        db.add(session)
        await db.commit()
    address = f"/api/v1/sessions/{session.id}/lock"
    return Door(name, address, session, "locked", {"session_id": str(session.id)})


DOORS = pytest.mark.parametrize("name", ["space", "session", "initiative"])
MODELS: dict[str, Any] = {"space": Space, "session": Session, "initiative": Initiative}
TYPES = {
    "space": {"/problems/space-closed"},
    "session": {"/problems/session-locked"},
    "initiative": {"/problems/initiative-closed"},
}


async def post(world: World, door: Door) -> httpx.Response:
    client = await world.client("participant")
    body = {
        "space_id": str(world.shared.id),
        "kind": "need",
        "title": f"En vol {uuid4()}",
        "markdown": "Il manque deux mois de trésorerie.",
        **door.fields,
    }
    return await client.post(PATH, json=body, headers={"Idempotency-Key": str(uuid4())})


async def close(world: World, door: Door) -> httpx.Response:
    client = await world.client("copilot")
    return await client.post(door.close, headers={"If-Match": "*", "Idempotency-Key": str(uuid4())})


async def stored(world: World) -> set[UUID]:
    """What is committed in the space."""
    async with world.database.reading() as connection:
        found = await connection.execute(
            text("SELECT id FROM statements WHERE space_id = :space"), {"space": world.shared.id}
        )
        return set(found.scalars())


async def until_somebody_waits(world: World) -> None:
    """Until a transaction of this database waits for another."""
    question = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(300):
        async with world.database.reading() as connection:
            if (await connection.execute(question)).scalar_one():
                return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waits")


class Barrier:
    """Holds a post once it has looked at the state of its place, before it has written anything."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()
        checked = spine.check_tags

        async def held(*args: Any) -> Any:
            self.reached.set()
            await self.go_on.wait()
            return await checked(*args)

        monkeypatch.setattr(submit, "check_tags", held)


@DOORS
async def test_fifty_posts_in_flight_are_stored_or_told_409(world: World, name: str) -> None:
    door = await make_door(world, name)
    waves = [asyncio.create_task(post(world, door)) for _ in range(FLYING // 2)]
    await asyncio.wait(waves, return_when=asyncio.FIRST_COMPLETED)
    closing = asyncio.create_task(close(world, door))
    waves += [asyncio.create_task(post(world, door)) for _ in range(FLYING // 2 - 5)]
    assert (closed := await closing).status_code == 200, closed.text
    when_closed = await stored(world)
    waves += [asyncio.create_task(post(world, door)) for _ in range(5)]
    answers = await asyncio.gather(*waves)
    kept = {UUID(answer.json()["id"]) for answer in answers if answer.status_code == 201}
    refused = [answer for answer in answers if answer.status_code != 201]
    assert {answer.status_code for answer in refused} == {409}, [answer.text for answer in refused]
    assert {answer.json()["type"] for answer in refused} <= TYPES[name]
    assert kept, "no post came before the closing: nothing was tried"
    assert len(refused) >= 5
    assert kept == await stored(world)
    assert kept == when_closed, "a post landed after the closing was acknowledged"


@DOORS
async def test_closing_waits_for_a_post_that_has_looked(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, barrier = await make_door(world, name), Barrier(monkeypatch)
    posting = asyncio.create_task(post(world, door))
    await barrier.reached.wait()
    closing = asyncio.create_task(close(world, door))
    await until_somebody_waits(world)
    assert not closing.done()
    barrier.go_on.set()
    answer, closed = await asyncio.gather(posting, closing)
    assert (answer.status_code, closed.status_code) == (201, 200), (answer.text, closed.text)
    assert await stored(world) == {UUID(answer.json()["id"])}


@DOORS
async def test_a_post_waits_for_a_closing_and_is_told_409(world: World, name: str) -> None:
    door = await make_door(world, name)
    async with world.database.sessions() as db:
        await _close_row(db, door)
        posting = asyncio.create_task(post(world, door))
        await until_somebody_waits(world)
        assert not posting.done()
        await db.commit()
    answer = await posting
    assert answer.status_code == 409, answer.text
    assert answer.json()["type"] in TYPES[name]
    assert await stored(world) == set()


async def _close_row(db: AsyncSession, door: Door) -> None:
    """What the action does, not yet committed."""
    model = MODELS[door.name]
    await db.execute(text(f"SELECT 1 FROM {model.__tablename__} WHERE id = :id FOR UPDATE"), {"id": door.row.id})
    await db.execute(update(model).where(model.id == door.row.id).values(state=door.closed))


def take_the_lock_away(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whoever posts looks at the state of its place and holds nothing; the statements that were changed."""
    execute, changed = psycopg.AsyncCursor.execute, []

    async def unlocked(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        written = query.decode() if isinstance(query, bytes) else query
        if isinstance(written, str) and "FOR KEY SHARE" in written:
            query = written.replace("FOR KEY SHARE", "")
            changed.append(query)
        return await execute(self, query, *args, **more)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", unlocked)
    return changed


@DOORS
async def test_control_without_the_lock_a_post_lands_after_the_closing(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, barrier = await make_door(world, name), Barrier(monkeypatch)
    changed = take_the_lock_away(monkeypatch)
    posting = asyncio.create_task(post(world, door))
    await barrier.reached.wait()
    assert changed
    closed = await close(world, door)
    assert closed.status_code == 200, closed.text
    when_closed = await stored(world)
    barrier.go_on.set()
    answer = await posting
    assert answer.status_code == 201, answer.text
    assert len(await stored(world) - when_closed) == 1, "the damage that the lock prevents"
