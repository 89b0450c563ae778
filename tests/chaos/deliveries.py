"""The same POST delivered several times at once, to two servers: one row, and the same bytes for everybody (R2)."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx
import psycopg

from app.core.db import driver_address
from tests.chaos.stage import Scene

KEPT = ("content-type", "etag", "location", "cache-control")
AT_ONCE = 6  # keys in flight together, each with all its deliveries
ATTEMPTS = 400
PAUSE = 0.1

Answer = tuple[int, bytes, tuple[str | None, ...]]


@dataclass
class Outcome:
    """What the deliveries were answered, and what is stored."""

    keys: list[str]
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    passing: Counter[int] = field(default_factory=Counter)
    """Answers that asked to be sent again: 409 while the same request runs, 503."""
    rows: int = 0

    @property
    def delivered(self) -> int:
        """Answers that settled a delivery."""
        return sum(len(answers) for answers in self.answers.values())

    @property
    def not_created(self) -> int:
        """Deliveries that were answered by anything else than 201."""
        return sum(answer[0] != 201 for answers in self.answers.values() for answer in answers)

    @property
    def divided(self) -> int:
        """Keys whose deliveries were not all answered the same status, bytes and headers."""
        return sum(len(set(answers)) != 1 for answers in self.answers.values())

    @property
    def clean(self) -> bool:
        """Whether each key made one row and one answer."""
        return not (self.not_created or self.divided) and self.rows == len(self.keys)

    def figures(self) -> dict[str, int]:
        """Everything worth printing."""
        return {
            "keys": len(self.keys),
            "deliveries": self.delivered,
            "told that the same request runs (409)": self.passing[409],
            "told to come back (503)": self.passing[503],
            "rows": self.rows,
            "keys answered differently": self.divided,
            "deliveries not answered 201": self.not_created,
        }


async def deliver(url: str, bases: list[str], scene: Scene, keys: int, copies: int = 5) -> Outcome:
    """Send `copies` of each of `keys` requests at once, in turn to each server, until all are settled."""
    outcome = Outcome([str(uuid4()) for _ in range(keys)])
    places = asyncio.Semaphore(AT_ONCE)
    headers = {"Authorization": f"Bearer {scene.token}"}
    async with httpx.AsyncClient(headers=headers, timeout=60) as client:

        async def one_key(key: str) -> None:
            async with places:
                targets = itertools.islice(itertools.cycle(bases), copies)
                outcome.answers[key] = await asyncio.gather(
                    *(_settle(client, base, scene.space_id, key, outcome.passing) for base in targets)
                )

        await asyncio.gather(*(one_key(key) for key in outcome.keys))
    outcome.rows = _rows(url, outcome.keys)
    return outcome


async def _settle(client: httpx.AsyncClient, base: str, space: UUID, key: str, passing: Counter[int]) -> Answer:
    """One delivery, sent again while it is asked to be."""
    body = {"space_id": str(space), "kind": "need", "title": f"Clé {key}", "markdown": f"Une seule fois : {key}."}
    for _ in range(ATTEMPTS):
        answer = await client.post(f"{base}/api/v1/contributions", json=body, headers={"Idempotency-Key": key})
        still_running = answer.status_code == 409 and answer.json()["type"] == "/problems/still-running"
        if not still_running and answer.status_code != 503:
            return answer.status_code, answer.content, tuple(answer.headers.get(name) for name in KEPT)
        passing[answer.status_code] += 1
        await asyncio.sleep(PAUSE)
    return answer.status_code, answer.content, ()


def _rows(url: str, keys: list[str]) -> int:
    titles = [f"Clé {key}" for key in keys]
    with psycopg.connect(driver_address(url), autocommit=True) as db:
        found = db.execute("SELECT count(*) FROM revisions WHERE title = ANY(%s)", [titles]).fetchone()
    assert found is not None
    return int(found[0])
