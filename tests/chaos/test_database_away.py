"""PostgreSQL is stopped for some seconds under load: everybody is told to come back, and may soon after it is there."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import pytest

from app.core.postgres.cluster import Cluster
from tests.chaos.run import own_cluster
from tests.chaos.stage import Scene, Server, set_scene

AWAY = 4.0
WORKERS = 4  # of each kind
BACK_WITHIN = 10.0


@dataclass
class Load:
    """Reads and writes without end, and what they were answered."""

    base_url: str
    scene: Scene
    answers: list[tuple[str, float, float, int, str | None]] = field(default_factory=list)
    """Kind, sent, answered, status (0: no answer at all), Retry-After."""
    stopping: bool = False

    async def work(self, kind: str) -> None:
        """Ask until told to stop."""
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {self.scene.token}"}, timeout=30) as client:
            while not self.stopping:
                sent = time.monotonic()
                try:
                    answer = await (self._write(client) if kind == "write" else self._read(client))
                    status, retry = answer.status_code, answer.headers.get("retry-after")
                except httpx.TransportError:
                    status, retry = 0, None
                self.answers.append((kind, sent, time.monotonic(), status, retry))
                await asyncio.sleep(0.02)

    async def _read(self, client: httpx.AsyncClient) -> httpx.Response:
        address = f"{self.base_url}/api/v1/contributions"
        return await client.get(address, params={"space_id": str(self.scene.space_id)})

    async def _write(self, client: httpx.AsyncClient) -> httpx.Response:
        body = {
            "space_id": str(self.scene.space_id),
            "kind": "need",
            "title": f"Pendant la panne {uuid4()}",
            "markdown": "Il manque deux mois de trésorerie.",
        }
        headers = {"Idempotency-Key": str(uuid4())}
        return await client.post(f"{self.base_url}/api/v1/contributions", json=body, headers=headers)

    def first_good(self, kind: str, since: float) -> float | None:
        """When the first request of this kind that was sent after `since` succeeded."""
        return min((end for k, sent, end, status, _ in self.answers if k == kind and sent > since and 200 <= status < 300),
                   default=None)  # fmt: skip


@dataclass(frozen=True)
class Absence:
    """When the database had stopped, when it was told to start again, and when it was back."""

    gone: float
    called: float
    back: float


async def take_away(cluster: Cluster, load: Load) -> Absence:
    """Stop PostgreSQL under load, and bring it back."""
    workers = [asyncio.create_task(load.work(kind)) for kind in ("read", "write") for _ in range(WORKERS)]
    await _until(lambda: len(load.answers) >= 50, 30)
    await asyncio.to_thread(cluster.stop)
    gone = time.monotonic()
    await asyncio.sleep(AWAY)
    called = time.monotonic()
    await asyncio.to_thread(cluster.start)
    back = time.monotonic()
    await _until(lambda: all(load.first_good(kind, back) for kind in ("read", "write")), BACK_WITHIN)
    await asyncio.sleep(2)
    load.stopping = True
    await asyncio.gather(*workers)
    return Absence(gone, called, back)


async def _until(met: Callable[[], bool], patience: float) -> None:
    for _ in range(int(patience / 0.1)):
        if met():
            return
        await asyncio.sleep(0.1)


@pytest.mark.timeout(240)
def test_an_absence_of_the_database_is_503_and_ends_with_it() -> None:
    with own_cluster() as (cluster, folder):
        scene = asyncio.run(set_scene(cluster.urls.app))
        with Server(cluster.urls.app, folder) as server:
            load = Load(server.base_url, scene)
            away = asyncio.run(take_away(cluster, load))
    statuses = Counter(status for *_, status, _ in load.answers)
    assert set(statuses) <= {200, 201, 503}, statuses
    assert statuses[503] >= WORKERS, "nobody noticed: nothing was tried"
    assert all(retry for *_, status, retry in load.answers if status == 503)
    assert not [kind for kind, sent, end, status, _ in load.answers
                if status < 300 and sent > away.gone and end < away.called]  # fmt: skip
    for kind in ("read", "write"):
        good = load.first_good(kind, away.back)
        assert good is not None, f"no good {kind} in {BACK_WITHIN} s"
        assert good - away.back < BACK_WITHIN
    slowest = max(end - sent for _, sent, end, _, _ in load.answers)
    assert slowest < 15, "a request hung"
    # Every connection of both pools has been met and replaced: nothing is left to stumble over.
    late = [status for _, sent, _, status, _ in load.answers if sent > load.answers[-1][1] - 1.0]
    assert set(late) <= {200, 201}, Counter(late)
