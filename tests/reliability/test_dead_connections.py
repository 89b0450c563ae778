"""Connections that the server ended: reads go on unseen, writes are told 503 a few times at most, nothing hangs."""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text

from app.core import lending
from app.core.db import Database, Reader, driver_address
from app.core.errors import Unavailable
from app.core.lending import Lender
from tests.world import World

MANY = 12


async def end_every_connection(database: Database) -> int:
    """The server ends every connection to this database but the one that asks; how many."""
    async with database.sessions() as db:
        ended = await db.execute(
            text(
                "SELECT count(*) FROM (SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()) ended"
            )
        )
        return int(ended.scalar_one())


def plain_url(database: Database) -> str:
    return driver_address(database.url)


async def warm(world: World) -> str:
    """Both pools hold several connections; the address that was read."""
    client = await world.client("participant")
    path = f"/api/v1/contributions?space_id={world.restricted.id}"
    answers = await asyncio.gather(*(client.get(path) for _ in range(MANY)), *(client.get("/readyz") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    return path


async def test_reads_do_not_see_that_their_connections_died(world: World) -> None:
    path = await warm(world)
    assert await end_every_connection(world.database) >= 2
    client = await world.client("participant")
    answers = await asyncio.gather(*(client.get(path) for _ in range(MANY)))
    assert {answer.status_code for answer in answers} == {200}


async def test_statements_that_only_read_are_asked_again_on_a_new_connection(database: Database) -> None:
    reader = Reader(database)
    before = (await reader.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    await end_every_connection(database)
    after = (await reader.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    await reader.release()
    assert before != after


async def test_writes_meet_each_dead_connection_once_at_most_and_are_told_503(world: World) -> None:
    await warm(world)
    await end_every_connection(world.database)
    body = {"space_id": str(world.restricted.id), "kind": "need", "title": "Après la coupure", "markdown": "Des mots."}
    client = await world.client("participant")
    statuses: list[int] = []
    while 201 not in statuses:
        answer = await client.post("/api/v1/contributions", json=body, headers={"Idempotency-Key": str(uuid4())})
        statuses.append(answer.status_code)
        if answer.status_code != 201:
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"]
        assert len(statuses) <= 6, statuses


async def test_a_connection_in_the_middle_of_something_is_not_lent_again(database: Database) -> None:
    lender = Lender(plain_url(database), 2, autocommit=True)
    connection = await lender.lend()
    await connection.set_autocommit(False)
    await connection.execute("SELECT 1")
    await lender.take_back(connection)
    assert connection.closed
    again = await lender.lend()
    assert again is not connection
    await lender.take_back(again)
    await lender.close()


async def test_a_request_is_told_at_once_that_nobody_answers() -> None:
    lender = Lender("postgresql://alliage_app@/nothing?host=/nowhere-at-all", 1, connect_timeout=5)
    began = time.monotonic()
    for _ in range(3):  # its place is given back each time, or the second one would wait
        with pytest.raises(psycopg.OperationalError):
            await lender.lend()
    assert time.monotonic() - began < 2


async def test_a_request_that_finds_every_connection_taken_is_told_503(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lending, "PATIENCE", 0.2)
    lender = Lender(plain_url(database), 1)
    held = await lender.lend()
    with pytest.raises(Unavailable):
        await lender.lend()
    waiting = asyncio.create_task(lender.lend())
    await asyncio.sleep(0.05)
    await lender.take_back(held)
    await lender.discard(await waiting)
