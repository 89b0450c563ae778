"""A database of its own for each test: the queue and the cursor of the worker belong to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.clock import now
from app.core.db import Database
from app.core.events import Audience, record
from app.core.mail import Mailer
from app.core.postgres.cluster import Urls
from app.features.identity.models import Invitation
from app.jobs.work import Handlers, Pace
from app.jobs.worker import run_worker
from app.policy.actor import Actor
from app.settings import Settings
from app.wiring import HANDLERS
from tests.world import organisation, person

QUICK = Pace(poll=0.05, heartbeat=0.2, stalled=1.0, stopping=0.5, attempts=3, backoff=0)


@dataclass
class Office:
    """An installation without a server: a database, a mail folder."""

    settings: Settings
    database: Database

    async def invite(self, *, quiet: bool = False) -> UUID:
        """An invitation and its event, as the action writes them."""
        house, lead = organisation("Association"), person("lead")
        async with self.database.sessions() as db:
            db.add_all([house, lead])
            await db.flush()
            end = (now() + timedelta(days=14)).replace(microsecond=0)
            made = Invitation(
                email="invitee@alliage.example",
                organisation_id=house.id,
                powers=["contributes"],
                invited_by=lead.id,
                expires_at=end,
            )
            db.add(made)
            await db.flush()
            actor = Actor(person_id=lead.id)
            record(db, actor, "invitation.sent", made, audience=Audience.ORGANISATION, quiet=quiet)
            await db.commit()
            return made.id

    def mails(self) -> list[EmailMessage]:
        """What was written in the folder."""
        files = sorted((self.settings.folder / "mail").glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    async def one(self, sql: str, **parameters: Any) -> Any:
        """The first column of the first row."""
        async with self.database.reading() as connection:
            return (await connection.execute(text(sql), parameters)).scalar()

    @asynccontextmanager
    async def working(
        self, handlers: Handlers = HANDLERS, *, mail: Mailer | None = None, pace: Pace = QUICK
    ) -> AsyncIterator[asyncio.Event]:
        """A worker for as long as the block lasts; setting what it yields stops it."""
        stop = asyncio.Event()
        task = asyncio.create_task(run_worker(self.settings, handlers, stop=stop, mail=mail, pace=pace))
        try:
            yield stop
        finally:
            stop.set()
            await asyncio.wait_for(task, 15)


@pytest.fixture
async def office(empty_database: Urls, tmp_path: Path) -> AsyncIterator[Office]:
    """An empty installation."""
    settings = Settings(_env_file=None, DATABASE_URL=empty_database.app, folder=tmp_path)
    database = Database(empty_database.app, pool_size=4)
    yield Office(settings, database)
    await database.close()


async def until(condition: Callable[[], Awaitable[Any]], seconds: float = 20) -> None:
    """Wait for `condition`; fail when it does not come."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is awaited happens in another process
            await asyncio.sleep(0.05)
