"""A reader of events meets each one exactly once, also that of a slow transaction that a fast one overtook."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, select, text

from app.core.db import Database
from app.core.events import Audience, Event, advance, read_after

PATIENCE = 20.0
"""Seconds: a transaction of another test, in another database of the same server, holds the horizon back too."""


def happened(thing: UUID) -> Event:
    """An event about `thing`."""
    return Event(verb="tried.out", object_type="try", object_id=thing, audience=Audience.ADMINISTRATOR)


async def batch(database: Database, reader: str) -> Sequence[Row[Any]]:
    """What one turn of a reader reads; its cursor moves in the same transaction."""
    async with database.sessions() as db:
        rows = await read_after(db, reader)
        await advance(db, reader, rows)
        await db.commit()
        return rows


async def seen_by(database: Database, reader: str, thing: UUID, wanted: int) -> list[int]:
    """The ids about `thing` that the reader met, once it met `wanted` of them."""
    seen: list[int] = []
    end = time.monotonic() + PATIENCE
    while len(seen) < wanted and time.monotonic() < end:
        seen += [row.id for row in await batch(database, reader) if row.object_id == thing]
        await asyncio.sleep(0.02)
    return seen


async def test_a_slow_writer_that_a_fast_one_overtook_is_not_missed(database: Database) -> None:
    thing, reader = uuid4(), f"overtaken {uuid4()}"
    async with database.sessions() as slow, database.sessions() as fast:
        first, second = happened(thing), happened(thing)
        slow.add(first)
        await slow.flush()
        fast.add(second)
        await fast.commit()
        assert first.id < second.id

        by_id = select(Event.id).where(Event.object_id == thing).order_by(Event.id)
        async with database.reading() as connection:
            naive = list((await connection.execute(by_id)).scalars())
        early = [row.id for _ in range(3) for row in await batch(database, reader) if row.object_id == thing]
        await slow.commit()
    async with database.reading() as connection:
        late = list((await connection.execute(by_id.where(Event.id > naive[-1]))).scalars())
    # The negative control: whoever remembers the last id has passed the slow writer's event for ever.
    assert (naive, late) == ([second.id], [])
    assert early == []
    assert sorted(await seen_by(database, reader, thing, 2)) == [first.id, second.id]
    assert await seen_by(database, reader, thing, 0) == []


async def test_each_event_is_read_once_while_many_write(database: Database) -> None:
    chance, thing, reader = random.Random(7), uuid4(), f"many {uuid4()}"
    plans = [(chance.random() * 0.15, chance.random() < 0.2, chance.randint(1, 3)) for _ in range(60)]

    async def write(pause: float, gives_up: bool, count: int) -> list[int]:
        async with turns, database.sessions() as db:
            events = [happened(thing) for _ in range(count)]
            for event in events:
                db.add(event)
                await db.flush()
                await asyncio.sleep(pause / count)
            await (db.rollback() if gives_up else db.commit())
            return [] if gives_up else [event.id for event in events]

    async def read_until(done: asyncio.Event) -> list[int]:
        seen: list[int] = []
        while not done.is_set():
            seen += [row.id for row in await batch(database, reader) if row.object_id == thing]
        return seen

    turns, done = asyncio.Semaphore(3), asyncio.Event()
    reading = [asyncio.create_task(read_until(done)) for _ in range(2)]
    written = [number for ids in await asyncio.gather(*(write(*plan) for plan in plans)) for number in ids]
    done.set()
    seen = [number for ids in await asyncio.gather(*reading) for number in ids]
    seen += await seen_by(database, reader, thing, len(written) - len(seen))
    assert sorted(seen) == sorted(written)


async def test_a_turn_that_fails_is_read_again(database: Database) -> None:
    thing, reader = uuid4(), f"fails {uuid4()}"
    async with database.sessions() as db:
        db.add(happened(thing))
        await db.commit()
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        async with database.sessions() as db:
            rows = await read_after(db, reader)
            if any(row.object_id == thing for row in rows):
                await db.execute(text("SELECT 1"))
                await advance(db, reader, rows)
                await db.rollback()
                break
            await advance(db, reader, rows)
            await db.commit()
    assert len(await seen_by(database, reader, thing, 1)) == 1
