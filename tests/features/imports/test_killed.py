"""An import killed on the way, anywhere, and run again ends like one that nobody disturbed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest

from app.core.db import Database, driver_address
from app.core.postgres.cluster import Cluster, Urls
from app.core.postgres.roles import APP, OWNER
from app.features.imports.actions import run_import
from app.features.imports.command import OPERATOR
from tests.features.imports.conftest import SAMPLE
from tests.features.imports.contents import Contents, contents, wrong_counters

BATCH = 2
BLOCKED_AT = ("organisations", "revisions", "filings", "sources", "tallies")
"""Tables that are locked against the import, which is killed while it waits in the middle of a batch."""
LAST_WORDS = (("organisation", "o3"), ("contribution", "5"), ("reply", "5"), ("source", "2"))
"""External ids that hold the import back at the last statement of a batch, counters and audit being written."""

Fresh = Callable[[], Urls]


@pytest.fixture(scope="module")
def fresh(cluster: Cluster, template: str) -> Fresh:
    """Makes empty databases; they go with the cluster."""

    def make() -> Urls:
        name = f"killed_{uuid4().hex[:10]}"
        cluster.create_database(name, template)
        return Urls(owner=cluster.url(OWNER, name), app=cluster.url(APP, name))

    return make


@pytest.fixture(scope="module")
async def undisturbed(fresh: Fresh) -> Undisturbed:
    """The sample, imported without any trouble."""
    batches: list[str] = []
    async with opened(fresh()) as database:
        await run_import(
            database,
            OPERATOR,
            SAMPLE,
            SAMPLE / "mapping.yaml",
            batch_size=BATCH,
            progress=lambda kind, *_: batches.append(kind),
        )
        return Undisturbed(await contents(database), len(batches))


@dataclass(frozen=True)
class Undisturbed:
    """What the sample becomes, and in how many batches."""

    contents: Contents
    batches: int


@asynccontextmanager
async def opened(urls: Urls) -> AsyncIterator[Database]:
    """The application's engines on one of them."""
    database = Database(urls.app, pool_size=2)
    yield database
    await database.close()


async def start(urls: Urls, batches: int | None = None) -> asyncio.subprocess.Process:
    """An import in its own process, which kills itself after so many batches."""
    process = await loaded(urls, batches)
    begin(process)
    return process


def begin(process: asyncio.subprocess.Process) -> None:
    """Let an import that was loaded go."""
    assert process.stdin is not None
    process.stdin.write(b"\n")


async def loaded(urls: Urls, batches: int | None = None) -> asyncio.subprocess.Process:
    """An import that waits for `begin`: loading it takes seconds on a busy machine, nearly what a lock waits."""
    arguments = [urls.app, str(SAMPLE), str(SAMPLE / "mapping.yaml"), str(BATCH)]
    if batches is not None:
        arguments.append(str(batches))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.features.imports.interrupted", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def run_again(urls: Urls, expected: Contents) -> None:
    """Finish, and compare."""
    async with opened(urls) as database:
        assert await wrong_counters(database) == 0, "counters are right even before the second run"
        await run_import(database, OPERATOR, SAMPLE, SAMPLE / "mapping.yaml", batch_size=BATCH)
        found = await contents(database)
        assert found.counts == expected.counts
        assert found.digest == expected.digest
        assert await wrong_counters(database) == 0


async def test_killed_between_two_batches(fresh: Fresh, undisturbed: Undisturbed) -> None:
    assert undisturbed.batches > 12
    for after in (1, 6, 9, undisturbed.batches - 1):
        urls = fresh()
        process = await start(urls, after)
        said, _ = await process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert said.count(b"\n") == after
        async with opened(urls) as database:
            found = await contents(database)
        assert found.digest != undisturbed.contents.digest, "the kill was not in the middle"
        await run_again(urls, undisturbed.contents)


@pytest.mark.parametrize("table", BLOCKED_AT)
async def test_killed_in_the_middle_of_a_batch(fresh: Fresh, undisturbed: Undisturbed, table: str) -> None:
    await kill_behind(fresh(), f"LOCK TABLE {table} IN SHARE MODE", undisturbed.contents)


@pytest.mark.parametrize(("kind", "name"), LAST_WORDS)
async def test_killed_at_the_last_statement_of_a_batch(
    fresh: Fresh, undisturbed: Undisturbed, kind: str, name: str
) -> None:
    await kill_behind(fresh(), held_back(kind, name), undisturbed.contents)


def held_back(kind: str, name: str) -> str:
    """Uncommitted, it makes whoever writes the same external id wait."""
    columns = "(source, object_type, external_id, object_id, created_at)"
    return f"INSERT INTO external_refs {columns} VALUES ('sample', '{kind}', '{name}', gen_random_uuid(), now())"


async def kill_behind(urls: Urls, obstacle: str, expected: Contents) -> None:
    """Kill an import while it waits for a transaction of the owner that holds `obstacle`."""
    plain = driver_address(urls.owner)
    async with await psycopg.AsyncConnection.connect(plain) as owner:
        await owner.execute(obstacle.encode())
        process = await start(urls)
        await wait_until_blocked(plain)
        os.kill(process.pid, signal.SIGKILL)
        said, _ = await process.communicate()
        assert b"finished" not in said
        await owner.rollback()
    await wait_until_gone(plain)
    async with opened(urls) as database:
        assert (await contents(database)).digest != expected.digest
    await run_again(urls, expected)


async def wait_until_blocked(url: str, *, imports: int = 1) -> None:
    """Until the imports wait for the owner, or for one another, with rows of a batch written and not committed."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as watcher:
        for _ in range(200):
            rows = await watcher.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND cardinality(pg_blocking_pids(pid)) > 0"
            )
            if await rows.fetchone() == (imports,):
                return
            await asyncio.sleep(0.05)
    raise AssertionError("the import never waited")


async def wait_until_gone(url: str) -> None:
    """Until the server has noticed that the killed process is gone, and rolled its batch back."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as watcher:
        for _ in range(200):
            rows = await watcher.execute(
                "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            if not await rows.fetchone():
                return
            await asyncio.sleep(0.05)
    raise AssertionError("the killed import still holds its locks")


async def test_two_imports_at_once_make_one(fresh: Fresh, undisturbed: Undisturbed) -> None:
    urls = fresh()
    plain = driver_address(urls.owner)
    async with await psycopg.AsyncConnection.connect(plain) as owner:
        await owner.execute(held_back("person", "p1").encode())
        processes = [await loaded(urls) for _ in range(2)]
        for process in processes:
            begin(process)
        await wait_until_blocked(plain, imports=2)
        await owner.rollback()
        outcomes = [await process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert all(said.endswith(b"finished\n") for said, _ in outcomes)
    await run_again(urls, undisturbed.contents)
