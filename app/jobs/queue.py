"""Put jobs in the queue inside a transaction: they are there if it commits, and were never there if it does not.

The only module that knows the queue's SQL. Its function is part of the library's schema (migration 0004); a test
holds us to the signature.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

QUEUE = "default"

_DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(array_agg(
      ROW(:queue, j ->> 'task', 0, j ->> 'lock', NULL, j -> 'arguments', NULL)::procrastinate_job_to_defer_v1))
    FROM jsonb_array_elements(CAST(:jobs AS jsonb)) AS j
    """
)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do later: the name of a task, and ids and codes for it."""

    task: str
    arguments: dict[str, Any] = field(default_factory=dict)
    lock: str | None = None
    """Jobs that share a lock run one after the other."""


async def enqueue(db: AsyncSession | AsyncConnection, jobs: Sequence[Job]) -> list[int]:
    """The ids of the jobs, which wait for the commit of `db`'s transaction."""
    if not jobs:
        return []
    listed = [{"task": job.task, "arguments": job.arguments, "lock": job.lock} for job in jobs]
    ids = (await db.execute(_DEFER, {"queue": QUEUE, "jobs": json.dumps(listed)})).scalar_one()
    return list(ids)
