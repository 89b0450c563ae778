"""A dump that is restored into another cluster: its readers of events miss none, and meet none twice."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.core.db import Database
from app.core.events import advance, read_after
from app.core.postgres.binaries import find_binaries
from app.core.postgres.cluster import Cluster, Urls
from app.core.postgres.roles import APP, OWNER
from app.features.checks.queries import CURSORS
from tests.core.test_events import batch, happened, seen_by

READER = "mail"


async def write(database: Database, thing: UUID, count: int) -> list[int]:
    """That many events about `thing`, each in a transaction of its own."""
    ids = []
    for _ in range(count):
        async with database.sessions() as db:
            event = happened(thing)
            db.add(event)
            await db.flush()
            ids.append(event.id)
            await db.commit()
    return ids


async def spend(database: Database, count: int) -> None:
    """Take `count` transaction numbers."""
    async with database.writer.connect() as connection:
        for _ in range(count):
            await connection.execute(text("SELECT pg_current_xact_id()"))
            await connection.commit()


async def ahead(database: Database) -> list[str]:
    """The readers that `alliage check` names."""
    async with database.reading() as connection:
        return list((await connection.execute(text(f"SELECT id FROM ({CURSORS}) c WHERE wrong"))).scalars())


async def run(program: str, url: str, *arguments: str) -> None:
    """A program of PostgreSQL, on the database of a URL."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    path = shutil.which(program, path=str(find_binaries()))
    if path is None:
        pytest.skip(f"{program} is not among the programs of PostgreSQL here")
    process = await asyncio.create_subprocess_exec(
        path, *arguments, "-d", plain, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()[-2000:]


@pytest.fixture
async def source(empty_database: Urls) -> AsyncIterator[Database]:
    """An installation whose transaction numbers are far ahead of those of a new cluster."""
    database = Database(empty_database.app)
    await spend(database, 3_000)
    yield database
    await database.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder that PostgreSQL's account may enter."""
    path = Path(tempfile.mkdtemp(prefix="alg-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
async def elsewhere(
    source: Database, empty_database: Urls, folder: Path
) -> AsyncIterator[tuple[Database, UUID, list[int]]]:
    """Its dump in a new cluster: ten events were dealt with, five were not yet."""
    thing = uuid4()
    done = await write(source, thing, 10)
    assert sorted(await seen_by(source, READER, thing, 10)) == done
    left = await write(source, thing, 5)
    dump = folder / "dump.sql"
    await run("pg_dump", empty_database.owner, "--no-owner", "--file", str(dump))
    cluster = Cluster(folder / "pg", state=folder / "state")
    try:
        cluster.start()
        cluster.create_database("restored")
        await run("psql", cluster.url(OWNER, "restored"), "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dump))
        database = Database(cluster.url(APP, "restored"))
        yield database, thing, left
        await database.close()
    finally:
        cluster.remove()


async def test_a_restored_dump_loses_no_event_and_gives_none_twice(
    elsewhere: tuple[Database, UUID, list[int]],
) -> None:
    database, thing, left = elsewhere
    assert await ahead(database) == [READER]
    since = await write(database, thing, 3)  # before the worker has found its place
    async with database.sessions() as db:
        # The turn that finds its place fails: nothing is remembered, and the next one does it again.
        assert {row.id for row in await read_after(db, READER)} == {*left, *since}
        await db.rollback()
    assert sorted(row.id for row in await batch(database, READER)) == left + since
    assert await ahead(database) == []
    later = await write(database, thing, 4)
    assert sorted(await seen_by(database, READER, thing, 4)) == later
    # The new cluster comes to the numbers of the old one, which its events still bear: they were dealt with.
    async with database.reading() as connection:
        oldest = text("SELECT max(xid::text::bigint) FROM events")
        old = int((await connection.execute(oldest)).scalar_one())
        now = int((await connection.execute(text("SELECT pg_current_xact_id()::text::bigint"))).scalar_one())
    assert old > now, "the old cluster was ahead: the control of this test"
    await spend(database, old - now + 2)
    last = await write(database, thing, 2)
    assert sorted(await seen_by(database, READER, thing, 2)) == last
    assert await seen_by(database, READER, thing, 0) == []


async def test_two_workers_find_the_place_once(source: Database) -> None:
    """The cursor says another cluster; two workers turn at once, and give each event once between them."""
    thing = uuid4()
    done = await write(source, thing, 3)
    assert sorted(await seen_by(source, READER, thing, 3)) == done
    left = await write(source, thing, 3)
    async with source.sessions() as db:
        await db.execute(text("UPDATE event_cursors SET cluster = 1, xid = xid + 1000000000 WHERE reader = 'mail'"))
        await db.commit()
    turns = await asyncio.gather(*(batch(source, READER) for _ in range(4)))
    assert sorted(row.id for rows in turns for row in rows) == left
    async with source.sessions() as db:
        await advance(db, READER, [])
        assert not await read_after(db, READER)
