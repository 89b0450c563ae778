"""What a watcher is told: counts, on an address of their own, and never who or what."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.core.db import Database
from app.core.metrics import JOBS
from app.jobs.queue import Job, enqueue
from app.settings import Settings, UnsafeSettings
from app.web.metrics import Metrics, metrics_beside
from tests.world import World


@pytest.fixture
async def watcher(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Metrics(database)), base_url="http://watch") as client:
        yield client


async def read(watcher: httpx.AsyncClient) -> dict[str, float]:
    lines = (await watcher.get("/metrics")).text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


async def test_requests_are_counted_by_template_and_never_by_what_they_named(
    world: World, client: httpx.AsyncClient, watcher: httpx.AsyncClient
) -> None:
    series = 'alliage_request_seconds_count{method="GET",route="/api/v1/spaces/{space_id}",status="404"}'
    before = (await read(watcher)).get(series, 0)
    asked = uuid4()
    await client.get(f"/api/v1/spaces/{asked}")
    await client.get(f"/nowhere/{asked}", params={"secret": "alg_x"})
    await client.request("BREW", "/")
    after = await read(watcher)
    assert after[series] == before + 1
    shown = (await watcher.get("/metrics")).text
    assert 'method="other"' in shown
    assert "BREW" not in shown
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", shown)
    assert "alg_" not in shown
    assert "nowhere" not in shown
    assert "@" not in shown
    assert str(world.initiative.id) not in shown


async def test_the_process_and_its_connections_are_counted(watcher: httpx.AsyncClient, database: Database) -> None:
    async with database.reading():
        seen = await read(watcher)
    assert seen["process_cpu_seconds_total"] > 0
    assert seen["alliage_database_up"] == 1
    assert seen['alliage_database_connections{pool="transactions",state="allowed"}'] == 5
    assert seen['alliage_database_connections{pool="transactions",state="used"}'] >= 1
    lent = await database.lender.lend()
    assert (await read(watcher))['alliage_database_connections{pool="reads",state="used"}'] == 1
    await database.lender.take_back(lent)
    assert (await read(watcher))['alliage_database_connections{pool="reads",state="used"}'] == 0


async def test_the_queue_says_what_is_late_and_what_was_given_up(
    watcher: httpx.AsyncClient, database: Database
) -> None:
    before = await read(watcher)
    async with database.sessions.begin() as db:
        late, failed, _ = await enqueue(db, [Job("nothing"), Job("nothing"), Job("nothing")])
        await db.execute(
            text("UPDATE procrastinate_events SET at = now() - interval '10 minutes' WHERE job_id = :id"), {"id": late}
        )
        await db.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = :id"), {"id": failed})
    after = await read(watcher)
    assert {
        state: after[f'alliage_jobs_queued{{state="{state}"}}'] - before[f'alliage_jobs_queued{{state="{state}"}}']
        for state in ("todo", "doing", "failed", "late")
    } == {"todo": 2, "doing": 0, "failed": 1, "late": 1}
    assert 600 <= after["alliage_queue_age_seconds"] < 700
    async with database.sessions.begin() as db:
        await db.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'nothing'"))
    JOBS.labels("nothing", "done").inc()
    assert (await read(watcher))['alliage_jobs_total{outcome="done",task="nothing"}'] >= 1


async def test_a_database_that_is_away_is_said_and_the_rest_still_shown() -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:9/nothing", pool_size=2)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Metrics(away)), base_url="http://watch") as watcher:
        seen = await read(watcher)
    assert seen["alliage_database_up"] == 0
    assert seen["process_cpu_seconds_total"] > 0
    await away.close()


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


async def test_they_are_served_on_an_address_of_their_own(settings: Settings, app: FastAPI, database: Database) -> None:
    port = _free()
    there = settings.model_copy(update={"metrics_address": f"127.0.0.1:{port}"})
    async with metrics_beside(there, database), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as watcher:
        assert (await watcher.get("/metrics")).status_code == 200
        assert (await watcher.get("/")).status_code == 404
        assert (await watcher.post("/metrics")).status_code == 404
        with pytest.raises(UnsafeSettings, match="ALLIAGE_METRICS_ADDRESS"):
            async with metrics_beside(there, database):
                pass
    with socket.socket() as gone:
        assert gone.connect_ex(("127.0.0.1", port)) != 0


async def test_they_are_never_on_the_public_one(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).status_code == 404


@pytest.mark.parametrize("address", ["9464", ":9464", "127.0.0.1:", "127.0.0.1:port", "127.0.0.1:99999"])
def test_an_address_without_port_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:9464"):
        Settings(_env_file=None, metrics_address=address)
