"""What a job is given, and how features say which jobs they have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database
from app.core.mail import Mailer
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Work:
    """Hands for a job. None of them holds a connection while nothing is asked of the database."""

    settings: Settings
    database: Database
    mailer: Mailer
    transaction: Callable[[], AbstractAsyncContextManager[AsyncSession]]
    """A session whose changes are committed when the block ends well."""


Run = Callable[..., Awaitable[None]]
"""A job: takes the `Work`, then by name what was put in the queue. It may run twice, and must bear it."""
Tidy = Callable[[Work], Awaitable[int]]
"""Deletes what has had its time, or counts again what changed; how many rows."""


def forgetting(forget_before: Callable[[AsyncSession, datetime], Awaitable[int]], kept: timedelta) -> Tidy:
    """Deletes, in one transaction, what has been there for longer than `kept`."""

    async def tidy(work: Work) -> int:
        async with work.transaction() as db:
            return await forget_before(db, now() - kept)

    return tidy


@dataclass(frozen=True, slots=True)
class Handlers:
    """What the worker does: composed in `app.wiring` from the features' `jobs` modules."""

    tasks: Mapping[str, Run] = field(default_factory=dict)
    reactions: Mapping[str, str] = field(default_factory=dict)
    """The verb of an event -> the task that it asks for, with `object_id`."""
    tidying: Mapping[str, Tidy] = field(default_factory=dict)
    """Run every hour."""
    counting: Mapping[str, Tidy] = field(default_factory=dict)
    """Run every minute: what is too long to count while somebody waits."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long, in seconds."""

    poll: float = 1.0
    """Between two looks at the events: what happened is acted upon within two seconds."""
    tidy: float = 3600.0
    count: float = 60.0
    heartbeat: float = 3.0
    stalled: float = 15.0
    """Without a heartbeat for this long, a worker is dead and its jobs are given to another."""
    stopping: float = 10.0
    """What a running job is given to end; then it is put back in the queue."""
    attempts: int = 8
    backoff: int = 3
    """Waits 3, 9, 27... seconds between attempts: about three hours in all, then the job is parked as `failed`."""
